#include "lib/rollback/exchange_in_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "lib/backup/copy.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"

namespace rollproof::rollback {
namespace {

constexpr const char* kComing = ".rollproof-coming";  // a file on its way into its place
constexpr const char* kLock = "LOCK";                 // of a LevelDB; whoever opens it makes it anew
constexpr const char* kObsolete = "rollproof-obsolete";

using Digests = std::map<std::string, std::string>;  // sha256 by name

Result<Digests> digests_of(os::FileSystem& files, const std::string& folder) {
  Digests digests;
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, folder));
  if (!there) return digests;
  ROLLPROOF_ASSIGN(const auto names, os::files_below(files, folder));
  for (const std::string& name : names) {
    if (name == kLock) continue;
    ROLLPROOF_ASSIGN(digests[name], os::sha256_of_file(files, os::join(folder, name)));
  }
  return digests;
}

bool holds(const Digests& digests, const std::string& name, const std::string& sha256) {
  const auto found = digests.find(name);
  return found != digests.end() && found->second == sha256;
}

// What was on its way when an earlier attempt ended.
Status clear_coming(os::FileSystem& files, const std::string& source) {
  ROLLPROOF_ASSIGN(const auto names, os::files_below(files, source));
  for (const std::string& name : names) {
    if (name.ends_with(kComing)) ROLLPROOF_TRY(files.remove(os::join(source, name)));
  }
  return {};
}

Status copy_aside(os::World& world, const std::string& source, const Digests& present, const std::string& aside) {
  std::vector<backup::Item> items;
  for (const auto& [name, sha256] : present) items.push_back({os::join(source, name), name, 0});
  return backup::copy_whole(world, items, aside, [&](const std::vector<backup::ManifestFile>& copied) -> Status {
    for (const auto& entry : copied) {
      if (entry.sha256 != present.at(entry.path)) return fail(Code::io, "two reads of it do not agree", os::join(source, entry.path), "Check the disk; then run `rollproof recover`.");
    }
    return {};
  });
}

// Every file of `present` that is not in `wanted` is in a copy beside it afterwards: at `aside`, and, where something lies there already and lacks it (another program wrote
// to the source meanwhile, or has taken the name), at the next free name behind it. The last of these names is returned, also when it was made by an attempt before;
// nothing where there is none but `aside`.
Result<std::string> keep(os::World& world, const std::string& source, const Digests& present, const Digests& wanted, const std::string& aside) {
  Digests left = present;
  ROLLPROOF_ASSIGN(const bool begun, os::exists(world.files, aside));
  // All of it has come: an attempt before has kept what was there.
  if (begun && std::all_of(present.begin(), present.end(), [&](const auto& file) { return holds(wanted, file.first, file.second); })) left.clear();
  std::string place = aside, last;
  for (int next = 2;; ++next) {
    ROLLPROOF_ASSIGN(const bool taken, os::exists(world.files, place));
    if (!taken && left.empty()) return last;
    if (!taken) ROLLPROOF_TRY(copy_aside(world, source, left, place));
    ROLLPROOF_ASSIGN(const bool folder, os::is_folder(world.files, place));
    Digests kept;
    if (folder) {
      ROLLPROOF_ASSIGN(kept, digests_of(world.files, place));
    }
    // What is to come is kept by itself; beside somebody else's folder the copy is whole all the same.
    const bool ours = std::any_of(present.begin(), present.end(), [&](const auto& file) { return holds(kept, file.first, file.second); });
    std::erase_if(left, [&](const auto& file) { return holds(kept, file.first, file.second) || (ours && holds(wanted, file.first, file.second)); });
    if (!taken && !left.empty()) return fail(Code::io, fmt::format("the copy at {} is not what was copied: {}", place, left.begin()->first), source, "Check the disk; then run `rollproof recover`.");
    if (place != aside) last = place;
    place = fmt::format("{}-{}", aside, next);
  }
}

}  // namespace

Result<std::string> exchange_in_place(os::World& world, const std::string& source, const std::string& ready, const std::string& aside) {
  os::FileSystem& files = world.files;
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, ready));
  if (!there) return fail(Code::not_found, "nothing is there to put in the place of the source", ready, fmt::format("Nothing was changed. What was in {} before is at {}.", source, aside));
  ROLLPROOF_TRY(clear_coming(files, source));
  ROLLPROOF_ASSIGN(const Digests present, digests_of(files, source));
  ROLLPROOF_ASSIGN(const Digests wanted, digests_of(files, ready));
  ROLLPROOF_ASSIGN(std::string kept_too, keep(world, source, present, wanted, aside));
  for (const auto& [name, sha256] : wanted) {
    if (holds(present, name, sha256)) continue;
    const std::string place = os::join(source, name);
    ROLLPROOF_TRY(backup::copy_items(world, {{os::join(ready, name), name + kComing, 0}}, source));
    ROLLPROOF_TRY(files.rename(place + kComing, place));
  }
  for (const auto& [name, sha256] : present) {
    if (!wanted.contains(name)) ROLLPROOF_TRY(files.remove(os::join(source, name)));
  }
  ROLLPROOF_TRY(os::remove_tree(files, os::join(source, kObsolete)));
  ROLLPROOF_TRY(backup::sync_folders(files, source));
  return kept_too;
}

}  // namespace rollproof::rollback
