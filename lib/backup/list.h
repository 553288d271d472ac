// Which backups there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/backup/manifest.h"
#include "lib/base/result.h"
#include "lib/os/world.h"

namespace rollproof::backup {

struct Listed {
  std::string id;
  std::string path;
  std::optional<Manifest> manifest;  // nothing if the backup is damaged as far as a look at names and sizes can tell
  std::string problem;               // the first one
};

// The folders `migration-*` and `emergency-rollback-*` below `root`, newest first by the time in their names. An absent root holds none.
Result<std::vector<Listed>> list(os::World& world, const std::string& root);

// The path of a backup given by id or by path; nobody looks whether it is there.
std::string path_of(const std::string& root, const std::string& id_or_path);

// The same, looked at: Code::not_found names those that there are.
Result<std::string> find(os::World& world, const std::string& root, const std::string& id_or_path);

}  // namespace rollproof::backup
