// What one story comes to: told without a fault, planned, its cases run. It happens in a process of its own, so that the next story is told and planned while
// the cases of this one run, and nothing that one story leaves behind in a process meets another.
#pragma once

#include <functional>

#include "harness/drill/drill.h"

namespace rollproof::drill {

struct Telling {
  const Story& story;
  const DrillOptions& options;
  std::string pattern;  // of scenarios; "*": all
  Covered covered;      // what earlier stories have a case of
  std::function<void(const OrderedJson& event)> say;    // told, planned and the cases, in the order of the plan, as soon as all before them have a result
  std::function<void(const Covered&)> ready;            // planned: waits there until the cases may run
  std::function<bool()> in_time;                        // asked behind that, a few times a second

  struct End {
    bool planned = false;  // the pattern has met something
    bool stopped = false;  // at the first violation that was asked for
    bool in_time = true;
  };
};

// Code::invalid for a case or a kind of fault that the story names and no run could bring about. REQUIRES: one thread.
Result<Telling::End> tell_story(Telling telling);

}  // namespace rollproof::drill
