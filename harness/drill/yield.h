// In which order cases are run when there may not be time for all of them.
#pragma once

#include "harness/drill/plan.h"
#include "harness/drill/recording.h"

namespace rollproof::drill {

// What shows most comes first: one case of each scenario; then the points right behind a sync or a rename, where something has just been
// relied on; then the rest. Within each the order stays as it was, so that the same plan gives the same order.
void order_by_yield(const Recording& recording, Plan& plan);

}  // namespace rollproof::drill
