// A record of a drill (run.json) as the views read it. Whatever is missing in the record, or is not what it should be, is missing here as
// well, and a view says "not measured": nothing is taken for good that the record does not show to be good.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::reports {

enum class Verdict { passed, failed, inconclusive, not_run };
std::string_view name_of(Verdict verdict);   // as in the record: "passed", …, "not_run"
std::string_view glyph_of(Verdict verdict);  // ✓ ✗ ? ○

struct Counts {
  uint64_t planned = 0, run = 0, pruned = 0;
  std::vector<std::pair<std::string, uint64_t>> excluded;  // reason, count
  uint64_t excluded_total() const;
};

// Times of recoveries, each in milliseconds, rounded up to two digits: how many took so long.
using Times = std::map<int64_t, uint64_t>;
// The time that `percent` of all stayed within; nothing if there is none.
std::optional<int64_t> percentile(const Times& times, int percent);

struct Scenario {
  std::string id, phase, direction, step, store, fault, proof, category, expected, observed, replay;
  // "passed" only if every case of it that was run passed and the fault went off; a record that says more than it shows is inconclusive.
  Verdict verdict = Verdict::inconclusive;
  Counts counts;
  uint64_t passed = 0, failed = 0, inconclusive = 0, fired = 0, images = 0;
  int64_t recovery_ms = 0, target_ms = 0;  // of the longest; target 0: none
  Times times;
  std::optional<std::map<std::string, int64_t>> parts;     // detect, decide, undo, verify
  std::optional<std::map<std::string, uint64_t>> integrity;  // checked, missing, extra, changed, duplicated
};

struct Violation {
  int promise = 0;
  std::string case_id, what, category, replay;
};

struct Control {
  std::string story, about, verdict, observed;
  uint64_t operations = 0;
  std::vector<std::string> rollback_from;
  bool migrates_again = false;
};

// A rollback that was really done on a copy of the user's data, and what that says for all of it.
struct Projection {
  std::string phase;
  bool source_damaged = false, within_limit = false;
  int64_t projected_ms = 0, measured_ms = 0, limit_ms = 0;
  uint64_t records = 0;
};

struct PhaseRecovery {
  int64_t max_ms = 0, target_ms = 0;
};

struct Mutant {
  std::string name, mistake, case_id, replay, detail;
  int promise = 0;
  int64_t duration_ms = 0;
};

struct ClauseRow {
  std::string name, measured, limit, margin, why;
  std::string verdict;  // "passed", "failed", "inconclusive", "not measured", "not judged", "not applicable"
};

struct KnownFailureRow {
  std::string id, owner, ticket, reason, since, expires, state;
};

struct Earlier {
  std::string run_id, started_at, verdict;
  uint64_t passed = 0, planned = 0;
  int64_t recovery_ms = 0;  // of the slowest phase
};

// A finding made small: a story in a file of its own beside the record.
struct Finding {
  std::string case_id, file, fault, words;
  int promise = 0;
  uint64_t operations = 0;
};

// Random stories under random faults.
struct RandomPhase {
  uint64_t planned = 0, stories = 0, cases = 0, images = 0;
};

struct Run {
  std::string run_id, version, commit, build_type, started_at, finished_at, profile, execution, ended_because, matrix_sha256, pattern, sha256;
  int64_t duration_ms = 0;
  uint64_t seed = 0, violations_total = 0, images = 0;
  std::vector<Scenario> scenarios;
  std::vector<Violation> violations;  // listed; violations_total counts all
  std::vector<Finding> findings;
  RandomPhase random;
  std::vector<Control> controls;
  Counts cases;
  std::vector<std::pair<std::string, std::string>> not_applicable, gaps;  // id, reason
  uint64_t steps_known = 0, steps_complete = 0;
  std::map<std::string, PhaseRecovery> recovery;
  std::vector<Projection> projections;
  uint64_t mutants_planned = 0, mutants_caught = 0;
  std::vector<Mutant> caught, missed;
  std::optional<int> exit_code;  // of the gate, as it was recorded
  std::string policy, baseline;  // empty: none
  std::vector<ClauseRow> clauses;
  std::vector<KnownFailureRow> known_failures;
  std::vector<Earlier> history;
  std::vector<std::pair<std::string, std::string>> evidence, environment, subject;  // name, value
  std::vector<std::string> redactions;

  uint64_t count(Verdict verdict) const;  // of scenarios
  bool controls_passed() const;           // there are some, and all did
  // Of a control run or of a random story: they are in no scenario.
  std::vector<const Violation*> outside_of_scenarios() const;
};

inline constexpr int kSchemaVersion = 1;

// Code::invalid if `record` is no object of this schema_version; the hint says which ones are known.
Result<Run> run_of(const nlohmann::ordered_json& record);
// The same for the bytes of run.json, whose SHA-256 is then `sha256`.
Result<Run> read_run(std::string_view bytes);

}  // namespace rollproof::reports
