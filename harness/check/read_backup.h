// Reads a backup as a person with `sha256sum -c` would (lib/backup/FORMAT.md says what is there): nothing of the library is involved.
#pragma once

#include <string>

#include "harness/sim/image.h"

namespace rollproof::check {

// Empty if the folder is whole: the manifest is there, and checksums/SHA256SUMS names every other file and nothing that is missing, each with its
// digest. Otherwise the first thing that is wrong: "leveldb/current/000005.ldb is not what its checksum says". `folder` may be null.
std::string wrong_with_backup(const sim::Node* folder);

// The same without looking into the files: empty if every file is there that a folder with the name of a backup has to have.
std::string missing_in_backup(const sim::Node& folder);

}  // namespace rollproof::check
