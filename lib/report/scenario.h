// An incident as a story that rollproof-drill tells from now on (reports/schema/scenario.schema.json).
#pragma once

#include <string>

#include "lib/report/incident.h"

namespace rollproof::report {

// The text of the file. The same phase, the same way back, the same kinds of stores, and the worst of what happened as its kinds of faults, on
// fixtures: no record of yours is in it. Code::refused for stores that no story can have; Code::invalid if the journal does not name them.
Result<std::string> scenario_of(const Incident& incident);

}  // namespace rollproof::report
