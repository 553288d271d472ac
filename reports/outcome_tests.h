// A record as a list of tests, as CI programs know them: every scenario, every control run, every mutant, and one for the verdict of the
// whole, so that a run in which nothing happened is no list of nothing, which counts as green.
#pragma once

#include <string>
#include <vector>

#include "reports/run.h"

namespace rollproof::reports {

struct OutcomeTest {
  std::string suite;    // "cutover rollback", "control runs", "mutants", "verdict"
  std::string group;    // phase.fault, "control", "mutant", "verdict"
  std::string name;     // unique within the group
  Verdict verdict = Verdict::inconclusive;
  std::string category; // the record's own word; may be empty
  std::string message;  // one sentence: why it is not passed, and what was left out of it
  std::string body;     // expected, observed, replay line: lines
  int64_t ms = 0;       // of the longest recovery, by the simulated clock
  const Scenario* scenario = nullptr;  // of the run, if it is one
};

// Ordered by suite, as in the matrix. Names that the record holds twice get a number. REQUIRES: `run` outlives the result.
std::vector<OutcomeTest> tests_of(const Run& run);

}  // namespace rollproof::reports
