// A power loss while the recovery from a first power loss, or from the death of a process, is at work.
//
// May happen: whatever the disk model allows at any point of the recovery. After a power loss that is not the loss of what the first
// crash had left, for the recovery found that on the disk. After the death of a process it is: what the dead process had not synced is
// still there for the recovery to see, and gone afterwards, in whole or in part.
// Survivable because: every step of a recovery is idempotent against its own half, and what it builds on is made durable first.
#pragma once

#include <variant>

#include "harness/fault/process_death.h"
#include "harness/sim/crash_id.h"

namespace rollproof::fault {

// Texts: "crash(after 33, keep none) then crash(after 5)", where the second counts the operations of the recovery, and
// "death(after 33) then crash(after 38)", where it goes on counting: operations below 33 are those of the dead process.
struct SecondCrash {
  using First = std::variant<sim::CrashId, ProcessDeath>;
  First first;
  sim::CrashId second;

  bool after_death() const { return std::holds_alternative<ProcessDeath>(first); }
  uint64_t at() const { return after_death() ? std::get<ProcessDeath>(first).after : std::get<sim::CrashId>(first).after; }
  bool operator==(const SecondCrash&) const = default;
};

}  // namespace rollproof::fault
