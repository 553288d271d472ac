// Giving back the files of a backup: the copy of the source, into a folder of its own. Whose place that folder takes is the caller's
// decision (lib/rollback/restore_source.h).
#pragma once

#include <string>

#include "lib/backup/manifest.h"
#include "lib/base/result.h"
#include "lib/os/world.h"

namespace rollproof::backup {

// Copies the files of the copied source of the backup at `path` into the new folder `to`, everything durable when it returns, and
// compares each byte's digest with the manifest on the way (seed 002 restores first and verifies afterwards; here nothing unverified
// gets that far). On failure `to` may hold a part. REQUIRES: `to` does not exist.
// Code::backup_damaged (path: the file) for a file that is not what the manifest says.
Result<StoreCopy> restore_source_files(os::World& world, const std::string& path, const std::string& to);

// The manifest of the backup at `path`. Code::backup_damaged (path: the manifest) if it is not one.
Result<Manifest> read_manifest(os::World& world, const std::string& path);

}  // namespace rollproof::backup
