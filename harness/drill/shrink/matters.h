// Which operations of a story a shrunk case takes, and what becomes of each: what somebody has to look at in the code.
#pragma once

#include <string>
#include <vector>

#include "harness/drill/case_run.h"
#include "harness/drill/shrink/lost_writes.h"

namespace rollproof::drill {

// "lost", "done" or "cut" before each operation of the crash, in their order.
std::vector<std::string> what_matters(const sim::Trace& trace, const LeastCrash& least);

// Of any other fault: the operation that it meets, and of a second crash those of both. `second`: what least_crash() made of it, of the trace of the recovery.
std::vector<std::string> what_matters(const Recording& recording, CaseRunner& runner, const fault::Fault& fault, const std::optional<LeastCrash>& second);

}  // namespace rollproof::drill
