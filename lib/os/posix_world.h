// The world of a production process: the system's clock, memory, identity and disk.
#pragma once

#include <cstdint>
#include <string>

#include "lib/os/posix.h"
#include "lib/os/posix_commands.h"
#include "lib/os/world.h"

namespace rollproof::os {

class PosixClock final : public Clock {
 public:
  int64_t wall_ms() override;
  int64_t monotonic_ms() override;
  int64_t monotonic_us() override;
  void sleep_ms(int64_t ms) override;  // the whole time, whatever signals arrive; nothing if not positive
};

class PosixMemoryGauge final : public MemoryGauge {
 public:
  // Resident bytes; 0 if the system does not say.
  uint64_t used_bytes() override;
  // The smallest of memory.max of our control group and those above it (version 2) and RLIMIT_AS. The last one counts
  // address space, of which resident bytes are a part: close to it, allocations may fail earlier than used_bytes suggests.
  uint64_t limit_bytes() override;
};

class PosixIdentity final : public Identity {
 public:
  int64_t pid() override;
  std::string user() override;     // the name, or the number if it has none
  std::string host() override;     // "unknown" if the system does not say; the same for boot_id
  std::string boot_id() override;
  uint64_t random64() override;
};

// Owns all of it. The World refers into this object.
class PosixWorld {
 public:
  explicit PosixWorld(bool single_threaded = false) : world_{files_, clock_, memory_, identity_, single_threaded, &commands_} {}
  PosixWorld(const PosixWorld&) = delete;
  PosixWorld& operator=(const PosixWorld&) = delete;

  World& world() { return world_; }
  // The same world behind another door to files, such as a copy-on-write one. `files` must outlive the result.
  World with_files(FileSystem& files) { return World{files, clock_, memory_, identity_, world_.single_threaded, &commands_}; }

 private:
  PosixFileSystem files_;
  PosixClock clock_;
  PosixMemoryGauge memory_;
  PosixIdentity identity_;
  PosixCommands commands_;
  World world_;
};

}  // namespace rollproof::os
