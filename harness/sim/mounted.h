// Where another file system is mounted.
#pragma once

#include <string_view>

namespace rollproof::sim {

// A folder of the simulated disk whose name ends so can be neither renamed nor removed: EBUSY (rename(2), rmdir(2)).
constexpr std::string_view kMountedSuffix = ".mounted";

}  // namespace rollproof::sim
