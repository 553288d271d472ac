// What a drill says about an incident: the cell of its matrix that is nearest to what really happened (design: "the nearest drilled cell, its
// time beside the real one, and 'this was never drilled'").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/file_system.h"
#include "lib/report/incident.h"

namespace rollproof::report {

// A scenario of a record of a drill (run.json), as far as it is looked at here.
struct Cell {
  std::string id, phase, direction, step, store, fault, verdict, proof;
  uint64_t fired = 0;
  std::optional<int64_t> recovery_ms;  // the longest
};

// A rollback that the drill really did on a copy of the user's own stores, on a real disk, and what it comes to for all of them.
struct Projection {
  std::string phase;
  bool source_damaged = false;
  int64_t projected_ms = 0;
};

struct Drill {
  std::string path, run_id, started_at, profile, subject, commit;
  bool whole = true;                     // false: the run was cut short
  std::vector<Cell> cells;
  std::vector<std::string> undisturbed;  // phases from which a rollback without fault passed
  std::vector<Projection> projections;   // only of a drill of the user's own stores
};

// Code::invalid (path: the file) for what is no record of a drill, or one of a version that is not known.
Result<Drill> read_drill(os::FileSystem& files, const std::string& path);
Result<Drill> parse_drill(const std::string& text, const std::string& path);

enum class Nearness {
  same,     // the same phase, direction, step, fault and kinds of stores, passed, and the fault went off
  near,     // likewise, but for the step
  never,    // the nearest one is something else, failed, or proves nothing; or there is none
};

struct Nearest {
  Occurrence occurrence;
  Nearness nearness = Nearness::never;
  std::optional<Cell> cell;     // nothing: no cell has even the phase
  std::string what_differs;     // "the step", "the kind of fault, the kinds of stores"; empty if the same
  std::optional<int64_t> projected_ms;  // of the rollback of the user's own stores from that phase
};

// For each occurrence of the incident, in its order. `store`: "leveldb>unified-json".
std::vector<Nearest> nearest_cells(const Drill& drill, const std::vector<Occurrence>& occurrences, const std::string& store);

// The kinds of a migration's stores, as a drill names them; empty if the journal does not tell.
std::string stores_of(const Migration& migration);

}  // namespace rollproof::report
