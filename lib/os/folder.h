// A folder that may be a link to one. What is only in its place (a file, a link whose disk is not mounted) is none.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::os {

// Whether one can list it. Errors of looking only.
Result<bool> is_folder(FileSystem& files, const std::string& path);

}  // namespace rollproof::os
