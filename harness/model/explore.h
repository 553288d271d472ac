// Breadth-first exploration of every reachable state, so that the first violation has the shortest trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/invariants.h"

namespace rollproof::model {

struct Exploration {
  uint64_t states = 0;
  uint64_t steps = 0;
  bool complete = false;               // every reachable state was seen
  std::optional<Violation> violation;  // the first one
  std::string trace;                   // its steps, one a line, numbered
  std::vector<uint64_t> uses;          // of each Action, so that a rule that never fires is seen
};

// Stops at the first violation or at `most` states. Without a violation it also looks back from the ends (promise 5): from every
// state an end is reachable without further faults, the rolled-back end from every state that has not given up the way back (7).
Exploration explore(const Model& model, uint64_t most = 8'000'000);

}  // namespace rollproof::model
