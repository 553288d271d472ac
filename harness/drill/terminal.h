// What a person sees: a bar while it runs, and the summary at the end.
#pragma once

#include <chrono>
#include <string>

#include "harness/drill/drill.h"
#include "harness/drill/run_record.h"

namespace rollproof::drill {

// On a terminal one line that is redrawn at most 10 times a second; elsewhere a line every 30 seconds. On stderr.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  void show(const Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_;
  uint64_t before_ = 0;  // cases of the stories that are done
  Progress last_;
};

// Matrix phase x fault with a line per direction, violations with their replay lines, the counts, and where the reports are.
std::string summary_of(const Outcome& outcome, const DrillOptions& options, const RunIdentity& identity, const std::string& out);

std::string finding_text(const KeptFinding& finding);
// Of a run of nothing but random stories.
std::string random_text(const Outcome& outcome, const RunIdentity& identity, uint64_t seed);

}  // namespace rollproof::drill
