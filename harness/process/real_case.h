// One case on a real disk: the real command is brought to a point of a step, something is done to it there, and whatever is left is recovered.
#pragma once

#include <optional>
#include <string>

#include "harness/process/real_fault.h"
#include "harness/process/real_stage.h"
#include "lib/base/result.h"

namespace rollproof::process {

struct RealCase {
  RealStage stage;
  std::string step;  // by the journal: "copy/drain", "open"; not looked at where the fault has no point in a step
  RealFault fault;
};

// What happened. Images are the folder as the checkers read it.
struct RealRun {
  bool fired = false;
  std::string proof;           // what shows that the fault went off where it was meant to, or what is missing
  std::string step;            // that was under way when it did (by the journal); empty: between steps, or not known
  bool any_change = false;     // the command had changed anything before
  bool killed = false;         // by us: it did not answer
  Finished command;            // what it answered, if it was not killed
  std::optional<Finished> beside;  // the second process
  bool beside_changed = false;
  std::string damaged;         // the file, relative to the workspace
  Finished recovery, second;   // `rollproof recover`, twice
  bool recovery_changed = false, second_changed = false;
  sim::Image begun, found, after;  // before the command, before the recovery, behind it

  // "done", "stopped", "refused", … of the command and of the recovery, as the simulation can be asked for it (harness/drill/real_twin.h).
  std::string outcome(const RealFault& fault) const;
};

// What an exit code says about the command: "done" (0, or a limit was missed), "stopped" (safely, resumable), "locked", "refused" (any other documented
// one: it says so, and changes nothing more), "bug". One table for real commands and for the simulation's answers.
std::string class_of_exit(int exit_code);

// How faults of the clock are brought about; empty if libfaketime is not there or this build can not be run under it.
std::string faketime_library();
// False in a build with a sanitizer, whose own address space is beyond any limit.
bool memory_can_be_limited();

// Works in `folder`, which is made anew. Code::no_permission as run_traced; any other error is the harness's own.
Result<RealRun> run_real(const RealStart& start, const RealCase& what, const std::string& folder);

}  // namespace rollproof::process
