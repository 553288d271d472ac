// Memory that runs out and time that goes wrong, at every point of a story.
#pragma once

#include "harness/drill/plan_book.h"

namespace rollproof::drill {

void plan_memory(const Recording& recording, const Profile& profile, PlanBook& book);
void plan_timeouts(const Recording& recording, const Profile& profile, PlanBook& book);

}  // namespace rollproof::drill
