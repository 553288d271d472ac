#include "lib/store/unified_json/unified_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lib/os/paths.h"
#include "lib/store/unified_json/mark_text.h"
#include "lib/store/unified_json/space_files.h"

namespace rollproof::store::unified_json {

namespace {

constexpr std::string_view kEmptyStoreSpace = "other";  // whose file says that the store is there when it holds no record

// The names in the folder that are of this format; everything else belongs to somebody else.
struct Names {
  std::vector<std::string> spaces;     // of the files
  std::vector<std::string> temporary;  // names of files
  std::vector<std::string> unknown;    // end like ours and name no space
};

Result<Names> names_in(os::FileSystem& files, const std::string& directory) {
  ROLLPROOF_ASSIGN(const auto all, files.list(directory));
  Names names;
  for (const std::string& name : all) {
    const bool temporary = name.ends_with(kTemporarySuffix);
    if (!temporary && !name.ends_with(kSuffix)) continue;
    const std::string space = name.substr(0, temporary ? name.find('.') : name.size() - kSuffix.size());
    if (!record::is_space_name(space)) {
      if (!temporary) names.unknown.push_back(name);
    } else if (temporary) {
      names.temporary.push_back(name);
    } else {
      names.spaces.push_back(space);
    }
  }
  return names;
}

class UnifiedStore final : public JsonStore {
 public:
  using JsonStore::JsonStore;

  Status read_files(const std::vector<std::string>& spaces) {
    for (const std::string& space : spaces) ROLLPROOF_TRY(space_files(space).read_file());
    return {};
  }

 private:
  std::vector<std::vector<Part*>> stages() override {
    std::vector<Part*> all;
    for (auto& [name, space] : spaces_) all.push_back(&space);
    return {std::move(all)};
  }
  Part& marker() override { return space_files(std::string(kEmptyStoreSpace)); }

  Result<std::optional<std::string>> find(const Place& place) override {
    const auto space = spaces_.find(record::space_of(place.key).name);
    if (space == spaces_.end()) return std::nullopt;
    return space->second.get(place);
  }

  Status change(const record::Change& change) override {
    auto value = change.kind == record::Change::Kind::put ? std::make_shared<const std::string>(change.value) : nullptr;
    space_files(record::space_of(change.key).name).change(place_of(change.key), std::move(value), overlay_bytes_);
    return {};
  }

  SpaceFiles& space_files(const std::string& space) { return spaces_.try_emplace(space, files_, directory_, space).first->second; }

  std::map<std::string, SpaceFiles> spaces_;
};

// The names in the folder; nothing at all if the folder is absent.
Result<Names> names_if_there(os::FileSystem& files, const std::string& directory) {
  auto info = files.stat(directory);
  if (!info) {
    if (info.error().code == Code::not_found) return Names{};
    return fail(std::move(info).error());
  }
  if (info->kind != os::Kind::directory) return fail(Code::invalid, "a unified-json store is a folder, and this is none", directory);
  return names_in(files, directory);
}

Result<std::unique_ptr<Store>> open_as(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning, bool read_only) {
  os::FileSystem& files = world.files;
  ROLLPROOF_ASSIGN(const Names names, names_if_there(files, where.path));
  if (!names.unknown.empty()) {
    return fail(Code::corruption, fmt::format("{} is named like a file of this store, but there is no such space", names.unknown[0]), where.path);
  }
  const bool there = !names.spaces.empty();
  if (options.interrupted) {
    std::set<std::string> found;
    for (const std::string& space : names.spaces) found.insert(space + std::string(kSuffix));
    ROLLPROOF_TRY(check_files_of_mark(options.mark, found, where.path));
  }
  if (!there && (!options.create || read_only)) return fail(Code::not_found, "no unified-json store", where.path);
  auto store = std::make_unique<UnifiedStore>(files, where.path, read_only, tuning);
  ROLLPROOF_TRY(store->read_files(names.spaces));
  if (read_only) return store;
  ROLLPROOF_TRY(store->take_mark(options.mark));
  options.touch();
  // Everything that counts is sound. What is left of a fold or a run holds nothing that the journal does not hold.
  for (const std::string& name : names.temporary) ROLLPROOF_TRY(files.remove(os::join(where.path, name)));
  // Nothing else may change the folder before somebody says that everything is as it should be: a power loss would bring them back.
  if (!names.temporary.empty()) ROLLPROOF_TRY(files.sync_directory(where.path));
  if (!there) {
    ROLLPROOF_TRY(os::make_directories(files, where.path));
    ROLLPROOF_TRY(store->checkpoint());
  }
  return store;
}

}  // namespace

Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning) {
  return open_as(world, where, options, tuning, false);
}

Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options) {
  return open_as(world, where, options, {}, true);
}

Result<Inspection> inspect(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const Names names, names_if_there(world.files, where.path));
  if (names.spaces.empty() && names.unknown.empty()) return fail(Code::not_found, "no unified-json store", where.path);
  Inspection found;
  for (const std::string& name : names.unknown) found.problems.push_back({name, "named like a file of this store, but there is no such space", false});
  for (const std::string& space : names.spaces) {
    const auto read = SpaceFiles(world.files, where.path, space).read_file();
    if (read) continue;
    if (read.error().code != Code::corruption && read.error().code != Code::refused) return fail(read.error());
    found.problems.push_back({space + std::string(kSuffix), read.error().message, false});
  }
  for (const std::string& name : names.temporary) {
    found.problems.push_back({name, "left by an interrupted fold; holds nothing that counts", true});
  }
  return found;
}

Result<Mark> mark_of(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const Names names, names_if_there(world.files, where.path));
  UnifiedStore store(world.files, where.path, true, {});
  ROLLPROOF_TRY(store.read_files(names.spaces));
  return store.mark();
}

Result<bool> is_there(os::World& world, const Where& where) {
  auto info = world.files.stat(where.path);
  if (!info && info.error().code == Code::not_found) return false;
  if (info && info->kind != os::Kind::directory) return false;
  ROLLPROOF_ASSIGN(const Names names, names_if_there(world.files, where.path));
  return !names.spaces.empty() || !names.unknown.empty();
}

Status destroy(os::World& world, const Where& where) {
  os::FileSystem& files = world.files;
  ROLLPROOF_ASSIGN(const Names names, names_if_there(files, where.path));
  for (const std::string& name : names.temporary) ROLLPROOF_TRY(files.remove(os::join(where.path, name)));
  for (const std::string& space : names.spaces) ROLLPROOF_TRY(files.remove(os::join(where.path, space + std::string(kSuffix))));
  ROLLPROOF_ASSIGN(const bool folder, os::exists(files, where.path));
  if (!folder) return {};
  ROLLPROOF_ASSIGN(const auto rest, files.list(where.path));
  if (!rest.empty()) return files.sync_directory(where.path);
  return os::remove_empty_folder(files, where.path);
}

}  // namespace rollproof::store::unified_json
