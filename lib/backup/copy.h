// Filling the folder of a backup that has no name yet.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/backup/manifest.h"
#include "lib/backup/take.h"

namespace rollproof::backup {

// One file: where it is, and where it belongs in the backup.
struct Item {
  std::string from;
  std::string path;
  uint64_t size = 0;
};

// Everything that the request asks for. Code::refused for a name that the manifest can not spell, for two files of one name, and for
// something in a folder that is neither file nor folder.
Result<std::vector<Item>> items_of(os::World& world, const Request& request, const Manifest& manifest);

// Copies the items below `root`, streamed, each file synced, and returns their entries, sorted by path. Directories are not synced yet.
Result<std::vector<ManifestFile>> copy_items(os::World& world, const std::vector<Item>& items, const std::string& root);

// The items below `to`, which is not there: durably, and whole when it has that name. What an earlier attempt left beside it, `to`.partial, is removed first.
// `accept` is asked about the entries, as of copy_items, before they have the name; its failure leaves nothing with it. May be empty.
Status copy_whole(os::World& world, const std::vector<Item>& items, const std::string& to, const std::function<Status(const std::vector<ManifestFile>&)>& accept = {});

// A new file with its missing folders, synced.
Status write_synced(os::FileSystem& files, const std::string& path, std::string_view bytes);

// Syncs every folder of a tree, the deepest first.
Status sync_folders(os::FileSystem& files, const std::string& path);

// Whether a store file of this name belongs into a backup: what counts for the fingerprint, without our own marker.
bool belongs(const std::string& name);

}  // namespace rollproof::backup
