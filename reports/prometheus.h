// Metrics for node_exporter's textfile collector: no timestamps, every verdict with its zero, percentiles as label `stat` (a `quantile` would
// be taken for one of a summary).
#pragma once

#include <string>

#include "reports/run.h"

namespace rollproof::reports {

std::string render_prometheus(const Run& run);

}  // namespace rollproof::reports
