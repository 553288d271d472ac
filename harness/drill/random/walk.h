// A random walk: commands one after the other on one disk, many of them struck down by a death or a power loss and recovered from, held to a
// model in memory and to the ten promises after each. What a single fault in a story that starts afresh can not show is what is left of the
// faults before it: leftovers of a recovery that a later command meets, a write that recovery has shown and a later power loss takes back.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "harness/drill/drill.h"
#include "harness/drill/random/plot.h"

namespace rollproof::drill {

// What becomes of a command while it is at work.
struct Strike {
  enum class Kind : uint8_t { none, death, everything_kept, nothing_unsynced, some_lost };
  Kind kind = Kind::none;
  uint32_t position = 0;  // how far through the command's changing operations, in 65,535ths
  uint32_t number = 0;    // which subset is lost, of some_lost
  bool operator==(const Strike&) const = default;
};

struct WalkStep {
  Move move;      // read by where the migration stands at that moment
  Strike strike;
  bool operator==(const WalkStep&) const = default;
};

struct Walk {
  std::vector<StoryRecord> records;
  uint8_t target = 0;  // as of a Plot
  std::vector<WalkStep> steps;
  bool operator==(const Walk&) const = default;

  // A file that can be kept: parse(to_json(walk)) is walk. Code::invalid for anything else, naming what is wrong.
  std::string to_json() const;
  static Result<Walk> parse(std::string_view text, const std::string& path);
};
std::ostream& operator<<(std::ostream& out, const Walk& walk);

struct WalkOutcome {
  uint64_t commands = 0, strikes = 0, images = 0;
  std::optional<check::Violation> violation;  // the first; the walk ends there
  std::string text;                           // what was done, a line for each command, up to there
};

// The same walk, the same outcome.
WalkOutcome take_walk(const Walk& walk, const DrillOptions& options);

}  // namespace rollproof::drill
