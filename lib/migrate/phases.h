// The steps of each phase, in order. What a step does and why is in its file.
#pragma once

#include <vector>

#include "lib/migrate/performance.h"
#include "lib/migrate/phase.h"
#include "lib/migrate/step.h"

namespace rollproof::migrate {

std::vector<Step> validate_steps();
std::vector<Step> dual_write_steps();
std::vector<Step> copy_steps();
std::vector<Step> prove_steps();
std::vector<Step> cutover_steps();
std::vector<Step> steps_of(Phase phase);

// Times the store (lib/migrate/performance.h) and puts the figures into `facts`. REQUIRES: the stores are closed.
Result<Performance> measure_store(Session& session, const store::Where& where, Json& facts);
// A comparison that misses its limit is made again so many times, with the source measured again as well.
inline constexpr int kMeasuredAgainMax = 2;
// What `missed` names is an error unless the configuration says that it is only to be recorded.
Status judge_performance(const Session& session, const std::vector<std::string>& missed, Json& facts);

// A comparison that failed is not passed by a retry: the copy is made again, and proven.
Status seal_difference(Session& session, const Error& found);

// The key of the synthetic write that tries the way back.
std::string probe_key(const State& state);

}  // namespace rollproof::migrate
