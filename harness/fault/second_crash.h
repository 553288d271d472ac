// A power loss while the recovery from a first power loss is at work.
//
// May happen: whatever the disk model allows at any point of the recovery. May not happen: the loss of what the first crash had left,
// for the recovery found that on the disk. Survivable because: every step of a recovery is idempotent against its own half.
#pragma once

#include "harness/sim/crash_id.h"

namespace rollproof::fault {

// Text: "crash(after 33, keep none) then crash(after 5)"; the second counts the operations of the recovery.
struct SecondCrash {
  sim::CrashId first;
  sim::CrashId second;
  bool operator==(const SecondCrash&) const = default;
};

}  // namespace rollproof::fault
