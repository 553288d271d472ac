#include "lib/backup/copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/backup/json_files.h"
#include "lib/base/digest.h"
#include "lib/os/paths.h"

namespace rollproof::backup {
namespace {

constexpr int kDepthMax = 64;  // of folders; a link that leads upwards would never end

// Every regular file below a folder. Nothing is left out silently: what is no file has no place in a backup, and is said.
Status collect(os::FileSystem& files, const std::string& from, const std::string& path, int depth, std::vector<Item>& items) {
  if (depth > kDepthMax) return fail(Code::refused, fmt::format("folders are nested deeper than {}", kDepthMax), from);
  ROLLPROOF_ASSIGN(const auto names, files.list(from));
  for (const std::string& name : names) {
    const std::string inner = os::join(from, name);
    ROLLPROOF_ASSIGN(const os::Info info, files.stat(inner));
    if (info.kind == os::Kind::directory) {
      ROLLPROOF_TRY(collect(files, inner, os::join(path, name), depth + 1, items));
    } else if (info.kind == os::Kind::file) {
      items.push_back({inner, os::join(path, name), info.size});
    } else {
      return fail(Code::refused, "neither a file nor a folder, so it can not be backed up", inner, "Move it out of the folder.");
    }
  }
  return {};
}

Status collect_store(os::World& world, const store::Where& where, const std::string& path, std::vector<Item>& items) {
  std::vector<Item> found;
  ROLLPROOF_TRY(collect(world.files, where.path, path, 0, found));
  for (Item& item : found) {
    // Names relative to the store, as its fingerprint has them.
    const std::string name = item.path.substr(path.size() + 1);
    if (belongs(name)) items.push_back(std::move(item));
  }
  return {};
}

Status collect_file(os::World& world, const std::string& from, std::vector<Item>& items) {
  ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(from));
  if (info.kind != os::Kind::file) return fail(Code::invalid, "is not a file", from);
  items.push_back({from, "configuration/" + os::name_of_path(from), info.size});
  return {};
}

Result<ManifestFile> copy_one(os::FileSystem& files, const Item& item, const std::string& root) {
  ROLLPROOF_ASSIGN(auto out, files.create_new(os::join(root, item.path)));
  // A copy is for the same eyes, and what is restored from it belongs to whom it did.
  ROLLPROOF_TRY(files.take_access(os::join(root, item.path), item.from));
  Sha256 digest;
  ManifestFile entry{item.path};
  ROLLPROOF_TRY(os::for_each_piece(files, item.from, [&](std::string_view piece) -> Status {
    digest.update(piece);
    ROLLPROOF_TRY(out->write_at(entry.size, piece));
    entry.size += piece.size();
    return {};
  }));
  ROLLPROOF_TRY(out->sync());
  ROLLPROOF_TRY(out->close());
  entry.sha256 = digest.finish_hex();
  if (is_json(item.path)) {
    ROLLPROOF_ASSIGN(const auto why, why_malformed(files, item.from));
    entry.malformed_json = why.has_value();
  }
  return entry;
}

// Without syncing: sync_folders does that once, when everything is in place.
Status make_folders(os::FileSystem& files, const std::string& path, std::set<std::string>& made) {
  if (made.contains(path)) return {};
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) {
    ROLLPROOF_TRY(make_folders(files, os::parent_of(path), made));
    ROLLPROOF_TRY(files.make_directory(path));
  }
  made.insert(path);
  return {};
}

}  // namespace

bool belongs(const std::string& name) {
  // LevelDB's lock and diary, what our writer set aside, and our marker: a restored backup must carry none of them.
  return name != "LOCK" && name != "LOG" && name != "LOG.old" && !name.starts_with("rollproof-obsolete/") && !name.starts_with(".rollproof");
}

Result<std::vector<Item>> items_of(os::World& world, const Request& request, const Manifest& manifest) {
  std::vector<Item> items;
  ROLLPROOF_TRY(collect_store(world, request.source, manifest.source.path, items));
  if (manifest.target) ROLLPROOF_TRY(collect_store(world, *request.target, manifest.target->path, items));
  if (!request.configuration.empty()) ROLLPROOF_TRY(collect_file(world, request.configuration, items));
  for (const std::string& path : request.more_configuration) ROLLPROOF_TRY(collect_file(world, path, items));
  if (!request.legacy_json.empty()) ROLLPROOF_TRY(collect(world.files, request.legacy_json, "legacy-json", 0, items));
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.path < b.path; });
  for (size_t i = 0; i < items.size(); ++i) {
    if (!is_inside(items[i].path)) {
      return fail(Code::refused, "the name holds bytes that a checksum list can not spell", items[i].from, "Rename the file or move it away.");
    }
    if (i > 0 && items[i - 1].path == items[i].path) {
      return fail(Code::refused, fmt::format("{} and {} would be one file in the backup", items[i - 1].from, items[i].from), items[i].from);
    }
  }
  if (items.size() > kFilesMax) return fail(Code::refused, fmt::format("{} files are more than a backup can list", items.size()), request.source.path);
  return items;
}

Result<std::vector<ManifestFile>> copy_items(os::World& world, const std::vector<Item>& items, const std::string& root) {
  std::vector<ManifestFile> entries;
  std::set<std::string> made;
  for (const Item& item : items) {
    ROLLPROOF_TRY(make_folders(world.files, os::parent_of(os::join(root, item.path)), made));
    ROLLPROOF_ASSIGN(ManifestFile entry, copy_one(world.files, item, root));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Status copy_whole(os::World& world, const std::vector<Item>& items, const std::string& to, const std::function<Status(const std::vector<ManifestFile>&)>& accept) {
  const std::string partial = to + ".partial";
  ROLLPROOF_TRY(os::remove_tree(world.files, partial));
  ROLLPROOF_TRY(os::make_directories(world.files, partial));
  ROLLPROOF_ASSIGN(const auto entries, copy_items(world, items, partial));
  if (accept) ROLLPROOF_TRY(accept(entries));
  ROLLPROOF_TRY(sync_folders(world.files, partial));
  ROLLPROOF_TRY(world.files.rename(partial, to));
  return world.files.sync_directory(os::parent_of(to));
}

Status write_synced(os::FileSystem& files, const std::string& path, std::string_view bytes) {
  std::set<std::string> made;
  ROLLPROOF_TRY(make_folders(files, os::parent_of(path), made));
  ROLLPROOF_ASSIGN(auto file, files.create_new(path));
  ROLLPROOF_TRY(file->write_at(0, bytes));
  ROLLPROOF_TRY(file->sync());
  return file->close();
}

Status sync_folders(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const auto names, files.list(path));
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(const os::Info info, files.stat(os::join(path, name)));
    if (info.kind == os::Kind::directory) ROLLPROOF_TRY(sync_folders(files, os::join(path, name)));
  }
  return files.sync_directory(path);
}

}  // namespace rollproof::backup
