// Runs the cases of one story in forked workers. Each takes a fixed share, the results come back by case, so the record is the same
// for any number of workers. A worker that dies or hangs is a verdict on the case it was at; another one goes on behind it.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "harness/drill/plan.h"

namespace rollproof::drill {

struct WorkOptions {
  uint32_t jobs = 2;
  int64_t case_limit_ms = 60'000;  // without a result for so long a worker is hung
  Judge judge;                     // as of CaseRunner
  // Called in the parent as results arrive, in any order; false stops the work (what was not run stays without a result).
  std::function<bool(size_t index, const CaseResult& result)> arrived;
  std::function<bool()> keep_going;  // asked a few times a second; may be empty
};

// By index of `cases`. REQUIRES: one thread.
std::vector<std::optional<CaseResult>> run_cases(const Recording& recording, const std::vector<Planned>& cases, const WorkOptions& options);

// The text by which a result comes back from a worker. Total: parse(print(x)) is x.
std::string print_result(size_t index, const CaseResult& result);
std::optional<std::pair<size_t, CaseResult>> parse_result(const std::string& line);

}  // namespace rollproof::drill
