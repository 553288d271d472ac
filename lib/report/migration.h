// One migration as its completion report tells it (seed 003, "Migration Report Template"; row M7): status, durations, integrity, performance, errors.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/migrate/performance.h"
#include "lib/report/history.h"

namespace rollproof::report {

struct PhaseRecord {
  Phase phase = Phase::validate;
  std::string status;                  // "done", "not finished", "taken back", "not begun"
  int64_t at_work_ms = 0;              // the sum of its steps, over all attempts
  uint64_t attempts = 0;               // commands that did a step of it
  std::optional<int64_t> begun_ms, done_ms;
};

// One kind of call, in the source before and in the target afterwards.
struct Compared {
  std::string kind;                    // "reads"
  std::optional<migrate::Latency> source, target;
  double limit = 0;                    // times the source's p95
  std::string verdict;                 // "met", "not met", "not measured"
  std::optional<double> ratio;         // of the p95
};

// A deliverable of a phase (seed 003), and what the journal has of it.
struct Deliverable {
  Phase phase = Phase::validate;
  std::string text;
  std::string verdict;                 // "met", "not met", "not measured", "taken back"
  std::string evidence;
};

struct MigrationRecord {
  const Migration* migration = nullptr;    // in the History, which outlives this
  std::string status;                      // "SUCCESS", "ROLLED BACK", "NOT FINISHED", "FAILED"
  std::string standing;                    // one sentence
  int64_t total_ms = 0;                    // from its beginning to its end, to the end of its last command while it runs
  int64_t at_work_ms = 0;                  // of the commands alone
  std::vector<PhaseRecord> phases;         // always all five
  std::map<std::string, Json> facts;       // of the last attempt of each step, "copy/compare"
  uint64_t commands = 0, commands_failed = 0;
  std::vector<Compared> performance;       // reads, writes, queries
  std::optional<uint64_t> memory_source, memory_target;
  std::optional<migrate::Latency> dual_write;  // writes to both stores
  std::vector<std::string> errors;         // sentences with their time
  std::vector<std::string> incidents;      // ids of its rollbacks
  const Operation* last_rollback = nullptr;
  std::vector<Deliverable> deliverables;   // twenty

  const Json* fact(const std::string& step, const char* name) const;
};

MigrationRecord record_of(const History& history, const Migration& migration);

// `id` empty: the latest. Code::not_found names the nearest.
Result<const Migration*> find_migration(const History& history, const std::string& id);

// The deliverables of the five phases against what was journaled. Reads `phases` and `facts` of the record.
std::vector<Deliverable> deliverables_of(const MigrationRecord& record);

}  // namespace rollproof::report
