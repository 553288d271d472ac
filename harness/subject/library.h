// The library in this process, run on a simulated disk.
#pragma once

#include <string>

#include "harness/check/evidence.h"
#include "harness/sim/sim_world.h"
#include "harness/subject/write_log.h"

namespace rollproof::subject {

struct LibraryOptions {
  check::Places places;
  uint64_t segment_bytes = 16 << 10;  // small: segments get full within a story
  uint64_t seed = 1;                  // of generated values
  int64_t hold_ms_max = 10'000;       // what a switch may make writers wait
};

// Runs one command to its end and logs what it was told. Contexts of the disk's operations are "PHASE/STEP" ("rollback/STEP",
// "write", "open").
// A sim::ProcessDied that a fault throws comes out of here after it has been logged (the command did not end).
check::Answer run(sim::SimDisk& disk, sim::SimWorld& world, const LibraryOptions& options, const Command& command, WriteLog& log);

// The value that the n-th write of a story gets: JSON of about `bytes` bytes, a function of seed, key and n.
std::string generated_value(uint64_t seed, std::string_view key, uint64_t n, uint64_t bytes);

}  // namespace rollproof::subject
