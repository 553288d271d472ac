// One case on its own, told in words.
#pragma once

#include <string>

#include "harness/drill/drill.h"

namespace rollproof::drill {

struct Replay {
  CaseResult result;
  std::string case_id;
  std::string text;  // trace around the fault, the answers, each violation
  bool elsewhere = false;  // the point is in another scenario than the id says: an id of another build, which shows nothing
};

// `id`: a case, or "STORY:control". A case runs in a process of its own, as in a run: a library that dies in it is a violation of promise 5.
// REQUIRES: one thread. Code::invalid if there is no such story or the story has no such point.
Result<Replay> replay_case(const std::vector<Story>& stories, const std::string& id, const DrillOptions& options);

// What happens in a scenario or a case. Nothing is run but the story.
Result<std::string> explain(const std::vector<Story>& stories, const std::string& id, const DrillOptions& options);

}  // namespace rollproof::drill
