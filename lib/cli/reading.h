// A world in which a reading command may do everything a changing one does, and not one byte on disk changes: the same recovery,
// the same replay, seen through a copy-on-write file system.
#pragma once

#include "lib/cli/context.h"
#include "lib/os/copy_on_write.h"

namespace rollproof::cli {

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

}  // namespace rollproof::cli
