// A call to the disk reports an error: one that changes it, or one that only looks.
//
// May happen: nothing took effect; the first sectors of a write did; a sync failed and lost the pages, after which a later sync succeeds
// without writing them; from some call on there is no space for anything that grows; from some call on the disk takes no change any more
// (what a kernel does with a file system that it no longer trusts), or answers nothing at all, until the process has ended.
// May not happen: a call that reports success and had none (that is damage, a fault of its own); an error of a close alone (it comes at the sync).
// Survivable because: an error is reported before anything that relies on the call; nobody is told that it worked; what can not be
// looked at is not taken for absent; and `recover` starts from what is really on the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/sim/disk.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "io(at 33)", "io(at 33, part 512)", "io(at 33, lose pages)", "io(at 33, read 2)", "no-space(from 33)", "io(from 33)",
// "io(from 33, read 2)", "full(at 33)", "full(at 33, left 4096)".
struct IoError {
  enum class Kind {
    nothing_done,
    part_done,
    pages_lost,
    no_space,
    no_changes,  // from `at` on every call that changes the disk fails; it can still be read
    read_fails,  // one call that only looks
    disk_gone,   // from such a call on every call fails, of either sort
    full,        // while the command is at work that begins there `bytes` are free, and what it gives back
  };
  Kind kind = Kind::nothing_done;
  uint64_t at = 0;     // changing operation, counted from the start of the story
  uint64_t bytes = 0;  // of part_done and full
  uint64_t read = 0;   // of read_fails and disk_gone: the how-manyeth (from 1) looking call of the command since the operation before `at`

  std::string to_string() const;
  static Result<IoError> parse(std::string_view text);
  bool operator==(const IoError&) const = default;

  // Calls that change nothing and may fail: stat, list, open, read, size, free_bytes, lock.
  static bool looks(sim::Call call) { return !sim::mutates(call) && call != sim::Call::close; }
  // Stateful: one hook for one run. None for `full`, which is the disk's own doing (SimDisk::limit_free_bytes). SimDisk::hook_fired() is the proof that it went off.
  sim::SimDisk::FaultHook hook() const;
};

}  // namespace rollproof::fault
