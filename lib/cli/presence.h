// Who changes things here, as somebody sees it who looks without the lock: a look between two equal presences without a holder was
// disturbed by nobody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/migrate/config.h"
#include "lib/os/world.h"

namespace rollproof::cli {

struct Presence {
  std::optional<std::string> holder;  // of the lock, as it names itself; nothing: nobody holds it
  std::vector<os::Info> traces;       // of the files that whoever takes the lock or writes to the journal leaves changed

  bool operator==(const Presence&) const;
};

// Takes and changes nothing: one look at the lock, and a stat each of the lock, its folder and the audit trail. What can not be looked at is as if it
// were not there: whoever needs it says what is wrong with it.
Presence presence_in(os::World& world, const migrate::Config& config);

}  // namespace rollproof::cli
