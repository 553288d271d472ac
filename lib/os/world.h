// Everything outside the process that the library may consult, bundled so that a drill can replace all of it.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/result.h"
#include "lib/os/commands.h"
#include "lib/os/file_system.h"

namespace rollproof::os {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t wall_ms() = 0;        // milliseconds since 1970-01-01 UTC; may jump
  virtual int64_t monotonic_ms() = 0;   // never goes back; stops with the machine
  virtual int64_t monotonic_us() { return monotonic_ms() * 1000; }  // the same, finer where the clock is
  virtual void sleep_ms(int64_t ms) = 0;
};

class MemoryGauge {
 public:
  virtual ~MemoryGauge() = default;
  virtual uint64_t used_bytes() = 0;
  virtual uint64_t limit_bytes() = 0;  // of the process or its container; 0 if there is none
};

// Who we are, for lock files, audit and ids.
class Identity {
 public:
  virtual ~Identity() = default;
  virtual int64_t pid() = 0;
  virtual std::string user() = 0;
  virtual std::string host() = 0;
  virtual std::string boot_id() = 0;
  virtual uint64_t random64() = 0;  // not secret
};

// The references outlive every object of the library that was given the World.
struct World {
  FileSystem& files;
  Clock& clock;
  MemoryGauge& memory;
  Identity& identity;
  // True: no thread is started; LevelDB's background work runs on the calling thread (deterministic, for drills).
  // False: LevelDB compacts on a thread of its own.
  bool single_threaded = false;
  Commands* commands = nullptr;  // none: programs of the user can not be run in this world
};

}  // namespace rollproof::os
