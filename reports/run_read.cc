#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/base/digest.h"
#include "reports/field.h"
#include "reports/run.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

using field::Json;

constexpr size_t kFailingShown = 3;  // of a clause

Counts counts_of(const Json& cases) {
  Counts counts{.planned = field::count(cases, "planned"), .run = field::count(cases, "run"), .pruned = field::count(cases, "pruned")};
  for (const Json& excluded : field::list(cases, "excluded")) counts.excluded.emplace_back(field::text(excluded, "reason"), field::count(excluded, "count"));
  return counts;
}

// "passed" needs what shows it: a case that ran to its end, a fault that went off, and nothing against it.
Verdict verdict_of(const Json& scenario, const Scenario& read) {
  const std::string said = field::text(scenario, "verdict"), execution = field::text(scenario, "execution");
  if (said == "failed" || read.failed != 0) return Verdict::failed;
  if (said == "not_run" && read.counts.run == 0) return Verdict::not_run;
  const bool shown = read.counts.run != 0 && read.fired != 0 && read.passed != 0 && read.inconclusive == 0 && execution == "completed";
  return said == "passed" && shown ? Verdict::passed : Verdict::inconclusive;
}

Times times_of(const Json& histogram) {
  Times times;
  if (!histogram.is_object()) return times;
  for (const auto& [ms, count] : histogram.items()) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(ms.data(), ms.data() + ms.size(), number);
    if (error == std::errc() && end == ms.data() + ms.size() && number >= 0 && field::count(histogram, ms) != 0) times[number] += field::count(histogram, ms);
  }
  return times;
}

Scenario scenario_of(const Json& json) {
  Scenario one{.id = field::text(json, "id"), .phase = field::text(json, "phase"), .direction = field::text(json, "direction"), .step = field::text(json, "step"), .store = field::text(json, "store")};
  const Json& fault = field::member(json, "fault");
  const Json& verdicts = field::member(json, "verdicts");
  one.fault = field::text(fault, "kind");
  one.fired = field::count(fault, "fired_count");
  one.proof = field::text(json, "proof");
  one.category = field::text(json, "category");
  one.expected = field::text(json, "expected");
  one.observed = field::text(json, "observed");
  one.replay = field::text(json, "replay");
  one.counts = counts_of(field::member(json, "cases"));
  one.passed = field::count(verdicts, "passed");
  one.failed = field::count(verdicts, "failed");
  one.inconclusive = field::count(verdicts, "inconclusive");
  one.images = field::count(json, "images");
  one.recovery_ms = field::milliseconds(json, "recovery_ms");
  one.target_ms = field::milliseconds(json, "target_ms");
  one.times = times_of(field::member(json, "recovery_times"));
  if (const Json& parts = field::member(json, "recovery_parts"); parts.is_object() && !parts.empty()) {
    one.parts.emplace();
    for (const char* part : {"detect", "decide", "undo", "verify"}) (*one.parts)[part] = field::milliseconds(parts, part);
  }
  if (const Json& integrity = field::member(json, "integrity"); integrity.is_object() && field::count(integrity, "checked") != 0) {
    one.integrity.emplace();
    for (const char* what : {"checked", "missing", "extra", "changed", "duplicated"}) (*one.integrity)[what] = field::count(integrity, what);
  }
  one.verdict = verdict_of(json, one);
  if (one.verdict == Verdict::inconclusive && field::text(json, "verdict") == "passed") {
    const std::string execution = field::text(json, "execution");
    one.category = "evidence_missing";
    one.observed = execution != "completed" && one.passed != 0 ? fmt::format("{} before its end: the cases that ran passed, the others were not run", execution.empty() ? "ended" : execution)
                                                               : "the record says passed and does not show it: no case that ran with a fault that went off";
  }
  return one;
}

ClauseRow clause_of(const Json& json) {
  ClauseRow clause{.name = field::text(json, "name"), .why = field::text(json, "why"), .verdict = field::text(json, "verdict")};
  if (clause.name.empty()) clause.name = field::text(json, "clause");
  clause.measured = field::text_of(field::member(json, "measured"));
  clause.limit = field::text_of(field::member(json, "limit"));
  if (clause.limit.empty()) clause.limit = field::text_of(field::member(json, "required"));
  clause.margin = field::text_of(field::member(json, "margin"));
  const auto failing = field::texts(json, "failing");
  for (size_t i = 0; i < failing.size() && i < kFailingShown; ++i) clause.why += (clause.why.empty() ? "" : "; ") + failing[i];
  if (const uint64_t total = std::max<uint64_t>(field::count(json, "failing_total"), failing.size()); total > kFailingShown) clause.why += fmt::format("; and {} more", total - kFailingShown);
  return clause;
}

std::vector<std::pair<std::string, std::string>> reasons_of(const Json& list, const char* why) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const Json& one : list) found.emplace_back(field::text(one, "id"), field::text(one, why));
  return found;
}

// Objects inside an object are shown as "outer.inner".
void flatten(const Json& object, const std::string& prefix, std::vector<std::pair<std::string, std::string>>& out, int depth = 0) {
  if (!object.is_object() || depth > 2) return;
  for (const auto& [key, value] : object.items()) {
    const std::string name = prefix.empty() ? legal_text(key) : prefix + "." + legal_text(key);
    if (value.is_object()) flatten(value, name, out, depth + 1);
    if (std::string text = field::text_of(value); !text.empty()) out.emplace_back(name, std::move(text));
  }
}

void read_recovery(const Json& recovery, Run& run) {
  if (!recovery.is_object()) return;
  for (const auto& [key, phase] : recovery.items()) {
    const std::string name = legal_text(key, 64);
    run.recovery[name] = {.max_ms = field::milliseconds(phase, "max_ms"), .target_ms = field::milliseconds(phase, "target_ms")};
    for (const char* kind : {"projection", "projection_with_damaged_source"}) {
      const Json& json = field::member(phase, kind);
      if (!json.is_object()) continue;
      const Json& basis = field::member(json, "basis");
      run.projections.push_back({.phase = name, .source_damaged = field::flag(json, "source_damaged"), .within_limit = field::flag(json, "within_limit"),
                                 .projected_ms = field::milliseconds(json, "projected_ms"), .measured_ms = field::milliseconds(basis, "measured_ms"),
                                 .limit_ms = field::milliseconds(json, "limit_ms"), .records = field::count(basis, "records")});
    }
  }
}

Mutant mutant_of(const Json& json) {
  return {.name = field::text(json, "name"), .mistake = field::text(json, "mistake"), .case_id = field::text(json, "case"), .replay = field::text(json, "replay"),
          .detail = field::text(json, "detail"), .promise = static_cast<int>(std::min<uint64_t>(99, field::count(json, "promise"))), .duration_ms = field::milliseconds(json, "duration_ms")};
}

void read_mutants(const Json& mutants, Run& run) {
  run.mutants_planned = field::count(mutants, "planned");
  run.mutants_caught = field::count(mutants, "caught");
  for (const Json& one : field::list(mutants, "caught_by")) run.caught.push_back(mutant_of(one));
  for (const Json& one : field::list(mutants, "missed")) run.missed.push_back(mutant_of(one));
}

void read_lists(const Json& record, Run& run) {
  for (const Json& one : field::list(record, "scenarios")) run.scenarios.push_back(scenario_of(one));
  for (const Json& one : field::list(record, "violations")) {
    run.violations.push_back({.promise = static_cast<int>(std::min<uint64_t>(99, field::count(one, "promise"))), .case_id = field::text(one, "case"), .what = field::text(one, "what"),
                              .category = field::text(one, "category"), .replay = field::text(one, "replay")});
  }
  for (const Json& one : field::list(record, "findings")) {
    run.findings.push_back({.case_id = field::text(one, "case"), .file = field::text(one, "file"), .fault = field::text(one, "fault"), .words = field::text(one, "words"),
                            .promise = static_cast<int>(std::min<uint64_t>(99, field::count(one, "promise"))), .operations = field::count(one, "operations")});
  }
  const Json& random = field::member(record, "random");
  run.random = {.planned = field::count(random, "planned"), .stories = field::count(random, "stories"), .cases = field::count(random, "cases"), .images = field::count(random, "images")};
  run.violations_total = std::max<uint64_t>(field::count(record, "violations_total"), run.violations.size());
  for (const Json& one : field::list(record, "known_failures")) {
    run.known_failures.push_back({.id = field::text(one, "id"), .owner = field::text(one, "owner"), .ticket = field::text(one, "ticket"), .reason = field::text(one, "reason"),
                                  .since = field::text(one, "since"), .expires = field::text(one, "expires"), .state = field::text(one, "state")});
  }
  for (const Json& one : field::list(record, "history")) {
    Earlier earlier{.run_id = field::text(one, "run_id"), .started_at = field::text(one, "started_at"), .verdict = field::text(one, "verdict"), .passed = field::count(one, "passed"), .planned = field::count(one, "planned")};
    if (const Json& phases = field::member(one, "recovery_max_ms"); phases.is_object()) {
      for (const auto& [phase, ms] : phases.items()) earlier.recovery_ms = std::max(earlier.recovery_ms, field::milliseconds(phases, phase));
    }
    run.history.push_back(std::move(earlier));
  }
  for (const Json& one : field::list(record, "evidence")) run.evidence.emplace_back(one.is_string() ? field::text_of(one) : field::text(one, "path"), field::text(one, "sha256"));
  run.redactions = field::texts(record, "redactions");
}

void read_coverage(const Json& coverage, Run& run) {
  for (const Json& one : field::list(coverage, "controls")) {
    run.controls.push_back({.story = field::text(one, "story"), .about = field::text(one, "about"), .verdict = field::text(one, "verdict"), .observed = field::text(one, "observed"),
                            .operations = field::count(one, "operations"), .rollback_from = field::texts(one, "rollback_from"), .migrates_again = field::flag(one, "migrates_again")});
  }
  run.cases = counts_of(field::member(coverage, "cases"));
  run.images = field::count(coverage, "images");
  const Json& steps = field::member(coverage, "steps");
  run.steps_known = field::count(steps, "known");
  run.steps_complete = field::count(steps, "complete");
  run.gaps = reasons_of(field::list(steps, "without_a_case"), "why");
}

}  // namespace

Result<Run> run_of(const Json& record) {
  const Json& version = field::member(record, "schema_version");
  if (!version.is_number_integer()) return fail(Code::invalid, "is no record of a drill: it has no schema_version", "", "A record is the run.json that `rollproof-drill run` writes.");
  if (version != Json(kSchemaVersion)) {
    return fail(Code::invalid, fmt::format("is a record of schema_version {}, and this program reads {}", version.dump(), kSchemaVersion), "", "Use the rollproof-drill that wrote it, or a newer one.");
  }
  Run run;
  run.run_id = field::text(record, "run_id");
  const Json& tool = field::member(record, "tool");
  run.version = field::text(tool, "version");
  run.commit = field::text(tool, "commit");
  run.build_type = field::text(tool, "build_type");
  run.started_at = field::text(record, "started_at");
  run.finished_at = field::text(record, "finished_at");
  run.duration_ms = field::milliseconds(record, "duration_ms");
  run.profile = field::text(record, "profile");
  run.seed = field::count(record, "seed");
  run.execution = record.contains("execution") ? field::text(record, "execution") : "completed";
  run.ended_because = field::text(record, "ended_because");
  const Json& matrix = field::member(record, "matrix");
  run.matrix_sha256 = field::text(matrix, "sha256");
  run.pattern = field::text(matrix, "pattern");
  run.not_applicable = reasons_of(field::list(matrix, "not_applicable"), "reason");
  read_lists(record, run);
  read_coverage(field::member(record, "coverage"), run);
  read_recovery(field::member(record, "recovery"), run);
  read_mutants(field::member(record, "mutants"), run);
  const Json& gate = field::member(record, "gate");
  if (const Json& code = field::member(gate, "exit_code"); code.is_number_integer()) {
    // No number that is no exit code reads as 0.
    run.exit_code = code >= Json(0) && code <= Json(255) ? code.get<int>() : 255;
  }
  for (const Json& one : field::list(gate, "clauses")) run.clauses.push_back(clause_of(one));
  run.policy = field::text(field::member(record, "policy"), "path");
  const Json& baseline = field::member(record, "baseline");
  run.baseline = baseline.is_object() ? field::text(baseline, "run_id") : field::text_of(baseline);
  flatten(field::member(record, "environment"), "", run.environment);
  flatten(field::member(record, "subject"), "", run.subject);
  return run;
}

Result<Run> read_run(std::string_view bytes) {
  const Json record = Json::parse(bytes, nullptr, false);
  if (record.is_discarded()) return fail(Code::invalid, "is no JSON", "", "A record is the run.json that `rollproof-drill run` writes; was it cut short?");
  ROLLPROOF_ASSIGN(Run run, run_of(record));
  run.sha256 = sha256_hex(bytes);
  return run;
}

}  // namespace rollproof::reports
