// A step: named, idempotent, journaled, with a look at the world before and after.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/migrate/session.h"

namespace rollproof::migrate {

struct Step {
  std::string name;
  std::string what;  // one sentence for plan and help
  // Does the work. It may have been half done before and must then complete it. `facts` go into the journal with its done record.
  std::function<Status(Session&, Json& facts)> run;
  // Looks at the world, not at what run() believes. Empty: run() ends with its own proof.
  std::function<Status(Session&)> verify;
  // What it has looked at may have changed by the time that another process comes to the next step: that one looks again.
  bool looked_at_again = false;
};

// Runs the steps of `scope` (a phase's name, or "rollback") that are not done yet, in order: intent, run, verify, done. One that is looked at again
// is not done for this call until the step behind it is. A failing step
// leaves its intent in the journal; `recover` or the same command again carries on there.
Status run_steps(Session& session, const std::string& scope, const std::vector<Step>& steps);

}  // namespace rollproof::migrate
