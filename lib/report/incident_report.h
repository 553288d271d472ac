// The incident report (seed 000, "Post-Incident Report Template"): filled from the journal, what only a person knows is marked.
#pragma once

#include <optional>
#include <vector>

#include "lib/report/document.h"
#include "lib/report/drilled.h"
#include "lib/report/incident.h"

namespace rollproof::report {

// What stands beside the incident: the drill that it is held against, if there is one, and why there is none otherwise.
struct Beside {
  std::optional<Drill> drill;
  std::string why_none;
};

Document incident_document(const History& history, const Incident& incident, const Beside& beside, int64_t now_ms);
Json incident_json(const History& history, const Incident& incident, const Beside& beside, int64_t now_ms);

// All of them, the newest first.
Document incidents_document(const History& history, int64_t now_ms);
Json incidents_json(const History& history, int64_t now_ms);

}  // namespace rollproof::report
