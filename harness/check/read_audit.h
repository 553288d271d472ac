// Reads audit.jsonl and notifications.jsonl, checks the chain, and derives from the audit trail alone where the migration stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/sim/image.h"

namespace rollproof::check {

struct AuditEvent {
  uint64_t position = 0;
  std::string type;
  // Of the types that have them; otherwise empty.
  std::string route, outcome, following, phase, step, operation, operation_id, incident, goal, result, store;
  std::string files;  // the JSON text of the list
  bool of_source = false, of_target = false;  // a checkpoint names it
  uint64_t epoch = 0;
  int64_t time_ms = 0;  // of the clock on the wall
  // Of a seal: what kind, whether it passed, and what its facts name.
  std::string seal, path;
  std::string aside;  // of a replacement: where the source of before goes
  bool passed = false;
  std::optional<uint64_t> records;
};

struct Operation {
  uint64_t begun_at = 0;
  std::string id;
  std::string kind;  // "migrate", "rollback"
  std::string goal;  // through, or back to
  std::optional<uint64_t> ended_at;
  std::string result;
  std::string incident;  // of a rollback
};

// The state at the end of the trail.
struct Standing {
  bool ever = false;             // a migration has begun at some time
  bool active = false;           // … and not ended
  uint64_t begun_at = 0;         // the position at which the last one began
  std::string outcome;           // of the last one that ended, "rolled_back" or "completed"
  std::string route = "source_only";
  uint64_t epoch = 0;            // of the last switch
  bool following = false;        // every write goes to the target as well
  bool target_complete = false;  // … and what was there before was copied to it
  std::vector<Operation> operations;
  // The last backup that the last migration has called proven: its folder, and how many records were read from it. Empty: none.
  std::string backup;
  std::optional<uint64_t> backup_records;
  // The target was filled, and no rollback has proven the source since: it may be the only good copy that is left.
  bool target_is_copy = false;

  // The store that lacks what was written since it could not be opened; empty: none.
  std::string behind;
  bool in_session = false;       // a session has begun to open stores, and has not closed all of them

  bool answers_from_source() const { return route == "source_only" || route == "dual_source_first"; }
  bool dual() const { return route == "dual_source_first" || route == "dual_target_first"; }
  bool rolled_back() const { return ever && !active && outcome == "rolled_back"; }
};

struct Audit {
  bool there = false;
  std::string broken;  // not empty: the first thing that is wrong with the file, "line 7: …"; events end before it
  std::vector<AuditEvent> events;
  Standing standing;
};

struct Notification {
  uint64_t id = 0;
  std::string type, result, operation_id;
};

struct Notifications {
  bool there = false;
  std::string broken;
  std::vector<Notification> lines;
};

// `file` may be null: nothing is there.
Audit read_audit(const sim::Node* file);
Notifications read_notifications(const sim::Node* file);
// One event more.
void fold(Standing& standing, const AuditEvent& event);
Standing standing_after(const std::vector<AuditEvent>& events);

}  // namespace rollproof::check
