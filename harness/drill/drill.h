// A whole run: stories in, record out.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/drill/own_stores.h"
#include "harness/drill/plan.h"
#include "harness/drill/way_back.h"
#include "harness/drill/workers.h"

namespace rollproof::drill {

using OrderedJson = nlohmann::ordered_json;

struct DrillOptions {
  Profile profile;
  std::string scenario = "*";  // pattern of stories or of scenarios
  uint64_t seed = 1;
  uint32_t jobs = 2;
  int64_t budget_ms = 0;       // 0: none; what is not run in time is excluded with that reason
  bool control_only = false;
  int stop_at_promise = 0;     // stop at the first violation of it; 0: go on to the end
  std::string fixtures;
  std::shared_ptr<const OwnStores> own;  // instead of fixtures: the user's stores
  Judge judge;                 // for tests
  std::function<OrderedJson()> mutants;  // fills the record's `mutants`; may be empty
};

struct FoundViolation {
  std::string case_id;
  int promise = 0;
  std::string what;
  std::string category;
};

// One row of the matrix, over all stories.
struct CellOutcome {
  Cell cell;
  Counts counts;
  uint64_t passed = 0, failed = 0, inconclusive = 0, fired = 0, images = 0;
  std::string category;         // the worst seen
  std::string first_failing;    // case id
  std::string observed;         // in words, of the first that was not passed
  int64_t recovery_ms = 0;      // the longest
  int64_t target_ms = 0;
};

struct ControlOutcome {
  std::string story;
  std::string about;
  uint64_t operations = 0;
  CaseResult result;
  std::vector<std::string> rollback_from;  // phases that had been reached when it rolled back
  bool migrates_again = false;             // after a rollback down to the source
};

struct Outcome {
  std::vector<ControlOutcome> controls;
  std::vector<CellOutcome> cells;            // sorted
  std::vector<FoundViolation> violations;    // in the order of stories and cases
  uint64_t violations_total = 0;             // all; the list above is cut
  uint64_t cases_run = 0, images = 0;
  int64_t duration_ms = 0;
  std::vector<WayBack> ways_back;  // the same: how long a rollback takes
  std::string originals_after;   // of a run on the user's stores: digest_of_originals() at its end

  Counts total() const;
  bool control_passed() const;
  // 0, 10 (a projected time back misses its limit), 11 or 12.
  int exit_code() const;
};

// Asked for a line of progress now and then.
struct Progress {
  std::string story;
  size_t story_number = 0, stories = 0;
  uint64_t done = 0, total = 0;   // cases of this story
  uint64_t failed = 0;            // in the whole run
};

// The story, told on the ground that the options choose.
Result<Recording> recording_of(const Story& story, const DrillOptions& options);

inline constexpr size_t kViolationsListed = 200;

// Code::invalid, naming the nearest, if the pattern matches neither a story nor a scenario of one.
Result<Outcome> run_drill(const std::vector<Story>& stories, const DrillOptions& options, const std::function<void(const Progress&)>& progress);

}  // namespace rollproof::drill
