// The runbook, the history, the checklist, environment and evidence.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "reports/checklist.h"
#include "reports/html/page.h"
#include "reports/judgement.h"
#include "reports/runbook.h"
#include "reports/text.h"

namespace rollproof::reports::html {

void fill_runbook(const Run& run, Dictionary& page) {
  set(page, "WARNING", runbook_warning());
  for (const auto& [section, steps] : {std::pair{"STEP_BEFORE", runbook_before()}, {"STEP_AFTER", runbook_after()}}) {
    for (const RunbookStep& step : steps) {
      Dictionary& row = add(page, section);
      set(row, "WHEN", step.when);
      set(row, "TYPE", step.type);
      set(row, "CHECK", step.check);
    }
  }
  for (const RunbookPhase& phase : runbook_of(run)) {
    Dictionary& row = add(page, "RUNBOOK");
    set(row, "PHASE", phase.phase);
    set(row, "LIMIT", duration_text(phase.limit_ms));
    set(row, "STATE", phase.state);
    set(row, "TYPE", phase.back.type);
    set(row, "CHECK", phase.back.check);
    set(row, "MEASURED", phase.measured);
    set(row, "ABORT", phase.abort);
    if (!phase.part_way.empty()) set(add(row, "PART_WAY"), "TYPE", phase.part_way);
  }
  for (const CodeAdvice& advice : advice_on_codes()) {
    Dictionary& row = add(page, "CODE");
    set(row, "NUMBER", std::to_string(advice.code));
    set(row, "WHAT", advice.what);
    set(row, "NEXT", advice.next);
  }
}

namespace {

constexpr size_t kTrendListed = 50;

// This run as a row of its own history.
Earlier as_earlier(const Run& run) {
  Earlier now{.run_id = run.run_id + " (this one)", .started_at = run.started_at, .verdict = std::string(name_of(judgement_of(run).verdict)), .passed = run.count(Verdict::passed), .planned = run.scenarios.size()};
  for (const Scenario& scenario : run.scenarios) now.recovery_ms = std::max(now.recovery_ms, scenario.recovery_ms);
  return now;
}

void fill_trend(const Run& run, Dictionary& page) {
  std::vector<Earlier> runs(run.history.end() - static_cast<std::ptrdiff_t>(std::min(run.history.size(), kTrendListed)), run.history.end());
  runs.push_back(as_earlier(run));
  Dictionary& trend = add(page, "TREND");
  const int width = std::min(60, 930 / static_cast<int>(runs.size()));
  int x = 65;
  for (const Earlier& one : runs) {
    const int height = one.planned == 0 ? 0 : static_cast<int>(100 * std::min(one.passed, one.planned) / one.planned);
    Dictionary& bar = add(trend, "TREND_BAR");
    set_look(bar, verdict_of_word(one.verdict));
    for (const auto& [name, value] : {std::pair{"X", x}, {"Y", 120 - height}, {"W", std::max(2, width - 4)}, {"H", height}, {"TX", x + width / 2 - 2}}) set(bar, name, std::to_string(value));
    x += width;
    Dictionary& row = add(trend, "EARLIER");
    set(row, "ID", one.run_id);
    set(row, "WHEN", readable_moment(one.started_at));
    set(row, "VERDICT", fmt::format("{} {}", glyph_of(verdict_of_word(one.verdict)), one.verdict.empty() ? "not measured" : one.verdict));
    set(row, "PASSED", counted(one.passed));
    set(row, "PLANNED", counted(one.planned));
    set(row, "RECOVERY", one.recovery_ms == 0 ? "not measured" : duration_text(one.recovery_ms));
  }
}

}  // namespace

void fill_history(const Run& run, Dictionary& page) {
  set(page, "BASELINE_TEXT", run.baseline.empty() ? std::string("not measured: the run was compared with no earlier one") : fmt::format("Compared with {}: see the clause on regression in section 2.", run.baseline));
  if (run.history.empty()) {
    add(page, "NO_TREND");
  } else {
    fill_trend(run, page);
  }
  if (run.known_failures.empty()) {
    add(page, "NO_KNOWN");
    return;
  }
  Dictionary& known = add(page, "KNOWN");
  for (const KnownFailureRow& failure : run.known_failures) {
    Dictionary& row = add(known, "FAILURE");
    for (const auto& [name, value] : {std::pair{"ID", &failure.id}, {"OWNER", &failure.owner}, {"TICKET", &failure.ticket}, {"REASON", &failure.reason}, {"SINCE", &failure.since}, {"EXPIRES", &failure.expires}, {"STATE", &failure.state}}) set(row, name, *value);
  }
}

void fill_checklist(const Run& run, Dictionary& page) {
  const auto lines = checklist_of(run);
  for (const auto& [list, title] : {std::pair{"rollback testing", "Rollback testing"}, {"after a rollback", "Verification after a rollback"}}) {
    Dictionary& part = add(page, "LIST");
    std::map<std::string, int> count;
    for (const ChecklistLine& line : lines) {
      if (line.list != list) continue;
      ++count[line.verdict];
      Dictionary& row = add(part, "LINE");
      set_look(row, verdict_of_word(line.verdict));
      set(row, "NUMBER", std::to_string(line.number));
      set(row, "TEXT", line.text);
      set(row, "VERDICT", marked(line.verdict));
      set(row, "EVIDENCE", line.evidence);
    }
    set(part, "TITLE", title);
    set(part, "SUMMARY", fmt::format("{} met, {} not met, {} not measured, {} not applicable", count["met"], count["not met"], count["not measured"], count["not applicable"]));
  }
}

void fill_method(const Run& run, Dictionary& page) {
  const auto fact = [&](const std::string& name, const std::string& value) {
    Dictionary& row = add(page, "FACT");
    set(row, "NAME", name);
    set(row, "VALUE", value.empty() ? "not recorded" : value);
  };
  fact("run", run.run_id);
  fact("program", fmt::format("rollproof-drill {}, commit {}, build {}", run.version, run.commit, run.build_type));
  fact("profile and seed", fmt::format("{}, {}: the same seed gives the same cases", run.profile, run.seed));
  fact("how the run ended", run.execution + (run.ended_because.empty() ? "" : ": " + run.ended_because));
  fact("policy", run.policy.empty() ? "none" : run.policy);
  fact("matrix (SHA-256 of the names of all scenarios)", run.matrix_sha256);
  for (const auto& [name, value] : run.environment) fact("environment: " + name, value);
  for (const auto& [name, value] : run.subject) fact("subject: " + name, value);
  auto excluded = run.cases.excluded;
  std::stable_sort(excluded.begin(), excluded.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (!excluded.empty()) {
    Dictionary& part = add(page, "LEFT_OUT");
    set(part, "COUNT", counted(run.cases.excluded_total()));
    for (const auto& [reason, count] : excluded) {
      Dictionary& row = add(part, "REASON");
      set(row, "COUNT", counted(count));
      set(row, "TEXT", reason);
    }
  }
  if (!run.controls.empty()) {
    Dictionary& part = add(page, "CONTROLS");
    const auto passed = std::count_if(run.controls.begin(), run.controls.end(), [](const Control& one) { return one.verdict == "passed"; });
    set(part, "SUMMARY", fmt::format("{} control runs without faults, {} passed", run.controls.size(), passed));
    for (const Control& control : run.controls) {
      Dictionary& row = add(part, "CONTROL");
      set(row, "GLYPH", glyph_of(verdict_of_word(control.verdict)));
      set(row, "NAME", control.story);
      set(row, "ABOUT", control.about);
      set(row, "OPERATIONS", counted(control.operations));
      if (!control.observed.empty()) set(add(row, "SEEN"), "TEXT", control.observed);
    }
  }
  set(page, "SHA256", run.sha256.empty() ? "not measured" : run.sha256);
  for (const auto& [name, value] : run.evidence) {
    Dictionary& row = add(page, "ITEM");
    set(row, "NAME", name);
    set(row, "VALUE", value);
  }
  for (const std::string& what : run.redactions) set(add(page, "REDACTION"), "TEXT", what);
}

}  // namespace rollproof::reports::html
