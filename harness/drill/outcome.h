// What a run has found so far, put together from what happens in it in order. The drill puts it together as it goes; the supervisor does so
// from events.jsonl, when the drill has died.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/drill/plan.h"
#include "harness/drill/real_result.h"
#include "harness/drill/way_back.h"

namespace rollproof::drill {

struct FoundViolation {
  std::string case_id;
  int promise = 0;
  std::string what;
  std::string category;
  std::string story_file;  // not empty: the story stands there and nowhere else
};

// A finding made small (harness/drill/shrink), in a file that can be kept among the regressions.
struct KeptFinding {
  std::string case_id;  // that it was made of; "random"
  int promise = 0;
  std::string file;
  std::string fault;    // empty: none is needed
  std::string words;    // which write has to be durable before which
  std::vector<std::string> matters;  // the operations that it takes; may be empty
  uint64_t operations = 0;           // of the drilled commands, up to the fault
};

// What the random phase did; `stories` is less than `planned` where time or a finding ended it.
struct RandomCounts {
  uint64_t planned = 0, stories = 0, cases = 0, images = 0, not_possible = 0;
  uint64_t walks_planned = 0, walks = 0, commands = 0, strikes = 0;  // of walks
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
  RecoveryParts parts;          // of that one
  check::Integrity integrity;   // of all
  std::map<int64_t, uint64_t> recovery_times;  // of all, each rounded up to two digits: how many
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

inline constexpr size_t kViolationsListed = 200;
inline constexpr const char* kOutOfBudget = "out of budget";  // why a planned case was not run

struct Outcome {
  std::vector<ControlOutcome> controls;
  std::vector<CellOutcome> cells;            // sorted
  std::vector<FoundViolation> violations;    // in the order of stories and cases
  uint64_t violations_total = 0;             // all; the list above is cut
  uint64_t cases_run = 0, images = 0;
  int64_t duration_ms = 0;
  RandomCounts random;
  std::vector<KeptFinding> kept;
  std::vector<WayBack> ways_back;  // of a run on the user's stores: how long a rollback takes
  RealOutcome real;              // the sample of real processes; none in a run on a part
  std::string originals_after;   // the same: digest_of_originals() at its end
  // How the run ended: "completed", "crashed", "timed_out" (its process died, or hung), "interrupted" (somebody stopped it); and in words.
  std::string execution = "completed";
  std::string ended_because;

  // A broken promise of a real case is one of the run.
  void add_real(RealResult result);
  Counts total() const;
  bool control_passed() const;
  // A promise that was not yet violated is listed however long the list is: nobody has to guess what was cut.
  void found(FoundViolation violation);
  // 0, 10 (a projected time back misses its limit), 11, 12, or 130 (interrupted, and nothing found before).
  int exit_code() const;
};

// What a story has in a cell.
struct PlannedCell {
  Cell cell;
  Counts counts;
  int64_t target_ms = 0;
};

class OutcomeFold {
 public:
  void control(ControlOutcome control);
  // Of the next story.
  void planned(const std::vector<PlannedCell>& cells);
  void result(const Cell& cell, const std::string& case_id, const CaseResult& result);
  void real(RealResult result) { outcome_.add_real(std::move(result)); }
  // No more results of this story come: what it planned to run and did not is excluded, with this reason.
  void story_ends(const std::string& reason);
  // The run goes on, or ends, behind a death of the drill's process.
  void died(const std::string& execution, const std::string& why);
  // Sorted, without a duration.
  Outcome take();

 private:
  CellOutcome& cell(const Cell& of);

  Outcome outcome_;
  std::map<std::string, CellOutcome> cells_;
  std::map<std::string, uint64_t> awaited_;  // by cell, of the story at work
};

}  // namespace rollproof::drill
