// The process dies while the machine lives: what it wrote without a sync is still there, unsynced, for whoever comes next.
//
// May happen: death between any two changing calls. May not happen: half a call (that is a crash), the loss of anything written.
// Survivable because: the journal tells recovery what was begun. The trap in it: recovery reads bytes that are not durable, builds on
// them, and the power goes out later. So after recovery has said that it is done, everything unsynced is taken away and every
// promise has to hold once more.
#pragma once

#include <cstdint>

namespace rollproof::fault {

// Text: "death(after 33)".
struct ProcessDeath {
  uint64_t after = 0;
  bool operator==(const ProcessDeath&) const = default;
};

}  // namespace rollproof::fault
