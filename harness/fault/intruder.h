// A second command opens the same workspace while the first one is in the middle of something.
//
// May happen: it comes between any two calls of the first. May not happen: two calls at the same instant on one file.
// Survivable because: one lock is held for the whole of every changing command; the second is told who holds it and changes nothing.
#pragma once

#include <cstdint>

namespace rollproof::fault {

// Text: "intruder(at 33)": before changing operation 33.
struct Intruder {
  uint64_t at = 0;
  bool operator==(const Intruder&) const = default;
};

}  // namespace rollproof::fault
