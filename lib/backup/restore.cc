#include "lib/backup/restore.h"

#include <fmt/format.h>

#include "lib/backup/copy.h"
#include "lib/os/paths.h"

namespace rollproof::backup {

Result<Manifest> read_manifest(os::World& world, const std::string& path) {
  const std::string manifest_path = os::join(path, kManifestFile);
  auto text = os::read_file(world.files, manifest_path, kManifestBytesMax);
  if (!text) {
    if (text.error().code == Code::not_found) return fail(Code::backup_damaged, "is missing", manifest_path);
    return fail(std::move(text).error());
  }
  auto manifest = parse_manifest(*text);
  if (!manifest) manifest.error().path = manifest_path;
  return manifest;
}

Result<StoreCopy> restore_source_files(os::World& world, const std::string& path, const std::string& to) {
  ROLLPROOF_ASSIGN(Manifest manifest, read_manifest(world, path));
  const std::string prefix = manifest.source.path + "/";
  ROLLPROOF_TRY(os::make_directories(world.files, to));
  for (const ManifestFile& file : manifest.files) {
    if (!file.path.starts_with(prefix)) continue;
    const Item item{.from = os::join(path, file.path), .path = file.path.substr(prefix.size()), .size = file.size};
    ROLLPROOF_ASSIGN(const auto copied, copy_items(world, {item}, to));
    if (copied.front().sha256 == file.sha256 && copied.front().size == file.size) continue;
    return fail(Code::backup_damaged, fmt::format("checksum {}…, the manifest says {}…", copied.front().sha256.substr(0, 12), file.sha256.substr(0, 12)),
                item.from, "Choose another backup: `rollproof backup list`.");
  }
  ROLLPROOF_TRY(sync_folders(world.files, to));
  return manifest.source;
}

}  // namespace rollproof::backup
