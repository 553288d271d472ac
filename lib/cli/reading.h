// Commands that look without the lock. They see a store, a journal and a configuration as somebody else may be changing them, and what they
// then find (a store that is gone, other files, other records) is no finding but somebody at work. Here, and nowhere else, it is decided
// whether what was seen counts.
#pragma once

#include <functional>

#include "lib/cli/context.h"
#include "lib/os/copy_on_write.h"

namespace rollproof::cli {

// A world in which a reading command may do everything a changing one does, and not one byte on disk changes: the same recovery,
// the same replay, seen through a copy-on-write file system.
class ReadingWorld {
 public:
  explicit ReadingWorld(os::World& below)
      : files_(below.files), world_{files_, below.clock, below.memory, below.identity, true} {}
  os::World& world() { return world_; }

 private:
  os::CopyOnWriteFileSystem files_;
  os::World world_;
};

// Code::locked if a changing command is at work: embedded stores can not be read while another process writes them.
Status check_nobody_writes(Context& context);

// Runs `look`, which prints through the context and returns an exit code, and lets its output out if nobody came while it looked: nobody held the
// lock before or after, and nobody has left a trace. Beside somebody who was there all the time, what it says counts too, unless it is that data is
// damaged, differs, or that a person is needed. Otherwise the output is thrown away and it looks again, at most kLooks times, with pauses of half a second in all.
//
// Returns the exit code of the look that counts. Code::locked if none did, naming the holder if there is one now; then nothing was printed, but for
// what was streamed (Output::stream), which may be of two moments.
// Where there is no configuration that can be read nobody is looked for, and the look says itself what is wrong.
// REQUIRES: `look` changes nothing, and begins anew each time.
inline constexpr int kLooks = 6;
Result<int> try_to_look(Context& context, const std::function<int()>& look);

// The same as a whole command: what did not count ends with 24.
int look_alone(Context& context, const std::function<int()>& look);

}  // namespace rollproof::cli
