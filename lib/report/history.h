// What the journal tells of its migrations and operations: who did what, when, for how long, with what outcome. The reports are views of this.
//
// The journal outlives every migration, so nothing has to be kept beside it. The audit trail is a rendering of the same events, and serves where
// the journal can not be read any more; what only the journal has (how many records were written) is then not known.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/config.h"
#include "lib/migrate/phase.h"
#include "lib/os/world.h"

namespace rollproof::report {

using Json = nlohmann::ordered_json;
using migrate::Phase;

// All moments are of the wall clock, in milliseconds since 1970, as the journal has them.

struct Step {
  std::string phase;  // of a phase, or "rollback"
  std::string name;   // "done" ends a phase
  int64_t begun_ms = 0;
  std::optional<int64_t> done_ms;
  Json facts = Json::object();
};

// An event that is no step: safe_stop, foreign_open, foreign_taken_over, source_replacing, source_replaced, route, seal, session_begin, …
struct Happening {
  uint64_t position = 0;
  int64_t time_ms = 0;
  std::string type;
  Json event;
  bool interrupted_before = false;  // of a session_begin: the session before it had not ended
};

struct Operation {
  std::string kind;      // "migrate", "rollback", "complete"
  std::string id;
  std::string incident;  // of a rollback
  std::string goal;      // a phase; "source"
  std::string reason;
  std::string migration;
  std::string by;        // "user@host, pid 7"
  uint64_t position = 0; // of its beginning
  int64_t begun_ms = 0;
  std::optional<int64_t> detected_ms;  // as who gave the command said
  std::optional<int64_t> ended_ms;
  std::string result;    // "success", "failed", "stopped"; empty: it has not ended
  std::string error;
  int exit_code = 0;
  Phase phase = Phase::validate;       // of a rollback: the furthest phase that had been begun when it began
  std::string route_before;            // when it began
  std::string route_after;             // when it ended, or now
  std::vector<Step> steps;
  std::vector<Happening> happenings;

  bool succeeded() const { return result == "success"; }
  bool is_said_by_a_safe_stop() const;  // its error repeats what a safe stop of it says
  // The last of its steps with that name, wholly done; null if there is none.
  const Step* done_step(std::string_view name) const;
  const Json* fact(std::string_view step, const char* name) const;
};

struct Seal {
  bool passed = false;
  int64_t time_ms = 0;
  Json facts;
};

struct Migration {
  std::string id, source, target, config_sha256;
  int64_t begun_ms = 0;
  std::optional<int64_t> ended_ms;
  std::string outcome;                 // "rolled_back", "completed"; empty: it runs
  std::string route;
  std::vector<size_t> operations;      // indices in History::operations
  std::map<std::string, Seal> seals;   // the last of each kind
  std::vector<Happening> outside;      // what came while no operation was open
  std::optional<uint64_t> writes;      // puts and deletes through the route while it ran, without Rollproof's own probes; nothing: the trail does not say
};

struct History {
  std::vector<Migration> migrations;
  std::vector<Operation> operations;
  std::string read_from;               // "the journal", "the audit trail FILE, 117 lines, whose chain holds"
  bool clean = true;                   // the journal was closed cleanly, or nobody can tell
  int64_t last_ms = 0;                 // of the last event

  const Operation* incident(const std::string& id) const;  // null: there is none
  std::vector<std::string> incidents() const;              // ids, in order
  const Migration* migration(const std::string& id) const;
};

// Reads without a lock and writes nothing. Code::not_found if there is no journal or nothing in it; Code::corruption (path: what is damaged)
// with the way to the audit trail as a hint.
Result<History> read_history(os::World& world, const migrate::Config& config);

// The same from an audit trail, wherever it lies: a copy of it will do. Code::corruption names the line at which its chain breaks.
Result<History> read_history_of_trail(os::FileSystem& files, const std::string& path);

// For tests and for both of the above: the events in order, each with its position.
class HistoryBuilder {
 public:
  // Code::corruption if it is not what migrate/events.h writes.
  Status take(uint64_t position, const Json& event);
  void take_writes(uint64_t changes);  // of one change entry, if the journal is what is read
  History finish();

 private:
  void fold(uint64_t position, const Json& event);
  void begin_operation(uint64_t position, const Json& event);
  void take_step(const std::string& type, const Json& event);
  Operation* open();

  History history_;
  std::optional<size_t> open_;
  std::vector<Phase> begun_;  // phases that were begun and not taken back
  std::string route_ = "source_only";
  bool in_session_ = false;
};

}  // namespace rollproof::report
