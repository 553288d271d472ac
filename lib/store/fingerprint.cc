// The files of a store at a moment: what an open compares to notice somebody else's writes, and damage that no scan can see.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "lib/os/paths.h"
#include "lib/store/store.h"

namespace rollproof::store {

namespace {

// The marker of whoever has claimed the folder is no file of the store: what it tells changes from session to session.
constexpr std::string_view kOurs = ".rollproof-";

// LevelDB's lock and info log say nothing about its records, and what was set aside belongs to an unfinished run.
bool counts(const Where& where, const std::string& name) {
  if (name.starts_with(kOurs)) return false;
  if (where.kind != "leveldb") return true;
  return name != "LOCK" && name != "LOG" && name != "LOG.old" && !name.starts_with("rollproof-obsolete/");
}

// Written once, under a number that is not used again.
bool never_changes(const Where& where, const std::string& name) {
  return where.kind == "leveldb" && (name.ends_with(".ldb") || name.ends_with(".sst"));
}

// Nothing in such a file tells a bit that was read wrong from one that is, and what is recorded of it is the truth from then on.
bool has_no_checksum(const Where& where) { return where.kind == "network-json"; }

const Fingerprint::File* find(const Fingerprint* known, const std::string& name) {
  if (known == nullptr) return nullptr;
  const auto found = std::find_if(known->files.begin(), known->files.end(), [&](const auto& file) { return file.name == name; });
  return found == known->files.end() ? nullptr : &*found;
}

}  // namespace

Result<Fingerprint> take_fingerprint(os::World& world, const Where& where, const Fingerprint* known) {
  ROLLPROOF_ASSIGN(const auto names, os::files_below(world.files, where.path));
  Fingerprint taken;
  for (const std::string& name : names) {
    if (!counts(where, name)) continue;
    const std::string path = os::join(where.path, name);
    ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(path));
    Fingerprint::File file{name, info.size, {}};
    const Fingerprint::File* before = never_changes(where, name) ? find(known, name) : nullptr;
    if (before != nullptr && before->size == file.size) {
      file.sha256 = before->sha256;
    } else {
      ROLLPROOF_ASSIGN(file.sha256, has_no_checksum(where) ? os::sha256_of_file_twice(world.files, path) : os::sha256_of_file(world.files, path));
    }
    taken.files.push_back(std::move(file));
  }
  return taken;
}

std::vector<FileDifference> differences(const Fingerprint& recorded, const Fingerprint& found) {
  std::map<std::string_view, const Fingerprint::File*> unseen;
  for (const auto& file : found.files) unseen.emplace(file.name, &file);
  std::vector<FileDifference> list;
  for (const auto& file : recorded.files) {
    if (file.name.starts_with(kOurs)) continue;  // earlier versions counted it
    const auto same_name = unseen.find(file.name);
    if (same_name == unseen.end()) {
      list.push_back({file.name, "is missing"});
      continue;
    }
    const auto& now = *same_name->second;
    if (now.size != file.size) {
      list.push_back({file.name, fmt::format("has {} bytes, recorded {}", now.size, file.size)});
    } else if (now.sha256 != file.sha256) {
      list.push_back({file.name, "has other content"});
    }
    unseen.erase(same_name);
  }
  for (const auto& [name, file] : unseen) list.push_back({std::string(name), "is new"});
  return list;
}

}  // namespace rollproof::store
