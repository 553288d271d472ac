// What a record adds up to in one word and one sentence, and the clauses of the gate with what was measured.
#pragma once

#include <string>
#include <vector>

#include "reports/run.h"

namespace rollproof::reports {

struct Judgement {
  Verdict verdict = Verdict::inconclusive;  // never passed unless everything that a gate wants before it looks at thresholds is there
  std::string word;                         // "PASSED", "FAILED", "NOT ENOUGH EVIDENCE"
  std::string why;                          // one sentence
};

Judgement judgement_of(const Run& run);

// The clauses as the gate judged them; without a gate what the record itself shows, and "not measured" for the others. In the gate's order.
std::vector<ClauseRow> clauses_of(const Run& run);

// What the run shows, and what it does not: sentences for people.
std::vector<std::string> shown_by(const Run& run);
std::vector<std::string> not_shown_by(const Run& run);

// By promise, of the listed violations.
struct BrokenPromise {
  int promise = 0;
  std::string text;
  uint64_t listed = 0;
};
// All ten, in order.
std::vector<BrokenPromise> promises_of(const Run& run);

}  // namespace rollproof::reports
