// The least that has to go wrong: a crash image that fails, with as few lost writes and as few operations as still fail, down to the barrier
// that is missing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/sim/crash.h"

namespace rollproof::drill {

struct LeastCrash {
  sim::CrashId id;
  std::string words;           // "operation 7 (…) must be durable before operation 9 (…)"
  std::vector<uint64_t> lost;  // ordinals, ascending: that left nothing behind, or not all
  // Ordinals, ascending: that were not synced and yet reached the disk; if one of them is lost as well, or had not been done, nothing fails.
  std::vector<uint64_t> needed;
  uint64_t tried = 0;  // images
};

// `fails`: whether a crash with this name breaks the promise; it is asked for names of this trace only. Every answer of least_crash failed.
// REQUIRES: fails(id).
LeastCrash least_crash(const sim::Trace& trace, const sim::CrashId& id, const std::function<bool(const sim::CrashId&)>& fails);

}  // namespace rollproof::drill
