// How fast a store reads, writes and answers queries, and whether another one is slow beside it (seed 003: baseline in phase 1, compared
// in phases 2 and 3: read at most 2x, write 3x, query 5x, memory 150 %, dual-write at most 50 % slower).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

// Of single calls, in microseconds. All 0 if nothing was measured.
struct Latency {
  uint64_t count = 0;
  int64_t p50_us = 0;
  int64_t p95_us = 0;
  int64_t p99_us = 0;
};
Latency latency_of(std::vector<int64_t> durations_us);

struct Performance {
  Latency read;    // of a record by its key, spread over all records
  Latency write;   // of one durable put, into a scratch store of the same kind
  Latency query;   // of all records of one space, by a scan of the store
  uint64_t memory_bytes = 0;  // that the process used more with the store open and read than before
  uint64_t records = 0;
};

struct MeasureOptions {
  uint64_t reads = 200;
  uint64_t writes = 20;
  uint64_t queries = 3;
  std::string scratch;  // a folder that is made for the writes and removed again; nothing of an earlier one is kept
};

// Opens the store read-only; not one byte of it changes. REQUIRES: nobody has it open.
Result<Performance> measure(os::World& world, const store::Where& where, const MeasureOptions& options);

nlohmann::ordered_json to_json(const Performance& performance);
Performance performance_from(const nlohmann::ordered_json& json);

// A difference below these is none: twice of almost nothing is still almost nothing. What seed 002 calls normal for reads and writes, 100 ms for
// queries, and for memory what it calls a problem.
inline constexpr int64_t kReadFloor_us = 20'000;
inline constexpr int64_t kWriteFloor_us = 40'000;
inline constexpr int64_t kQueryFloor_us = 100'000;
inline constexpr uint64_t kMemoryFloorBytes = 1'000'000'000;

// The limits that `found` misses beside `baseline`, in words; empty if none. Nothing below its floor is missed.
std::vector<std::string> slower_than_allowed(const Performance& baseline, const Performance& found);

// The slower figures of both, each kind by its p95.
Performance slower_of(const Performance& one, const Performance& other);

// After a rollback: reads and queries take at most 1.2 times as long as before, above the same floor (seed 000, verification checklist).
std::vector<std::string> slower_than_before(const Performance& baseline, const Performance& found);

// The same for writes while both stores are written: at most 50 % slower.
std::vector<std::string> slower_than_allowed_while_dual(const Latency& baseline, const Latency& found);

}  // namespace rollproof::migrate
