// The incident-readiness report: per phase and fault what was drilled, when, how long recovery took against its target, what is not covered,
// and what the engineer on call types.
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// Markdown. The same record gives the same bytes.
std::string render_readiness(const Run& run);

}  // namespace rollproof::reports
