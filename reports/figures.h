// The figures of a record (run.json) that a gate judges by. Unlike a view, which shows what it can, a gate must not be talked into green: what is
// of the wrong type is no record at all, and figures that do not add up are listed and never believed.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::reports {

struct ScenarioFigures {
  std::string id, phase, fault, category;
  uint64_t planned = 0, run = 0, pruned = 0, excluded = 0;  // cases
  uint64_t passed = 0, failed = 0, inconclusive = 0, fired = 0;
  uint64_t wrong_records = 0;   // integrity: missing, extra, changed and duplicated ones; 0 where the record has none
  bool failed_before = false;   // an attempt before the last one failed: a retry makes nothing good
  int64_t recovery_ms = 0;      // the longest
  int64_t target_ms = 0;        // 0: none

  // From the cases, whatever the record says: "failed", "inconclusive", "passed", "not_run".
  std::string_view verdict() const;
};

// How long the way back takes on the user's own stores, projected from a rollback that was really done.
struct ProjectionFigures {
  std::string phase;
  int64_t projected_ms = 0, limit_ms = 0;
};

struct Figures {
  std::string run_id, profile, commit, version, pattern, subject, execution;
  uint64_t seed = 0;
  int64_t finished_ms = 0;         // since 1970
  uint32_t shard = 1, shards = 1;  // a part of a run that was split
  std::vector<ScenarioFigures> scenarios;
  std::map<std::string, std::string> controls;  // story: verdict
  uint64_t violations = 0;
  std::vector<std::string> violation_cases;  // of the listed ones
  std::string replay;                        // of the first of them
  uint64_t mutants = 0, mutants_caught = 0;
  std::vector<std::string> mutants_missed;
  uint64_t steps = 0, steps_complete = 0;  // counted again from the scenarios
  uint64_t images = 0;
  uint64_t real_planned = 0, real_passed = 0, real_failed = 0;  // cases of real processes
  std::string real_broke_off;                                   // why they did not come to their end
  std::vector<ProjectionFigures> projections;
  // What can not be true of a record that a drill wrote ("copy.crash…: 10 cases planned, but 9 run + 0 pruned + 0 excluded"); the first
  // kContradictionsListed of them.
  std::vector<std::string> contradictions;

  uint64_t cases_run() const;
  uint64_t count(std::string_view verdict) const;  // scenarios
  // Phase: the longest recovery and the tightest target (0: none) of its scenarios.
  struct PhaseTime {
    int64_t max_ms = 0, target_ms = 0;
  };
  std::map<std::string, PhaseTime> recovery() const;
};

inline constexpr size_t kContradictionsListed = 20;

// Code::invalid, naming the member ("scenarios[3].cases.planned is no count"), for what is no record of schema_version 1.
Result<Figures> figures_of(const nlohmann::ordered_json& record);

// The same for the bytes of a file. `path` is for the error only.
Result<nlohmann::ordered_json> parse_record(std::string_view bytes, const std::string& path);

}  // namespace rollproof::reports
