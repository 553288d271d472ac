// The JSON files of a backup: those that people or other programs will want to read as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::backup {

// A file of the backup that should be JSON: `*.json` of a JSON store or of the legacy files. Configuration may hold comments.
bool is_json(std::string_view path_in_backup);

// Why the file is not JSON; nothing if it is. An error only if it can not be read. Reads it as a whole: larger ones than 1 GiB are
// not looked into and count as malformed.
Result<std::optional<std::string>> why_malformed(os::FileSystem& files, const std::string& path);

}  // namespace rollproof::backup
