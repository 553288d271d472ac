#include "lib/store/network_json/network_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/os/paths.h"
#include "lib/record/space.h"
#include "lib/store/network_json/folder.h"
#include "lib/store/unified_json/mark_text.h"
#include "lib/store/unified_json/space_files.h"

namespace rollproof::store::network_json {

namespace {

using unified_json::Part;
using unified_json::SpaceFiles;

constexpr std::string_view kEmptyStoreSpace = "other";
constexpr const char* kHint = "Correct it, or move it out of the folder if it does not belong to the networks; nothing was changed.";

class NetworkStore final : public unified_json::JsonStore {
 public:
  using JsonStore::JsonStore;

  // `left`: files that the last mark does not name, so an interrupted session has made or kept them.
  Status take(const Folder& folder, const std::set<std::string>& left = {}) {
    names_ = folder.names;
    for (const auto& [name, indexed] : folder.networks) {
      NetworkFile& file = add_file(indexed->facts().chain, name);
      left.contains(name) ? file.take_left(indexed) : file.take(indexed);
    }
    for (const std::string& space : folder.sides) ROLLPROOF_TRY(side(space).read_file());
    return {};
  }

  // The records that are in a network file and beside it: an interrupted fold leaves them.
  Result<std::vector<Inspection::Problem>> find_doubles() {
    std::vector<Inspection::Problem> found;
    for (auto& [space, part] : sides_) {
      const auto chain = record::chain_of_space(space);
      if (!chain) continue;
      const auto walker = part.walk();
      Entry entry;
      for (;;) {
        ROLLPROOF_ASSIGN(const bool more, walker->next(entry));
        if (!more) break;
        for (const auto& file : networks_[*chain]) {
          if (file->indexed()->find(entry.place) == nullptr) continue;
          found.push_back({file->file_name(), fmt::format("{} is in {} too", entry.place.key.substr(0, 200), part.file_name()), true});
        }
      }
    }
    return found;
  }

  // What is beside counts; the other one goes with the next fold.
  Status settle_doubles() {
    for (auto& [space, part] : sides_) {
      const auto walker = part.walk();
      Entry entry;
      for (;;) {
        ROLLPROOF_ASSIGN(const bool more, walker->next(entry));
        if (!more) break;
        ROLLPROOF_TRY(remove_from_networks(entry.place));
      }
    }
    return {};
  }

 private:
  std::vector<std::vector<Part*>> stages() override {
    std::vector<Part*> sides, files;
    for (auto& [space, part] : sides_) sides.push_back(&part);
    for (auto& [chain, of_chain] : networks_) {
      for (const auto& file : of_chain) files.push_back(file.get());
    }
    return {std::move(sides), std::move(files)};
  }

  Part& marker() override { return side(std::string(kEmptyStoreSpace)); }

  Result<std::optional<std::string>> find(const Place& place) override {
    const record::Space space = record::space_of(place.key);
    if (const auto beside = sides_.find(space.name); beside != sides_.end()) {
      ROLLPROOF_ASSIGN(auto value, beside->second.get(place));
      if (value) return value;
    }
    if (!space.chain || !networks_.contains(*space.chain)) return std::nullopt;
    for (const auto& file : networks_.at(*space.chain)) {
      ROLLPROOF_ASSIGN(auto value, file->get(place));
      if (value) return value;
    }
    return std::nullopt;
  }

  Status change(const record::Change& change) override {
    const Place place = unified_json::place_of(change.key);
    const record::Space space = record::space_of(change.key);
    const bool put = change.kind == record::Change::Kind::put;
    const bool in_file = put && fits(change.key, change.value);
    if (!in_file) ROLLPROOF_TRY(remove_from_networks(place));
    if (put && !in_file) {
      side(space.name).change(place, std::make_shared<const std::string>(change.value), overlay_bytes_);
      return {};
    }
    if (const auto beside = sides_.find(space.name); beside != sides_.end()) {
      ROLLPROOF_ASSIGN(const bool known, beside->second.knows(place));
      if (known) beside->second.change(place, nullptr, overlay_bytes_);
    }
    if (!put) return {};
    ROLLPROOF_ASSIGN(NetworkFile * file, file_for(*space.chain, place));
    file->change(place, std::make_shared<const std::string>(change.value), overlay_bytes_);
    return {};
  }

  // A record that goes from beside into a network file must be in one of them at every moment, also while another one goes the other way.
  Status before_fold() override {
    bool renamed = false;
    for (auto& [space, part] : sides_) {
      const auto chain = record::chain_of_space(space);
      if (!chain || !part.changed() || !part.has_file()) continue;
      for (const auto& file : networks_[*chain]) {
        if (!file->changed()) continue;
        ROLLPROOF_ASSIGN(const bool one, file->fold_puts());
        renamed = renamed || one;
      }
    }
    return renamed ? files_.sync_directory(directory_) : Status{};
  }

  Status remove_from_networks(const Place& place) {
    const auto chain = record::space_of(place.key).chain;
    if (!chain || !networks_.contains(*chain)) return {};
    for (const auto& file : networks_.at(*chain)) {
      ROLLPROOF_ASSIGN(const bool known, file->knows(place));
      if (known) file->change(place, nullptr, overlay_bytes_);
    }
    return {};
  }

  SpaceFiles& side(const std::string& space) { return sides_.try_emplace(space, files_, directory_, space, std::string(kSideSuffix)).first->second; }

  NetworkFile& add_file(uint64_t chain, const std::string& name) {
    names_.insert(name);
    return *networks_[chain].emplace_back(std::make_unique<NetworkFile>(files_, directory_, chain, name));
  }

  // The file that has the contract or had it, otherwise the one named after the network, otherwise the first.
  Result<NetworkFile*> file_for(uint64_t chain, const Place& place) {
    auto& files = networks_[chain];
    if (files.empty()) return &add_file(chain, free_name(chain));
    if (files.size() == 1) return files.front().get();
    for (const auto& file : files) {
      ROLLPROOF_ASSIGN(const bool known, file->knows(place));
      if (known) return file.get();
    }
    const std::string usual = record::network_of_chain(chain) + ".json";
    const auto found = std::find_if(files.begin(), files.end(), [&](const auto& file) { return file->file_name() == usual; });
    return found == files.end() ? files.front().get() : found->get();
  }

  // A file of somebody else that has the name stays.
  std::string free_name(uint64_t chain) const {
    const std::string network = record::network_of_chain(chain);
    std::string name = network + ".json";
    for (int number = 2; names_.contains(name); ++number) name = fmt::format("{}-{}.json", network, number);
    return name;
  }

  std::map<std::string, SpaceFiles> sides_;  // by space
  std::map<uint64_t, std::vector<std::unique_ptr<NetworkFile>>> networks_;
  std::set<std::string> names_;  // that are taken in the folder
};

tl::unexpected<Error> refuse(const Where& where, const Inspection::Problem& problem) {
  return fail(Code::corruption, problem.what, os::join(where.path, problem.file), kHint);
}

// What the last checkpoint left has to be there as what it was. Its content may be newer. Gives the network files that it does not name.
Result<std::set<std::string>> check_mark(const Where& where, const Folder& folder, const Mark& mark) {
  std::set<std::string> left, there;
  if (mark.empty()) return left;
  for (const auto& [name, indexed] : folder.networks) left.insert(name);
  there = left;
  for (const std::string& space : folder.sides) there.insert(space + std::string(kSideSuffix));
  ROLLPROOF_ASSIGN(const auto files, unified_json::files_of_mark(mark));
  for (const std::string& name : files) {
    left.erase(name);
    if (there.contains(name) || !folder.names.contains(name)) continue;
    return fail(Code::corruption, "it is no network file any more, and the last checkpoint left one", os::join(where.path, name));
  }
  ROLLPROOF_TRY(unified_json::check_files_of_mark(mark, there, where.path));
  return left;
}

Result<std::unique_ptr<Store>> open_as(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning, bool read_only) {
  os::FileSystem& files = world.files;
  ROLLPROOF_ASSIGN(const Folder folder, look(files, where.path));
  if (!folder.problems.empty()) return refuse(where, folder.problems.front());
  std::set<std::string> left;
  if (options.interrupted) {
    ROLLPROOF_ASSIGN(left, check_mark(where, folder, options.mark));
  }
  const bool there = folder.is_store();
  if (!there && (!options.create || read_only)) return fail(Code::not_found, "no network-json store", where.path);
  auto store = std::make_unique<NetworkStore>(files, where.path, read_only, tuning);
  ROLLPROOF_TRY(store->take(folder, left));
  if (!read_only) ROLLPROOF_TRY(store->take_mark(options.mark));
  if (options.interrupted) {
    ROLLPROOF_TRY(store->settle_doubles());
  } else {
    ROLLPROOF_ASSIGN(const auto doubles, store->find_doubles());
    if (!doubles.empty()) return refuse(where, doubles.front());
  }
  if (read_only) return store;
  options.touch();
  // Everything that counts is sound. What is left of a fold or a run holds nothing that the journal does not hold.
  for (const std::string& name : folder.temporary) ROLLPROOF_TRY(files.remove(os::join(where.path, name)));
  // Nothing else may change the folder before somebody says that everything is as it should be: a power loss would bring them back.
  if (!folder.temporary.empty()) ROLLPROOF_TRY(files.sync_directory(where.path));
  if (!there) {
    ROLLPROOF_TRY(os::make_directories(files, where.path));
    ROLLPROOF_TRY(store->checkpoint());
  }
  return store;
}

// What destroy() may take for a damaged file of ours: a name that free_name() gives.
bool is_name_of_network(std::string name) {
  name.resize(name.size() - std::string_view(".json").size());
  if (record::is_space_name(name)) return true;
  const size_t dash = name.rfind('-');
  return dash != std::string::npos && record::chain_of_space(name.substr(0, dash)) && name.find_first_not_of("0123456789", dash + 1) == std::string::npos;
}

}  // namespace

Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning) {
  return open_as(world, where, options, tuning, false);
}

Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options) {
  return open_as(world, where, options, {}, true);
}

Result<Inspection> inspect(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(Folder folder, look(world.files, where.path));
  if (!folder.is_store()) return fail(Code::not_found, "no network-json store", where.path);
  Inspection found{.problems = std::move(folder.problems)};
  for (const std::string& space : folder.sides) {
    SpaceFiles part(world.files, where.path, space, std::string(kSideSuffix));
    const auto read = part.read_file();
    if (read) continue;
    if (read.error().code != Code::corruption && read.error().code != Code::refused) return fail(read.error());
    found.problems.push_back({part.file_name(), read.error().message, false});
  }
  if (found.problems.empty()) {
    // Ordinary, but only for an interrupted session to settle: otherwise somebody else may have put it there.
    NetworkStore store(world.files, where.path, true, {});
    ROLLPROOF_TRY(store.take(folder));
    ROLLPROOF_ASSIGN(found.problems, store.find_doubles());
  }
  for (const std::string& name : folder.temporary) found.problems.push_back({name, "left by an interrupted fold; holds nothing that counts", true});
  return found;
}

Result<Mark> mark_of(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const Folder folder, look(world.files, where.path));
  NetworkStore store(world.files, where.path, true, {});
  ROLLPROOF_TRY(store.take(folder));
  return store.mark();
}

Result<bool> is_there(os::World& world, const Where& where) {
  auto info = world.files.stat(where.path);
  if (!info && info.error().code == Code::not_found) return false;
  if (info && info->kind != os::Kind::directory) return false;
  // A file that may be one counts: to take the folder for empty would be to overlook it.
  ROLLPROOF_ASSIGN(const Folder folder, look(world.files, where.path));
  return folder.is_store();
}

Status destroy(os::World& world, const Where& where) {
  os::FileSystem& files = world.files;
  ROLLPROOF_ASSIGN(const Folder folder, look(files, where.path));
  std::set<std::string> ours(folder.temporary.begin(), folder.temporary.end());
  for (const auto& [name, indexed] : folder.networks) ours.insert(name);
  for (const std::string& space : folder.sides) ours.insert(space + std::string(kSideSuffix));
  for (const auto& problem : folder.problems) {
    if (is_name_of_network(problem.file)) ours.insert(problem.file);
  }
  for (const std::string& name : ours) ROLLPROOF_TRY(files.remove(os::join(where.path, name)));
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, where.path));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const auto rest, files.list(where.path));
  if (!rest.empty()) return files.sync_directory(where.path);
  return os::remove_empty_folder(files, where.path);
}

}  // namespace rollproof::store::network_json
