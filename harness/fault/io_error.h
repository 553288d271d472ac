// A call that changes the disk reports an error.
//
// May happen: nothing took effect; the first sectors of a write did; a sync failed and lost the pages, after which a later sync succeeds
// without writing them; from some call on there is no space for anything that grows.
// May not happen: a call that reports success and had none (that is corruption, a fault of its own).
// Survivable because: an error is reported before anything that relies on the call; nobody is told that it worked; and `recover`
// starts from what is really on the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/sim/disk.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "io(at 33)", "io(at 33, part 512)", "io(at 33, lose pages)", "no-space(from 33)".
struct IoError {
  enum class Kind { nothing_done, part_done, pages_lost, no_space };
  Kind kind = Kind::nothing_done;
  uint64_t at = 0;     // changing operation, counted from the start of the story
  uint64_t bytes = 0;  // of part_done

  std::string to_string() const;
  static Result<IoError> parse(std::string_view text);
  bool operator==(const IoError&) const = default;

  // Stateful: one hook for one run. SimDisk::hook_fired() is the proof that it went off.
  sim::SimDisk::FaultHook hook() const;
};

}  // namespace rollproof::fault
