#include "lib/backup/take.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "lib/backup/copy.h"
#include "lib/backup/list.h"
#include "lib/backup/manifest.h"
#include "lib/backup/verify.h"
#include "lib/base/time_text.h"
#include "lib/os/free_name.h"
#include "lib/os/paths.h"

namespace rollproof::backup {
namespace {

constexpr std::string_view kPartial = ".rollproof-partial-";
constexpr const char* kTaking = ".taking";    // locked while an attempt runs, so that nobody takes it for a leftover
constexpr uint64_t kSpareBytes = 1 << 20;     // manifest, checksums, folders

Status check_request(const Request& request) {
  const std::string& id = request.migration_id;
  const bool spelled = !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
  if (!spelled) return fail(Code::invalid, fmt::format("'{}' is no id of a migration", id.substr(0, 128)));
  return {};
}

// A folder that is copied must not hold the backups: the copy would grow while it is made.
Status check_outside(os::FileSystem& files, const std::string& root, const std::string& folder) {
  if (folder.empty()) return {};
  ROLLPROOF_ASSIGN(const os::Info held, files.stat(folder));
  for (std::string path = root;; path = os::parent_of(path)) {
    ROLLPROOF_ASSIGN(const os::Info info, files.stat(path));
    if (info.kind == os::Kind::directory && held.kind == os::Kind::directory && info.identity == held.identity) {
      return fail(Code::invalid, "the folder of backups lies inside the folder that is to be backed up", folder, "Name another `backups` folder.");
    }
    if (path == os::parent_of(path)) return {};
  }
}

std::string folder_for(const std::string& kind) { return kind == "leveldb" ? "leveldb/current" : kind; }

// The records as the stores have them now: what the copy will be compared with.
Status describe(os::World& world, const Request& request, Manifest& manifest) {
  manifest.tool_version = request.tool_version;
  manifest.migration_id = request.migration_id;
  manifest.position = request.position;
  manifest.source = {.kind = request.source.kind, .path = folder_for(request.source.kind), .where = request.source.to_string()};
  ROLLPROOF_TRY(count_records(world, request.source, manifest.source.records, manifest.source.digest));
  if (!request.target) return {};
  ROLLPROOF_ASSIGN(const bool there, store::is_there(world, *request.target));
  if (!there) return {};
  const bool same_kind = request.target->kind == request.source.kind;
  manifest.target = StoreCopy{.kind = request.target->kind,
                              .path = same_kind ? "target-" + request.target->kind : folder_for(request.target->kind),
                              .where = request.target->to_string()};
  return count_records(world, *request.target, manifest.target->records, manifest.target->digest);
}

// What an interrupted call with the same purpose has finished.
Result<std::optional<Backup>> finished_one(os::World& world, const Request& request, const Manifest& wanted) {
  ROLLPROOF_ASSIGN(const auto listed, list(world, request.root));
  for (const Listed& item : listed) {
    if (!item.manifest || item.manifest->migration_id != request.migration_id || !(item.manifest->source == wanted.source)) continue;
    ROLLPROOF_ASSIGN(const Report report, examine(world, item.path, Depth::records));
    if (!report.problems.empty()) continue;
    // Its name may be there without being durable yet.
    ROLLPROOF_TRY(world.files.sync_directory(request.root));
    return std::optional(Backup{item.id, item.path, item.manifest->position});
  }
  return std::optional<Backup>();
}

// The store is what it was before the copy, and the copy is that.
Status check_unchanged(os::World& world, const store::Where& where, const StoreCopy& copy, const Manifest& manifest) {
  ROLLPROOF_ASSIGN(store::Fingerprint now, store::take_fingerprint(world, where, nullptr));
  std::erase_if(now.files, [](const auto& file) { return !belongs(file.name); });
  if (now == fingerprint_of(manifest, copy)) return {};
  return fail(Code::refused, "the store changed while it was copied", where.path, "Stop the program that writes it and run the command again.");
}

Status fill(os::World& world, const Request& request, const std::string& partial, Manifest& manifest) {
  ROLLPROOF_ASSIGN(const auto items, items_of(world, request, manifest));
  uint64_t needed = kSpareBytes;
  for (const Item& item : items) needed += item.size;
  ROLLPROOF_ASSIGN(const uint64_t free, world.files.free_bytes(request.root));
  if (free < needed) {
    return fail(Code::no_space, fmt::format("the backup needs {} bytes, {} are free", needed, free), request.root, "Make room or name another `backups` folder.");
  }
  ROLLPROOF_ASSIGN(manifest.files, copy_items(world, items, partial));
  ROLLPROOF_TRY(check_unchanged(world, request.source, manifest.source, manifest));
  if (manifest.target) ROLLPROOF_TRY(check_unchanged(world, *request.target, *manifest.target, manifest));
  const std::string text = render(manifest);
  ROLLPROOF_TRY(write_synced(world.files, os::join(partial, kManifestFile), text));
  return write_synced(world.files, os::join(partial, kChecksumsFile), render_checksums(manifest, text));
}

}  // namespace

Result<Backup> take(os::World& world, const Request& request) {
  auto& files = world.files;
  ROLLPROOF_TRY(check_request(request));
  ROLLPROOF_TRY(os::make_directories(files, request.root));
  ROLLPROOF_TRY(check_outside(files, request.root, request.source.path));
  ROLLPROOF_TRY(check_outside(files, request.root, request.legacy_json));
  ROLLPROOF_TRY(clear_leftovers(world, request.root));
  Manifest manifest;
  ROLLPROOF_TRY(describe(world, request, manifest));
  ROLLPROOF_ASSIGN(auto finished, finished_one(world, request, manifest));
  if (finished) return std::move(*finished);

  const std::string partial = os::join(request.root, std::string(kPartial) + request.migration_id);
  const std::string taking = os::join(partial, kTaking);
  ROLLPROOF_TRY(files.make_directory(partial));
  ROLLPROOF_ASSIGN(const auto lock, files.lock(taking, ""));
  ROLLPROOF_ASSIGN(const std::string path, os::free_timed_name(world, os::join(request.root, "migration-")));
  manifest.id = os::name_of_path(path);
  manifest.created_at = time_text(world.clock.wall_ms());
  if (Status filled = fill(world, request, partial, manifest); !filled) {
    // The next attempt would clear it as well; a disk that is full should not have to wait for that.
    if (Status removed = os::remove_tree(files, partial); !removed) filled.error().hint += " (" + removed.error().to_string() + ")";
    return fail(std::move(filled).error());
  }
  ROLLPROOF_TRY(files.remove(taking));
  ROLLPROOF_TRY(sync_folders(files, partial));
  ROLLPROOF_TRY(files.rename(partial, path));
  ROLLPROOF_TRY(files.sync_directory(request.root));
  return Backup{manifest.id, path, manifest.position};
}

namespace {

// Folders of ours that nobody is filling: not yet, or not any more.
Result<std::vector<std::string>> leftovers_below(os::World& world, const std::string& root) {
  std::vector<std::string> left;
  auto names = world.files.list(root);
  if (!names && names.error().code == Code::not_found) return left;
  if (!names) return fail(std::move(names).error());
  for (const std::string& name : *names) {
    if (!name.starts_with(kPartial)) continue;
    std::string partial = os::join(root, name);
    ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(partial));
    if (info.kind != os::Kind::directory || info.link) continue;  // not of our making
    ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(os::join(partial, kTaking)));
    if (!holder) left.push_back(std::move(partial));
  }
  return left;
}

}  // namespace

Result<bool> has_leftovers(os::World& world, const std::string& root) {
  ROLLPROOF_ASSIGN(const auto left, leftovers_below(world, root));
  return !left.empty();
}

Status clear_leftovers(os::World& world, const std::string& root) {
  ROLLPROOF_ASSIGN(const auto left, leftovers_below(world, root));
  for (const std::string& partial : left) {
    auto lock = world.files.lock(os::join(partial, kTaking), "");
    if (!lock && lock.error().code == Code::locked) continue;  // since then
    if (!lock) return fail(std::move(lock).error());
    ROLLPROOF_TRY(os::remove_tree(world.files, partial));
  }
  return {};
}

}  // namespace rollproof::backup
