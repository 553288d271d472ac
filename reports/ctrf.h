// The Common Test Report Format, schema version 0.0.0, which is pinned.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// Inconclusive is `other` with its rawStatus; our own numbers stand in `extra` only.
std::string render_ctrf(const Run& run);

}  // namespace rollproof::reports
