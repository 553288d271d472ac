// Time goes wrong: a call takes longer than anybody planned for, or the clock of the machine is set while a command is at work.
//
// May happen: one call, changing or looking, takes an hour and a minute (longer than every phase's limit) and then answers as always; the wall clock jumps a
// day forward or back at one call. May not happen: a call that never returns (that is a process to be killed: process death); the monotonic
// clock goes back.
// Survivable because: nothing about data is decided by a clock; the one thing that a clock decides, the hold of new writes before a switch, is measured by
// the monotonic clock, and expires into "nothing was switched". What the call took is not counted as the library's time; waiting because of it would be.
// A phase that compares the speed of the target with the source's may refuse to go on when one of the measured calls stalled: that is its job.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/sim/disk.h"
#include "harness/sim/sim_world.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "stall(at 33)", "stall(at 33, look 2)", "clock(at 33, forward)", "clock(at 33, back)". `look` counts calls that only look as IoError does.
struct Timeout {
  enum class Kind { stall, forward, back };
  Kind kind = Kind::stall;
  uint64_t at = 0;
  uint64_t look = 0;  // of stall: 0 is the changing operation itself

  static constexpr int64_t kStallMs = 61 * 60'000;
  static constexpr int64_t kJumpMs = 24 * 3'600'000;

  std::string to_string() const;
  static Result<Timeout> parse(std::string_view text);
  std::string in_words() const;
  bool operator==(const Timeout&) const = default;

  // For one run of a command; `fired` counts the times it went off. Both outlive the hook.
  sim::SimDisk::FaultHook hook(sim::SimClock& clock, uint64_t& fired) const;
};

}  // namespace rollproof::fault
