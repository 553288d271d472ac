// Whether the figures of a record add up: somebody may have edited it, or only a part of it may have reached the disk.
#pragma once

#include <nlohmann/json.hpp>

#include "reports/figures.h"

namespace rollproof::reports {

inline constexpr uint64_t kShardsMax = 10'000;

// Fills `figures.contradictions`, and its steps, which are counted again. REQUIRES: every member that is looked at was read into `figures`, so it is
// there and of its type.
void find_contradictions(const nlohmann::ordered_json& record, Figures& figures);

}  // namespace rollproof::reports
