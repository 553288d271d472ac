// Whether a process that the journal names is still there. A process id alone says nothing: the system gives it away again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/os/file_system.h"

namespace rollproof::rollback {

// `processes`: the kernel's folder, /proc. True if a process with that id runs now and was started no later than `seen_ms` (wall clock; the
// kernel tells starts to the second). Nothing if the folder does not tell.
std::optional<bool> is_still_there(os::FileSystem& files, const std::string& processes, int64_t pid, int64_t seen_ms);

}  // namespace rollproof::rollback
