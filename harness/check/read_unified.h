// Reads a folder of NETWORK.unified.json files by the checkers' own scanner; the verbatim bytes of each value are what counts.
#pragma once

#include "harness/check/records.h"
#include "harness/sim/image.h"

namespace rollproof::check {

// `folder` may be null: nothing is there. Any file that is not sound to its checksum makes the whole unreadable.
Records read_unified(const sim::Node* folder);

}  // namespace rollproof::check
