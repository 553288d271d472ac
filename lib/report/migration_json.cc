// The completion report as one JSON document: the same facts as migration_report.cc prints, nothing shortened; null is "not measured".
#include "lib/base/time_text.h"
#include "lib/report/migration_report.h"

namespace rollproof::report {
namespace {

Json time_or_null(const std::optional<int64_t>& time_ms) { return time_ms ? Json(time_text(*time_ms)) : Json(); }

Json latency_json(const std::optional<migrate::Latency>& one) {
  if (!one) return Json();
  return Json{{"count", one->count}, {"p50_us", one->p50_us}, {"p95_us", one->p95_us}, {"p99_us", one->p99_us}};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

Json migration_json(const History& history, const MigrationRecord& record, int64_t now_ms) {
  const Migration& migration = *record.migration;
  Json json{{"migration", migration.id}, {"generated_at", time_text(now_ms)}, {"read_from", history.read_from}, {"status", record.status}, {"standing", record.standing},
            {"source", migration.source}, {"target", migration.target}, {"config_sha256", migration.config_sha256}, {"begun_at", time_text(migration.begun_ms)},
            {"ended_at", time_or_null(migration.ended_ms)}, {"total_ms", record.total_ms}, {"at_work_ms", record.at_work_ms}};
  json["availability"] = Json();
  json["phases"] = Json::array();
  for (const PhaseRecord& one : record.phases) {
    json["phases"].push_back({{"phase", migrate::name_of(one.phase)}, {"status", one.status}, {"at_work_ms", one.at_work_ms}, {"attempts", one.attempts}, {"begun_at", time_or_null(one.begun_ms)}, {"done_at", time_or_null(one.done_ms)}});
  }
  json["seals"] = Json::object();
  for (const auto& [kind, seal] : migration.seals) json["seals"][kind] = Json{{"passed", seal.passed}, {"at", time_text(seal.time_ms)}, {"facts", seal.facts}};
  json["writes"] = or_null(migration.writes);
  json["commands"] = Json{{"all", record.commands}, {"failed", record.commands_failed}};
  json["performance"] = Json::array();
  for (const Compared& one : record.performance) {
    json["performance"].push_back({{"kind", one.kind}, {"source", latency_json(one.source)}, {"target", latency_json(one.target)}, {"p95_ratio", or_null(one.ratio)}, {"limit", one.limit}, {"verdict", one.verdict}});
  }
  json["memory_bytes"] = Json{{"source", or_null(record.memory_source)}, {"target", or_null(record.memory_target)}};
  json["dual_write"] = latency_json(record.dual_write);
  json["errors"] = record.errors;
  json["incidents"] = record.incidents;
  json["deliverables"] = Json::array();
  for (const Deliverable& one : record.deliverables) json["deliverables"].push_back({{"phase", migrate::name_of(one.phase)}, {"text", one.text}, {"verdict", one.verdict}, {"evidence", one.evidence}});
  json["for_a_person"] = Json{"summary", "resolutions", "recommendations", "documents_to_update", "pre_migration_checklist"};
  return json;
}

}  // namespace rollproof::report
