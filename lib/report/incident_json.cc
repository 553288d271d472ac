// The incident report as one JSON document: the same facts as incident_report.cc prints, nothing shortened.
#include <fmt/format.h>

#include "lib/base/time_text.h"
#include "lib/report/incident_report.h"
#include "lib/report/occurrence.h"

namespace rollproof::report {
namespace {

Json number_or_null(const std::optional<int64_t>& number) { return number ? Json(*number) : Json(); }
Json time_or_null(const std::optional<int64_t>& time_ms) { return time_ms ? Json(time_text(*time_ms)) : Json(); }

const char* name_of(Nearness nearness) { return nearness == Nearness::same ? "same" : nearness == Nearness::near ? "near" : "never drilled"; }

Json drill_json(const Incident& incident, const Beside& beside) {
  if (!beside.drill) return Json{{"record", Json()}, {"why", beside.why_none}};
  const Drill& drill = *beside.drill;
  Json json{{"record", drill.path}, {"run_id", drill.run_id}, {"started_at", drill.started_at}, {"profile", drill.profile}, {"subject", drill.subject}, {"commit", drill.commit}, {"whole", drill.whole}, {"nearest", Json::array()}};
  const std::string store = incident.migration == nullptr ? "" : stores_of(*incident.migration);
  for (const Nearest& one : nearest_cells(drill, incident.occurrences, store)) {
    json["nearest"].push_back({{"what_happened", to_text(one.occurrence)}, {"drilled", name_of(one.nearness)}, {"cell", one.cell ? Json(one.cell->id) : Json()},
                               {"verdict", one.cell ? Json(one.cell->verdict) : Json()}, {"proof", one.cell ? Json(one.cell->proof) : Json()},
                               {"recovery_ms", one.cell ? number_or_null(one.cell->recovery_ms) : Json()}, {"projected_ms", number_or_null(one.projected_ms)},
                               {"taken_ms", incident.taken_ms}, {"differs_in", one.what_differs}});
  }
  return json;
}

}  // namespace

Json incident_json(const History& history, const Incident& incident, const Beside& beside, int64_t now_ms) {
  const Operation& rollback = *incident.rollback;
  Json json{{"incident", incident.id()}, {"status", incident.status}, {"generated_at", time_text(now_ms)}, {"read_from", history.read_from}, {"position", rollback.position}, {"operation", rollback.id}};
  json["migration"] = incident.migration == nullptr ? Json() : Json{{"id", incident.migration->id}, {"source", incident.migration->source}, {"target", incident.migration->target}};
  json["phase"] = migrate::name_of(rollback.phase);
  json["goal"] = rollback.goal;
  json["by"] = rollback.by;
  json["reason"] = rollback.reason;
  json["trigger"] = incident.trigger;
  json["result"] = Json{{"result", rollback.result}, {"exit_code", rollback.ended_ms ? Json(rollback.exit_code) : Json()}, {"error", rollback.error}};
  json["taken_ms"] = incident.taken_ms;
  json["limit_ms"] = incident.limit_ms;
  json["timeline"] = Json::array();
  for (const Moment* moment : {&incident.detected, &incident.decided, &incident.started, &incident.restored, &incident.verified}) {
    json["timeline"].push_back({{"event", moment->name}, {"time", time_or_null(moment->time_ms)}, {"from", moment->source}});
  }
  json["steps"] = Json::array();
  for (const Timed& step : incident.steps) json["steps"].push_back({{"step", step.name}, {"ms", step.ms}});
  json["failures"] = incident.failures;
  json["disturbances"] = incident.disturbances;
  json["impact"] = Json{{"level", incident.impact.level}, {"reasons", incident.impact.reasons}, {"data", incident.impact.data}, {"system", incident.impact.system}, {"performance", incident.impact.performance}};
  json["response"] = Json::array();
  for (const Response& one : incident.responses) {
    json["response"].push_back({{"what", one.name}, {"limit_ms", one.limit_ms}, {"taken_ms", number_or_null(one.taken_ms)}, {"at_most", one.at_most}, {"verdict", one.verdict}, {"evidence", one.evidence}});
  }
  json["drill"] = drill_json(incident, beside);
  json["actions"] = incident.actions;
  json["for_a_person"] = Json{"summary", "root_cause", "affected_users", "what_worked", "lessons", "actions", "follow_up"};
  json["replaced_by"] = incident.replaced_by.empty() ? Json() : Json(incident.replaced_by);
  return json;
}

Json incidents_json(const History& history, int64_t now_ms) {
  Json json{{"generated_at", time_text(now_ms)}, {"read_from", history.read_from}, {"incidents", Json::array()}};
  for (auto one = history.operations.rbegin(); one != history.operations.rend(); ++one) {
    if (one->incident.empty()) continue;
    const Incident incident = incident_of(history, *one, now_ms);
    json["incidents"].push_back({{"incident", incident.id()}, {"status", incident.status}, {"phase", migrate::name_of(one->phase)}, {"goal", one->goal}, {"begun_at", time_text(one->begun_ms)},
                                 {"taken_ms", incident.taken_ms}, {"impact", incident.impact.level}, {"trigger", incident.trigger}, {"migration", one->migration}});
  }
  return json;
}

}  // namespace rollproof::report
