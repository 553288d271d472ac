// What a real case has come to, beside the simulated ones of its scenario.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/drill/case_id.h"

namespace rollproof::drill {

struct RealResult {
  std::string id;        // SCENARIO/STAGE:FAULT, stage and fault as harness/process has them; `replay` takes it
  std::string verdict;   // "passed", "failed", "inconclusive": the fault did not go off, which proves nothing
  std::string outcome;   // "stopped, then done": of the command and of the recovery
  std::string proof;     // what shows that the fault went off, or what is missing
  std::vector<check::Violation> violations;
  std::string simulated; // how the simulation was asked whether it allows that outcome, and what it said

  Cell cell() const;     // of the id
};

// A line of events.jsonl, and back. Throws nlohmann::json::exception for what no event is.
nlohmann::ordered_json real_event(const RealResult& result);
RealResult real_result_of(const nlohmann::ordered_json& event);

// An id that names a real case: its stage begins with "real-".
bool is_real(std::string_view id);

// All of a run.
struct RealOutcome {
  std::vector<RealResult> results;    // in the order of their ids
  std::vector<std::string> left_out;  // what could not be done here, and why
  std::string broke_off;              // why it did not come to its end: a mistake of the harness, or a command that fails without a fault
  uint64_t planned = 0;               // results, and those for which there was no time
  int64_t duration_ms = 0;

  uint64_t count(std::string_view verdict) const;
};

}  // namespace rollproof::drill
