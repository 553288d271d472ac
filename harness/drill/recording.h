// A story told once without faults: the trace, what the user was told and when, and to which cell of the matrix each operation belongs.
// Everything about a case is a function of this and of its fault.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/drill/case_id.h"
#include "harness/drill/ground.h"
#include "harness/drill/story.h"
#include "harness/sim/sim_world.h"
#include "harness/subject/library.h"

namespace rollproof::drill {

// Where a story stood after its first k changing operations.
struct Moment {
  size_t command = 0;  // the one at work, or the last one that was
  check::Goal goal = check::Goal::none;
  std::string goal_phase;
  bool begun = false;
  bool acknowledged = false;
  bool refused = false;  // it is to be, and has nothing to come to an end with
};

// A call that only looks: where IoError::Kind::read_fails finds it.
struct Look {
  uint64_t at = 0;      // changing operations done before it
  uint64_t number = 0;  // from 1: the how-manyeth of its command since the last of them
  size_t command = 0;
  sim::Call call = sim::Call::stat;
  sim::TextPtr path;
  bool held = false;  // while new writes were held for a switch
  uint64_t bytes = 0;  // of a read: how many it returned …
  std::vector<uint32_t> records;  // … and, of a log or a manifest of LevelDB, where the first and the last few records begin in them
};

// How often the library allocated between two changing operations of a drilled command.
struct AllocationRun {
  uint64_t at = 0;  // changing operations done before them
  size_t command = 0;
  uint64_t count = 0;
};

bool is_leveldb_log(std::string_view path);  // a log or a manifest: they have one format

struct Recording {
  Story story;
  uint64_t seed = 1;
  sim::Image start;
  subject::LibraryOptions options;
  std::unique_ptr<sim::SimDisk> disk;
  subject::WriteLog log;
  std::vector<sim::Image> after_command;  // as processes see it
  size_t first_drilled_command = 0;
  std::vector<Look> looks;  // of the drilled commands
  std::vector<AllocationRun> allocations;  // the same
  std::vector<std::optional<uint64_t>> limit_asked_at;  // by command: changing operations done at its last safe point, where it asks for the limit of memory
  std::vector<Cell> cells;  // by ordinal; Cell::fault is not filled in

  const sim::Trace& trace() const { return disk->trace(); }
  uint64_t first_drilled() const { return log.commands[first_drilled_command].begun_at; }
  // The cell of the operation in flight after the first k: the last one at the end.
  Cell cell_at(uint64_t k, fault::Kind kind) const;
  Moment moment_at(uint64_t k) const;
  // The drilled command that begins at `k`, if one does: nothing is at work there. Otherwise nothing.
  std::optional<size_t> command_beginning_at(uint64_t k) const;
  // Whether operation k is that of another program, or of the disk itself: no fault meets it, and nobody recovers in the middle of it.
  bool is_of_others(uint64_t k) const;
  int64_t limit_ms_at(uint64_t k) const;
  // The call that only looks which a fault meets, by its place and its number since then; null if there is none.
  const Look* look_at(uint64_t at, uint64_t number) const;
  // Whether the command at work has removed its lock file among the first k operations, which it does last.
  bool has_let_go(uint64_t k) const;
};

// Runs the whole story. An answer that is not ok does not end it: the control run says so.
Result<Recording> record_story(const Story& story, const Ground& ground, uint64_t seed);

// The world that a command of the story has to itself: clock and random numbers are a function of the story's seed and of its place, so that it can be
// run again from its beginning without the ones before it.
class CommandWorld {
 public:
  CommandWorld(sim::SimDisk& disk, const Recording& recording, size_t command);
  sim::SimWorld world;
};

// One command as a process of its own, in a world of its own or in one that somebody has prepared.
// `options`: instead of the story's own.
check::Answer run_command(sim::SimDisk& disk, sim::SimWorld& world, const Recording& recording, size_t command, subject::WriteLog& log, const subject::LibraryOptions* options = nullptr);
check::Answer run_command(sim::SimDisk& disk, const Recording& recording, size_t command, subject::WriteLog& log, const subject::LibraryOptions* options = nullptr);

}  // namespace rollproof::drill
