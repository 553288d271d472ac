// A random story and its faults in terms that keep a meaning when it is made smaller: moves are read by where the migration stands, and
// points in time as parts of whatever is there.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "harness/drill/case_run.h"
#include "harness/drill/story.h"

namespace rollproof::drill {

struct Move {
  uint8_t verb = 0;      // migrate, rollback, put, delete, batch, in turn
  uint8_t argument = 0;  // how far, which key, how much
  bool operator==(const Move&) const = default;
};

struct Mischief {
  uint8_t kind = 0;       // of those that the plot has
  uint32_t position = 0;  // how far through the drilled commands, in 65,535ths
  uint32_t detail = 0;    // which variant
  bool operator==(const Mischief&) const = default;
};

struct Plot {
  std::vector<StoryRecord> records;
  std::vector<Move> moves;
  uint8_t kinds = 1;    // a bit for each kind that may happen: whole kinds are switched off, so that one does not hide another
  uint8_t target = 0;   // unified-json, leveldb
  std::vector<Mischief> faults;
  bool operator==(const Plot&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Plot& plot);

// The command that a move is where so many phases are done; `reached` is moved on as if it succeeded.
subject::Command read_move(const Move& move, size_t& reached);
// The kind of store that a number is: unified-json, leveldb.
std::string target_of(uint8_t number);

// A valid story, whatever the plot: begins with a migration, goes back only to where it has been.
Story story_of(const Plot& plot, const std::string& name);

// Nothing where the recording has no such point.
std::optional<fault::Fault> fault_of(const Mischief& mischief, const Plot& plot, const Recording& recording, CaseRunner& runner);

}  // namespace rollproof::drill
