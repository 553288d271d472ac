// One incident: a rollback, what led to it, and how it went, as the journal tells (seed 000, "Post-Incident Report Template"; R7, R13).
//
// Nothing is stored for it. The journal survives the end of a migration and carries the id; a record beside it could only contradict it, would
// have to be written, synced and cleaned up on the way back, and would be one more thing that a crash can tear.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/report/history.h"

namespace rollproof::report {

// A moment of the timeline. Without a time nothing recorded it, and `source` says what is missing.
struct Moment {
  std::string name;   // "Initial issue detected"
  std::optional<int64_t> time_ms;
  std::string source; // what it is taken from
};

// A limit of seed 000, "Response Time Requirements", counted from the detection.
struct Response {
  std::string name;
  int64_t limit_ms = 0;
  std::optional<int64_t> taken_ms;
  bool at_most = false;  // taken_ms is an upper bound, not a measurement
  std::string verdict;   // "met", "not met", "not measured"
  std::string evidence;
};

struct Impact {
  std::string level;     // "high", "medium", "low": proposed, a person decides
  std::vector<std::string> reasons;
  std::vector<std::string> data;
  std::vector<std::string> system;
  std::vector<std::string> performance;
};

// What really happened, in the words of a drill's cells.
struct Occurrence {
  std::string phase;      // that was rolled back, or in which the migration failed
  std::string direction;  // "forward", "rollback"
  std::string step;       // empty: none in particular
  std::string fault;      // a kind of fault of the drill; empty: the rollback was not disturbed
  std::string why;        // one sentence
};

struct Timed {
  std::string name;
  int64_t ms = 0;
};

struct Incident {
  const Operation* rollback = nullptr;   // in the History that it was made of, which outlives this
  const Migration* migration = nullptr;  // null: the trail does not tell
  std::string status;                    // "resolved", "failed", "stopped", "not ended"
  std::string trigger;                   // the reason that was given, or the failure before; empty: neither is there
  std::vector<Happening> before;         // failures, safe stops and foreign writes that led to it
  std::vector<std::string> failures;     // the same, and those of the rollback itself, as sentences with their time
  std::vector<std::string> disturbances; // interruptions on the way, and who carried on
  Moment detected, decided, started, restored, verified;
  std::vector<Response> responses;       // assessment, decision, execution, verification
  int64_t taken_ms = 0;                  // from the command to its end; until now if it has not ended
  int64_t limit_ms = 0;                  // of the phase
  std::vector<Timed> steps;
  Impact impact;
  std::vector<Occurrence> occurrences;   // the worst first; never empty
  std::vector<std::string> actions;      // what the machine proposes
  std::string replaced_by;               // a later attempt on the same migration; empty: none

  const std::string& id() const { return rollback->incident; }
};

// REQUIRES: `rollback` is one of `history`'s, and has an incident.
Incident incident_of(const History& history, const Operation& rollback, int64_t now_ms);

// Code::not_found names the nearest id, or says that there is none yet.
Result<const Operation*> find_incident(const History& history, const std::string& id);

}  // namespace rollproof::report
