// A real case, held against the ten promises by the checkers of the simulation, which read the bytes of the folder themselves.
#pragma once

#include "harness/check/checkers.h"
#include "harness/process/real_case.h"

namespace rollproof::process {

// Empty: every promise was kept. REQUIRES: `run` is of `what`, begun at `start`.
check::Violations judge(const RealStart& start, const std::string& target_kind, const RealCase& what, const RealRun& run);

}  // namespace rollproof::process
