// Finishes whatever was interrupted, forward or back.
#pragma once

#include <string>

#include "lib/migrate/session.h"

namespace rollproof::rollback {

struct Recovered {
  bool had_work = false;
  std::string did;  // one line: "finished the rollback op-…", "replayed the journal into both stores", "nothing to do"
  std::string finished;  // the kind of the operation that was finished: "migrate", "rollback"; empty if there was none
};

// Looks first without writing; if nothing was interrupted, nothing is written. Otherwise opens a session, which replays the journal,
// and carries on with the operation that was under way. May be run again and again.
Result<Recovered> recover(os::World& world, const std::string& config_path, const migrate::SessionOptions& options);

}  // namespace rollproof::rollback
