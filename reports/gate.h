// The gate: whether a run shows what a policy asks for, in eight clauses. A pure function of record, policy, baseline and time, so that a record can be
// judged again years later. There is no score: one failed clause is a failed gate.
//
//   1 safety          nothing lost, wrong or stuck, every mutant caught                        11
//   2 required        the scenarios that the policy names were run and passed                  11; a pattern that matches nothing 2
//   3 evidence        something was run, with proof, to the end, and the record adds up         12
//   4 pass_rate       passed, of all scenarios that were planned and of those that were run     10
//   5 recovery        the longest recovery of each phase within its limit                       10
//   6 regression      nothing worse than in the baseline by more than noise, nothing gone       13
//   7 known_failures  few, short-lived and not expired                                          14
//   8 freshness       not older than max_age                                                    12
//
// Known failures are left out of clauses 4 to 6 while they are in force. Nothing is ever left out of 1 to 3: not by a list, a retry or a flag.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/exit_code.h"
#include "reports/figures.h"
#include "reports/policy.h"

namespace rollproof::reports {

struct GateClause {
  enum class Verdict { passed, failed, not_judged };

  int number = 0;
  std::string id;        // as above
  Verdict verdict = Verdict::not_judged;
  std::string measured;  // with numbers, in words
  std::string limit;     // what was asked for
  std::string margin;    // how far measured is from the limit; empty where that makes no sense
  std::string why;       // it failed, or was not judged
  std::vector<std::string> failing;  // what fails it, scenario by scenario; the first kFailingListed
  uint64_t failing_total = 0;
  std::vector<ExitCode> codes;       // of a failed clause, at least one
};
std::string_view name_of(GateClause::Verdict verdict);  // "passed", "failed", "not judged"

inline constexpr size_t kFailingListed = 50;

struct KnownFailureState {
  KnownFailureEntry known;
  std::string state;         // "in force", "expired", "not in force yet", "too long", "matches nothing", "no longer needed"
  uint64_t scenarios = 0;    // that it matches and that do not pass
};

struct Gate {
  std::vector<GateClause> clauses;  // all eight, in order
  std::vector<KnownFailureState> known_failures;
  ExitCode code = ExitCode::bug;
  std::string next;  // what to do about it: a sentence
};

// `baseline`: null if there is none. `now_ms` since 1970.
Gate judge(const Figures& run, const Policy& policy, const Figures* baseline, int64_t now_ms);

// What the clauses share.
bool is_known(const Policy& policy, std::string_view scenario, int64_t now_ms);
void add_failing(GateClause& clause, std::string what);

}  // namespace rollproof::reports
