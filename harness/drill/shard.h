// A run in parts, each on a machine of its own: every scenario belongs to exactly one shard, whoever asks, so that the union of all is the whole.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/drill/plan.h"
#include "lib/base/result.h"

namespace rollproof::drill {

struct Shard {
  uint32_t index = 1;  // 1 to count
  uint32_t count = 1;  // 1: the whole

  bool whole() const { return count == 1; }
  // By phase, direction, step and stores, and nothing else: shards know nothing of each other. All faults of a step are in one shard, so that each can
  // say whether its steps are complete.
  bool holds(const Cell& cell) const;
  // "2/8"; Code::invalid for anything else.
  static Result<Shard> parse(std::string_view text);
};

inline constexpr uint32_t kShardsMax = 1000;

// Takes the scenarios of other shards out of the plan, with their cases and counts. Which cases a scenario has does not depend on it.
void keep_shard(Plan& plan, const Shard& shard);

}  // namespace rollproof::drill
