// A world without chance: clock, memory and identity that a drill sets by hand, around one simulated disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "harness/sim/disk.h"
#include "harness/sim/quiet_files.h"
#include "lib/os/world.h"

namespace rollproof::sim {

// Each look at it takes `step_ms`; sleeping takes no time at all outside. Wall time may be made to jump, monotonic time not.
class SimClock final : public os::Clock {
 public:
  explicit SimClock(int64_t wall_ms = 1'750'000'000'000, int64_t step_ms = 1) : wall_ms_(wall_ms), step_ms_(step_ms) {}

  int64_t wall_ms() override {
    ++reads_;
    advance(step_ms_);
    return wall_ms_;
  }
  int64_t monotonic_ms() override {
    ++reads_;
    advance(step_ms_);
    return monotonic_ms_;
  }
  void sleep_ms(int64_t ms) override {
    ++reads_;
    if (ms > 0) advance(ms);
  }

  void advance(int64_t ms) {
    wall_ms_ += ms;
    monotonic_ms_ += ms;
  }
  void jump_wall(int64_t ms) { wall_ms_ += ms; }
  int64_t passed_ms() const { return monotonic_ms_; }  // monotonic, without a look that takes time itself
  int64_t on_the_wall_ms() const { return wall_ms_; }  // the same of wall time
  uint64_t reads() const { return reads_; }  // calls of the three above: the fault points of time

 private:
  int64_t wall_ms_;
  int64_t monotonic_ms_ = 1'000'000;
  int64_t step_ms_;
  uint64_t reads_ = 0;
};

class SimMemory final : public os::MemoryGauge {
 public:
  uint64_t used_bytes() override { return used; }
  // Who asks for the limit wants to know how close to it things are.
  uint64_t limit_bytes() override {
    seen_over_ += limit != 0 && used > limit / 100 * 90;
    if (asked) asked();
    return limit;
  }

  uint64_t used = 64ull << 20;
  uint64_t limit = 0;  // none
  std::function<void()> asked;  // may be empty
  uint64_t seen_over() const { return seen_over_; }  // how often it was asked while more than 90 % of it were used

 private:
  uint64_t seen_over_ = 0;
};

// Random numbers are a function of the seed and of how many were drawn before.
class SimIdentity final : public os::Identity {
 public:
  explicit SimIdentity(uint64_t seed = 1) : seed_(seed) {}

  int64_t pid() override { return pid_now; }
  std::string user() override { return "drill"; }
  std::string host() override { return "simulated"; }
  std::string boot_id() override { return boot_id_now; }
  uint64_t random64() override { return scramble(scramble(seed_) + drawn_++); }

  int64_t pid_now = 4711;
  std::string boot_id_now = "00000000-0000-4000-8000-000000000001";

 private:
  uint64_t seed_;
  uint64_t drawn_ = 0;
};

// Everything the library may consult. Must stay where it is while the library uses it.
class SimWorld {
 public:
  explicit SimWorld(os::FileSystem& files, uint64_t seed = 1) : identity(seed), quiet_(files), world{quiet_, clock, memory, identity, true} {}
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  SimClock clock;
  SimMemory memory;
  SimIdentity identity;

 private:
  QuietFiles quiet_;

 public:
  os::World world;
};

}  // namespace rollproof::sim
