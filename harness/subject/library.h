// The library in this process, run on a simulated disk.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/sim/sim_world.h"
#include "harness/subject/write_log.h"
#include "lib/incident/event.h"

namespace rollproof::subject {

// Where a story's own writes go: in the spaces that the data has.
struct Keys {
  std::string existing = "56-LookCoin";  // a record that the source holds
  std::string inside = "97-During";      // beginning of the new keys that are written while a migration is at work
  std::vector<std::string> batch = {"56-Batch", "84532-Batch"};  // beginnings of the keys of a batch, in turn
};

struct LibraryOptions {
  check::Places places;
  Keys keys;
  uint64_t segment_bytes = 16 << 10;  // small: segments get full within a story
  uint64_t copy_batch_bytes = 2048;   // several batches even in a small fixture
  bool accept_ordinary_damage = false;  // as the user's --yes
  uint64_t seed = 1;                  // of generated values
  int64_t hold_ms_max = 10'000;       // what a switch may make writers wait
  std::shared_ptr<incident::ReadEvents> read;  // one over many commands of one history; changes what is allocated and nothing else
};

// Runs one command to its end and logs what it was told. Contexts of the disk's operations are "PHASE/STEP" ("rollback/STEP",
// "write", "open").
// A sim::ProcessDied that a fault throws comes out of here after it has been logged (the command did not end).
check::Answer run(sim::SimDisk& disk, sim::SimWorld& world, const LibraryOptions& options, const Command& command, WriteLog& log);

// What is wrong with an answer, without any fault in its way; empty if it is as the story says.
std::string wrong_with_answer(const Command& command, const check::Answer& answer);

// Turns over a bit in the middle of the largest file below `folder` that is not of LevelDB's own diary, durably. Returns its path.
Result<std::string> damage_largest_file(os::FileSystem& files, const std::string& folder);

// The value that the n-th write of a story gets: JSON of about `bytes` bytes, a function of seed, key and n. What is not plain in a key
// is a question mark in the value.
std::string generated_value(uint64_t seed, std::string_view key, uint64_t n, uint64_t bytes);

}  // namespace rollproof::subject
