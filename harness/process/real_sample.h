// Which real cases a stage has: a fixed sample, a function of the seed and of the changes that the stage makes to the disk.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/process/real_case.h"
#include "harness/process/step_watch.h"

namespace rollproof::process {

// "Every n": in every n-th step of a stage, beginning at one that the seed chooses. 0: none.
struct RealCounts {
  uint64_t kill_every = 1;
  uint64_t kill_every_back = 12; // of the ways back from before the cutover, which have the same steps as the one from it
  uint64_t kills = 1;            // in each of those steps
  uint64_t memory_every = 11;
  uint64_t stall_every = 13;
  uint64_t clock_every = 12;      // forward and back in turn
  uint64_t second_every = 12;     // migrate, rollback, recover and cancel in turn
  uint64_t signal_every = 12;     // SIGTERM, SIGINT, SIGINT twice in turn
  uint64_t damage_every = 12;     // of the ways to damage a class of files between two commands
  uint64_t damage_dead_every = 21;  // the same between a death and the recovery
  bool memory_limits = false;    // address spaces around the smallest that is enough, found by halving

  static RealCounts few();
  static RealCounts deep();
};

// What can not be done here (libfaketime is not there, a sanitizer's build) is not in it.
std::vector<RealCase> sample_of(const RealStage& stage, const std::vector<Site>& sites, const RealCounts& counts, uint64_t seed);

// Where the stage's command begins to fail for want of address space: sizes in KiB, the largest not enough. Runs the command some ten times.
Result<std::vector<uint64_t>> memory_limits_of(const RealStart& start, const RealStage& stage, const std::string& folder);

}  // namespace rollproof::process
