// Makes a finding small: fewer commands, fewer records, a later start, fewer lost writes, as long as the same promise is broken in the same way by the
// same kind of fault.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/drill/drill.h"

namespace rollproof::drill {

struct Shrunk {
  Story story;            // names the one case; can be kept as a regression as it is
  fault::Fault fault;
  CaseResult result;      // of it
  std::string words;      // what goes wrong, for people: which write must be durable before which
  std::vector<std::string> matters;  // the operations that it takes, each with what becomes of it: "lost 7 write …", "done 9 rename …"
  uint64_t operations = 0;  // of the drilled commands, up to the fault
  uint64_t tried = 0;       // cases
};

struct ShrinkOptions {
  DrillOptions drill;             // ground, seed, judge
  int promise = 1;                // that stays broken
  std::function<bool()> go_on;    // false: what is smallest so far is the answer; may be empty
};

// Code::invalid if the case does not break the promise in this story.
Result<Shrunk> shrink(const Story& story, const fault::Fault& fault, const ShrinkOptions& options);

}  // namespace rollproof::drill
