// Reads a folder of NETWORK.unified.json files by the checkers' own scanner; the verbatim bytes of each value are what counts.
#pragma once

#include <string_view>

#include "harness/check/records.h"
#include "harness/sim/image.h"

namespace rollproof::check {

// Of the files whose names end so. `folder` may be null: nothing is there. Any file that is not sound to its checksum makes the whole
// unreadable.
Records read_unified(const sim::Node* folder, std::string_view ending = ".unified.json");

}  // namespace rollproof::check
