// The sixteen lines of verification after a rollback.
#pragma once

#include <vector>

#include "reports/checklist.h"

namespace rollproof::reports {

std::vector<ChecklistLine> checklist_after_rollback(const Run& run);

}  // namespace rollproof::reports
