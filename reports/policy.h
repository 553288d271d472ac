// What a run has to show before it counts as passed: the thresholds of the gate's clauses (reports/gate.h). A JSON file in which comments are
// allowed and unknown keys are not; reports/policy.example.json shows every key, reports/schema/policy.schema.json serves editors.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::reports {

// A failure that somebody answers for until a day. It is left out of clauses 4 to 6; no entry changes anything about clauses 1 to 3.
struct KnownFailureEntry {
  std::string id;       // a scenario, or a pattern of scenarios
  std::string owner, ticket, reason;  // none is empty
  std::string since, expires;         // as written; from `expires` on (UTC) the failure counts again, and the gate ends with 14
  int64_t since_ms = 0, expires_ms = 0;
};

struct Policy {
  std::vector<std::string> required;  // clause 2: patterns of scenarios, all of which have to pass

  // GateClause 3. Cases without a proof that their fault went off; percent of steps that have cases of crash, process death and I/O error; cases that
  // were run; profiles that are accepted (empty: any); whether the mutants have to have been run.
  uint64_t inconclusive_max = 0;
  double steps_percent_min = 100;
  uint64_t cases_min = 1;
  std::vector<std::string> profiles;
  bool mutants_required = true;
  double real_percent_min = 90;  // of the cases of real processes, where there are any, those that passed: some find their fault too late

  // GateClause 4, of scenarios. A profile leaves some of the planned ones without a case: about a tenth in `quick` and `default`.
  double planned_percent_min = 85;   // passed, of all that were planned
  double judged_percent_min = 100;   // passed, of those that were run

  // GateClause 5. Where a phase has no limit here, that of its stories applies (5, 15, 60, 30 and 45 minutes).
  std::map<std::string, double> limit_s;
  double percent_of_limit_max = 100;  // less keeps a reserve

  // GateClause 6. Up to these a difference from the baseline is noise.
  double recovery_noise_percent = 20;
  double recovery_noise_ms = 100;  // and a slower recovery within so many milliseconds is noise whatever the percentage
  double cases_noise_percent = 20;

  // GateClause 7.
  uint64_t known_failures_max = 5;
  uint64_t known_failure_days_max = 90;  // from `since` to `expires`
  std::vector<KnownFailureEntry> known_failures;

  std::string max_age = "7d";  // clause 8
  int64_t max_age_ms = 7 * 24 * 3'600'000ll;
};

// Code::invalid, with `path`, for what is no JSON, an unknown key (the hint names the nearest), a key that is there twice, and a value that makes no
// sense. What is not in the text has its default.
Result<Policy> parse_policy(const std::string& text, const std::string& path);

// Every key with the value that applies; parse_policy() of it gives the same policy.
nlohmann::ordered_json to_json(const Policy& policy);
nlohmann::ordered_json to_json(const KnownFailureEntry& known);

}  // namespace rollproof::reports
