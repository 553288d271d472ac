// What an incident was, in the words of a drill: which phase, which direction, which step, which kind of fault.
#pragma once

#include <vector>

#include "lib/report/incident.h"

namespace rollproof::report {

// Of damage first, then of failures and interruptions on the way back, then of what led to it. The last one is the rollback itself,
// undisturbed, if it was. Reads `rollback`, `migration` and `before` of the incident.
std::vector<Occurrence> occurrences_of(const History& history, const Incident& incident);

// In one line: "process-death in rollback step settle, from cutover".
std::string to_text(const Occurrence& occurrence);

}  // namespace rollproof::report
