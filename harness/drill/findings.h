// What a run keeps of what it found: each finding as a small story in a file of its own, next to the record.
#pragma once

#include <functional>
#include <string>

#include "harness/drill/drill.h"

namespace rollproof::drill {

inline constexpr size_t kFindingsKept = 3;
inline constexpr int64_t kShrinkMs = 15'000;  // for each

// Shrinks the first violation of each promise, at most kFindingsKept, and writes `folder`/finding-N.json; the outcome says which. A case that killed or
// hung its worker is kept as it is: it would do the same here. Only an error of the disk is an error.
Status keep_findings(const std::vector<Story>& stories, const DrillOptions& options, const std::string& folder, Outcome& outcome);

// Tells `count` random stories; a finding is a violation of the outcome, and is kept as `folder`/finding-random.json. `go_on`: as RandomOptions.
Status add_random_phase(const DrillOptions& options, uint64_t count, const std::string& folder, Outcome& outcome, const std::function<bool()>& go_on);

}  // namespace rollproof::drill
