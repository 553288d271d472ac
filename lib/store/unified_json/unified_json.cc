#include "lib/store/unified_json/unified_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lib/os/paths.h"
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

class WalkCursor final : public record::Cursor {
 public:
  explicit WalkCursor(std::vector<std::unique_ptr<Walker>> walkers) : walkers_(std::move(walkers)) {}
  Result<bool> next(record::Record& out) override {
    for (; at_ < walkers_.size(); ++at_) {
      Entry entry;
      ROLLPROOF_ASSIGN(const bool more, walkers_[at_]->next(entry));
      if (!more) continue;
      out.key = std::move(entry.place.key);
      out.value = std::move(entry.value);
      return true;
    }
    return false;
  }

 private:
  std::vector<std::unique_ptr<Walker>> walkers_;
  size_t at_ = 0;
};

class UnifiedStore final : public Store {
 public:
  UnifiedStore(os::FileSystem& files, std::string directory, bool read_only, const Tuning& tuning)
      : files_(files), directory_(std::move(directory)), read_only_(read_only), tuning_(tuning) {}

  Status read_files(const std::vector<std::string>& spaces) {
    for (const std::string& space : spaces) ROLLPROOF_TRY(space_files(space).read_file());
    return {};
  }

  Result<std::optional<std::string>> get(std::string_view key) override {
    ROLLPROOF_TRY(usable());
    const auto space = spaces_.find(record::space_of(key).name);
    if (space == spaces_.end()) return std::nullopt;
    return space->second.get(place_of(key));
  }

  Result<std::unique_ptr<record::Cursor>> scan() override {
    ROLLPROOF_TRY(usable());
    std::vector<std::unique_ptr<Walker>> walkers;
    for (const auto& [name, space] : spaces_) walkers.push_back(space.walk());
    return std::make_unique<WalkCursor>(std::move(walkers));
  }

  Status apply(const record::Batch& batch) override {
    ROLLPROOF_TRY(changeable());
    for (const record::Change& change : batch) {
      auto value = change.kind == record::Change::Kind::put ? std::make_shared<const std::string>(change.value) : nullptr;
      space_files(record::space_of(change.key).name).change(place_of(change.key), std::move(value), overlay_bytes_);
    }
    if (overlay_bytes_ <= tuning_.overlay_bytes_max) return {};
    return remember(write_runs());
  }

  Result<Mark> checkpoint() override {
    ROLLPROOF_TRY(usable());
    if (!read_only_) ROLLPROOF_TRY(remember(fold_all()));
    return mark();
  }

  Result<Mark> close() override {
    auto mark = checkpoint();
    if (mark) broken_ = Error{Code::refused, "the store is closed", directory_};
    return mark;
  }

  std::string why_not_representable(const record::Record&) const override { return {}; }

 private:
  SpaceFiles& space_files(const std::string& space) { return spaces_.try_emplace(space, files_, directory_, space).first->second; }

  Status usable() const {
    if (!broken_) return {};
    return fail(Code::refused, "the store is not usable any more: " + broken_->message, directory_);
  }
  Status changeable() const {
    if (read_only_) return fail(Code::refused, "the store was opened for reading", directory_);
    return usable();
  }
  Status remember(Status outcome) {
    if (!outcome) broken_ = outcome.error();
    return outcome;
  }

  Status write_runs() {
    for (auto& [name, space] : spaces_) {
      ROLLPROOF_TRY(space.write_run());
      if (space.runs() < tuning_.runs_max) continue;
      // Only ever replaced here: which files may go is for a checkpoint to decide.
      ROLLPROOF_ASSIGN(const bool renamed, space.fold(true));
      if (renamed) ROLLPROOF_TRY(files_.sync_directory(directory_));
    }
    overlay_bytes_ = 0;
    return {};
  }

  Status fold_all() {
    bool renamed = false;
    for (auto& [name, space] : spaces_) {
      if (!space.changed()) continue;
      ROLLPROOF_ASSIGN(const bool one, space.fold(false));
      renamed = renamed || one;
    }
    overlay_bytes_ = 0;
    const bool nothing = std::all_of(spaces_.begin(), spaces_.end(), [](const auto& space) { return space.second.is_empty(); });
    if (nothing) {
      SpaceFiles& only = space_files(std::string(kEmptyStoreSpace));
      if (only.file() == nullptr) {
        ROLLPROOF_ASSIGN(const bool one, only.fold(true));
        renamed = renamed || one;
      }
    }
    if (renamed) ROLLPROOF_TRY(files_.sync_directory(directory_));
    // Only now: until the new names are durable these are the last files that say what the store is.
    bool removed = false;
    for (auto& [name, space] : spaces_) {
      if (!space.is_empty() || !space.is_on_disk() || (nothing && name == kEmptyStoreSpace)) continue;
      ROLLPROOF_TRY(space.remove_file());
      removed = true;
    }
    return removed ? files_.sync_directory(directory_) : Status{};
  }

  Mark mark() const {
    Mark text;
    for (const auto& [name, space] : spaces_) {
      const Sealed* file = space.file();
      if (file != nullptr) text += fmt::format("{}{} {} sha256:{}\n", name, kSuffix, file->size(), file->sha256());
    }
    return text;
  }

  os::FileSystem& files_;
  const std::string directory_;
  const bool read_only_;
  const Tuning tuning_;
  std::map<std::string, SpaceFiles> spaces_;
  uint64_t overlay_bytes_ = 0;
  std::optional<Error> broken_;
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
  if (!there && options.interrupted && !options.mark.empty()) {
    return fail(Code::corruption, "no unified file is there, and the last checkpoint left some: " + options.mark.substr(0, options.mark.find('\n')),
                where.path);
  }
  if (!there && (!options.create || read_only)) return fail(Code::not_found, "no unified-json store", where.path);
  auto store = std::make_unique<UnifiedStore>(files, where.path, read_only, tuning);
  ROLLPROOF_TRY(store->read_files(names.spaces));
  if (read_only) return store;
  // Everything that counts is sound. What is left of a fold or a run holds nothing that the journal does not hold.
  for (const std::string& name : names.temporary) ROLLPROOF_TRY(files.remove(os::join(where.path, name)));
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
  ROLLPROOF_TRY(files.remove_directory(where.path));
  return files.sync_directory(os::parent_of(where.path));
}

}  // namespace rollproof::store::unified_json
