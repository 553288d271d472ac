// Trace events, as Chrome's and Perfetto's viewers read them: each failed scenario, and the slowest.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// Every scenario is a row of its own that begins at 0: the record holds how long recoveries took, not when. Time is simulated.
std::string render_trace(const Run& run);

}  // namespace rollproof::reports
