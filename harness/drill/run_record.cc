#include "harness/drill/run_record.h"

#include <fmt/format.h>

#include <set>

#include "harness/drill/case_numbers.h"
#include "harness/drill/completeness.h"
#include "harness/drill/own_report.h"
#include "harness/drill/real_report.h"
#include "lib/base/digest.h"
#include "lib/base/exit_code.h"
#include "lib/base/time_text.h"
#include "reports/checklist.h"

namespace rollproof::drill {
namespace {

using Json = OrderedJson;

std::string verdict_of(const CellOutcome& cell) {
  if (cell.failed != 0) return "failed";
  if (cell.inconclusive != 0) return "inconclusive";
  return cell.passed != 0 ? "passed" : "not_run";
}

// A scenario of which cases were left when the drill's process died is what that death is.
std::string execution_of(const CellOutcome& cell, const Outcome& outcome) {
  if (outcome.execution != "completed" && cell.counts.excluded.contains(outcome.ended_because)) return outcome.execution;
  return cell.counts.run == 0 ? "not_started" : "completed";
}

// Milliseconds (as names) and how many recoveries took so long.
Json times_json(const std::map<int64_t, uint64_t>& times) {
  Json json = Json::object();
  for (const auto& [ms, count] : times) json[std::to_string(ms)] = count;
  return json;
}

Json scenario_json(const CellOutcome& cell, const Outcome& outcome, const DrillOptions& options, const RunIdentity& identity) {
  const std::string verdict = verdict_of(cell);
  Json json{{"id", cell.cell.to_string()},
            {"phase", cell.cell.phase},
            {"direction", cell.cell.direction},
            {"step", cell.cell.step},
            {"store", cell.cell.store},
            {"fault", Json{{"kind", fault::name_of(cell.cell.fault)}, {"params", Json::object()}, {"fired_count", cell.fired}}},
            {"proof", proof_of(outcome.real.results, cell.cell)},
            {"real", real_json(outcome.real.results, cell.cell)},
            {"cases", to_json(cell.counts)},
            {"images", cell.images},
            {"seed", options.seed},
            {"execution", execution_of(cell, outcome)},
            {"verdict", verdict},
            {"verdicts", Json{{"passed", cell.passed}, {"failed", cell.failed}, {"inconclusive", cell.inconclusive}, {"not_run", cell.counts.excluded_total()}}},
            {"category", cell.category.empty() ? "not_run" : cell.category},
            {"expected", "all ten promises hold after recovery"},
            {"observed", verdict == "passed" ? "all ten promises hold" : cell.observed},
            {"recovery_ms", cell.recovery_ms},
            {"target_ms", cell.target_ms},
            {"recovery_parts", to_json(cell.parts)},
            {"integrity", to_json(cell.integrity)},
            {"recovery_times", times_json(cell.recovery_times)}};
  json["replay"] = cell.first_failing.empty() ? "" : replay_line(identity, cell.first_failing, options.seed);
  return json;
}

Json control_json(const ControlOutcome& control) {
  Json json{{"story", control.story}, {"about", control.about}, {"operations", control.operations}, {"verdict", name_of(control.result.verdict)},
            {"rollback_from", control.rollback_from}, {"migrates_again", control.migrates_again}};
  json["observed"] = control.result.violations.empty() ? "" : control.result.violations.front().what;
  return json;
}

// The longest recovery per phase against its limit, by the simulated clock; on the user's stores also the time of a rollback, projected.
Json recovery_json(const Outcome& outcome) {
  Json phases = Json::object();
  for (const CellOutcome& cell : outcome.cells) {
    Json& phase = phases[cell.cell.phase];
    if (phase.is_null()) phase = Json{{"max_ms", 0}, {"target_ms", cell.target_ms}};
    if (cell.recovery_ms > phase["max_ms"].get<int64_t>()) phase["max_ms"] = cell.recovery_ms;
  }
  for (const WayBack& way : outcome.ways_back) {
    phases[way.phase][way.source_damaged ? "projection_with_damaged_source" : "projection"] = to_json(way);
  }
  return phases;
}

// Per phase, direction and stores: what can not happen there, and why.
Json not_applicable_json(const Outcome& outcome) {
  std::set<std::string> places;
  for (const CellOutcome& cell : outcome.cells) {
    places.insert(fmt::format("{}.{}.{}.*@{}", cell.cell.phase, fault::name_of(fault::Kind::connection), cell.cell.direction, cell.cell.store));
  }
  Json list = Json::array();
  for (const std::string& id : places) list.push_back(Json{{"id", id}, {"reason", kNoDatabase}});
  return list;
}

}  // namespace

std::string replay_line(const RunIdentity& identity, const std::string& case_id, uint64_t seed) {
  return fmt::format("{} replay '{}'{}{}{}", identity.program, case_id, identity.story_file.empty() ? "" : fmt::format(" --scenario '{}'", identity.story_file), identity.config.empty() ? "" : fmt::format(" --config '{}'", identity.config),
                     seed == 1 ? "" : fmt::format(" --seed {}", seed));
}

std::string replay_line(const RunIdentity& identity, const FoundViolation& violation, uint64_t seed) {
  return violation.story_file.empty() ? replay_line(identity, violation.case_id, seed) : fmt::format("{} run --scenario '{}'", identity.program, violation.story_file);
}

OrderedJson to_json(const Counts& counts) {
  Json excluded = Json::array();
  for (const auto& [reason, count] : counts.excluded) excluded.push_back(Json{{"reason", reason}, {"count", count}});
  return Json{{"planned", counts.planned}, {"run", counts.run}, {"pruned", counts.pruned}, {"excluded", std::move(excluded)}};
}

void fill_checklist(OrderedJson& record) { record["checklist"] = reports::to_json(reports::checklist_of(reports::run_of(record).value())); }

OrderedJson record_of(const Outcome& outcome, const DrillOptions& options, const RunIdentity& identity) {
  Json scenarios = Json::array();
  std::string names;
  Counts total;
  for (const CellOutcome& cell : outcome.cells) {
    scenarios.push_back(scenario_json(cell, outcome, options, identity));
    names += cell.cell.to_string() + "\n";
  }
  Json controls = Json::array();
  for (const ControlOutcome& control : outcome.controls) controls.push_back(control_json(control));
  Json kept = Json::array();
  for (const KeptFinding& finding : outcome.kept) {
    kept.push_back(Json{{"case", finding.case_id}, {"promise", finding.promise}, {"file", finding.file.substr(finding.file.rfind('/') + 1)}, {"fault", finding.fault}, {"words", finding.words}, {"matters", finding.matters}, {"operations", finding.operations}});
  }
  Json violations = Json::array();
  for (const FoundViolation& violation : outcome.violations) {
    violations.push_back(Json{{"promise", violation.promise}, {"case", violation.case_id}, {"what", violation.what}, {"category", violation.category},
                              {"replay", replay_line(identity, violation, options.seed)}});
  }
  const double seconds = static_cast<double>(std::max<int64_t>(1, outcome.duration_ms)) / 1000;
  const int exit_code = outcome.exit_code();
  Json record{{"schema_version", 1},
              {"run_id", identity.run_id},
              {"tool", Json{{"name", "rollproof-drill"}, {"version", identity.version}, {"commit", identity.commit}, {"build_type", identity.build_type}}},
              {"started_at", time_text(identity.started_ms)},
              {"finished_at", time_text(identity.finished_ms)},
              {"duration_ms", outcome.duration_ms},
              {"execution", outcome.execution},
              {"ended_because", outcome.ended_because},
              {"performance", Json{{"images_per_second", static_cast<uint64_t>(static_cast<double>(outcome.images) / seconds)}}},
              {"profile", options.profile.name},
              {"seed", options.seed},
              {"matrix", Json{{"sha256", sha256_hex(names)}, {"planned", outcome.cells.size()}, {"pattern", identity.story_file.empty() ? options.scenario : identity.story_file}, {"not_applicable", not_applicable_json(outcome)}}},
              {"shard", options.shard.whole() ? Json(nullptr) : Json{{"index", options.shard.index}, {"count", options.shard.count}}},
              {"policy", Json{{"path", ""}, {"sha256", ""}, {"effective", Json::object()}}},
              {"baseline", nullptr},
              {"environment", Json{{"disk", "simulated"}, {"model", "strict"}, {"clock", "simulated"}}},
              {"subject", options.own ? subject_json(*options.own, outcome.originals_after) : Json{{"kind", "fixtures"}}},
              {"scenarios", std::move(scenarios)},
              {"violations", std::move(violations)},
              {"violations_total", outcome.violations_total},
              {"findings", std::move(kept)},
              {"random", Json{{"planned", outcome.random.planned}, {"stories", outcome.random.stories}, {"cases", outcome.random.cases}, {"images", outcome.random.images},
                              {"not_possible", outcome.random.not_possible}, {"walks_planned", outcome.random.walks_planned}, {"walks", outcome.random.walks},
                              {"commands", outcome.random.commands}, {"strikes", outcome.random.strikes}}},
              {"gate", Json{{"exit_code", exit_code}, {"meaning", meaning_of(static_cast<ExitCode>(exit_code))}}},
              {"coverage", Json{{"controls", std::move(controls)}, {"cases", to_json(outcome.total())}, {"steps", to_json(completeness_of(outcome))}, {"images", outcome.images}, {"real", to_json(outcome.real)}}},
              {"recovery", recovery_json(outcome)},
              {"mutants", options.mutants ? options.mutants() : Json{{"planned", 0}, {"caught", 0}, {"missed", Json::array()}}},
              {"checklist", Json::array()},
              {"known_failures", Json::array()},
              {"history", Json::array()},
              {"evidence", Json::array()},
              {"redactions", Json::array()}};
  fill_checklist(record);
  return record;
}

}  // namespace rollproof::drill
