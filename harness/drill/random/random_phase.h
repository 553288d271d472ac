// Random stories under random faults, held to the ten promises; the first that breaks one is made small.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/drill/drill.h"
#include "harness/drill/random/walk.h"
#include "harness/drill/shrink/shrink.h"

namespace rollproof::drill {

struct RandomOptions {
  DrillOptions drill;              // seed, judge
  uint64_t stories = 16;
  uint64_t walks = 8;
  int64_t shrink_ms = 15'000;      // for making a finding smaller, twice: by the plot, and by the case
  std::function<bool()> go_on;     // false: no more stories, and no more shrinking; may be empty
};

struct RandomFinding {
  Shrunk shrunk;     // Shrunk::story without cases if the story breaks the promise without any fault
  int promise = 0;
  std::string what;
};

struct WalkFinding {
  Walk walk;          // made small
  WalkOutcome taken;  // with the violation
};

struct RandomOutcome {
  uint64_t stories = 0, cases = 0, images = 0, not_possible = 0;  // not_possible: faults that the story had no point for
  std::optional<RandomFinding> finding;
  uint64_t walks = 0, commands = 0, strikes = 0;  // of walks; their disk contents are counted in `images`
  std::optional<WalkFinding> walk;                // none are taken once a story has found something
};

// The same seed, the same stories.
RandomOutcome run_random_phase(const RandomOptions& options);

}  // namespace rollproof::drill
