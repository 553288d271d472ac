// A run beside an earlier one.
#pragma once

#include <string>
#include <vector>

#include "reports/figures.h"
#include "reports/policy.h"

namespace rollproof::reports {

struct Comparison {
  std::string not_comparable;          // why; empty: they are
  std::vector<std::string> regressed;  // sentences, in the order of the baseline
  std::vector<std::string> noise;      // worse, but no more than the policy lets pass
  uint64_t left_out = 0;               // known failures
};

// Comparable are runs of one profile, seed and subject, of the whole and not of a shard. Then a scenario, a story or a mutant that is gone is regressed,
// and so is a scenario that passed and does not any more, a phase that recovers slower, and a drill that runs fewer cases.
Comparison compare(const Figures& run, const Figures& baseline, const Policy& policy, int64_t now_ms);

}  // namespace rollproof::reports
