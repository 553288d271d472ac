// What a job of GitHub's actions shows: a summary, and annotations.
#pragma once

#include <cstddef>
#include <string>

#include "reports/run.h"

namespace rollproof::reports {

// Over 1 MiB a summary is thrown away whole; half of it leaves room for the other steps of the job.
inline constexpr size_t kMostSummaryBytes = 512 * 1024;

// Markdown, worst first, never more than kMostSummaryBytes.
std::string render_github(const Run& run);

// Lines of workflow commands: nine of the worst, then one that says how many more there are (ten of a kind are shown). Empty if nothing is wrong.
std::string render_annotations(const Run& run);

}  // namespace rollproof::reports
