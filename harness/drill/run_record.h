// The record of a run (run.json). Every other output is a function of it.
#pragma once

#include <string>

#include "harness/drill/drill.h"

namespace rollproof::drill {

struct RunIdentity {
  std::string run_id;
  std::string version;
  std::string commit = "unknown";  // that it was built from; "+changes" if the sources differ from it
  std::string build_type;
  int64_t started_ms = 0;
  int64_t finished_ms = 0;
  std::string program = "rollproof-drill";  // as typed, for replay lines
  std::string config;                       // the same; empty: fixtures
  std::string story_file;                   // the same; empty: the stories of the project
};

// Everything but run_id, started_at, finished_at, duration_ms, performance and what real processes came to is a function of seed, profile and library. `history`, which the
// command copies in behind this (harness/drill/history.h), counts as times do; and `gate` and its companions are a function of record, policy, baseline and
// time (reports/gate.h).
OrderedJson record_of(const Outcome& outcome, const DrillOptions& options, const RunIdentity& identity);

// Parts of it, for records that are put together otherwise.
OrderedJson to_json(const Counts& counts);
void fill_checklist(OrderedJson& record);

std::string replay_line(const RunIdentity& identity, const std::string& case_id, uint64_t seed);
std::string replay_line(const RunIdentity& identity, const FoundViolation& violation, uint64_t seed);

}  // namespace rollproof::drill
