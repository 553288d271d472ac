// Seed 003 names four deliverables for each phase. Each is held against the step that brings it.
#include <fmt/format.h>

#include <algorithm>

#include "lib/record/shown_text.h"
#include "lib/report/migration.h"

namespace rollproof::report {
namespace {

struct Row {
  Phase phase;
  const char* text;
  const char* step;       // that brings it; "" the phase as a whole
  const char* shown;      // a fact of the step that is evidence; "" none
};

constexpr Row kRows[] = {
    {Phase::validate, "Current state analysis report", "inventory", "records"},
    {Phase::validate, "Data integrity verification results", "inspect", ""},
    {Phase::validate, "Performance baseline documentation", "baseline", ""},
    {Phase::validate, "Migration environment ready for phase 2", "readiness", ""},
    {Phase::dual_write, "Dual-write mode operational", "write-both", "epoch"},
    {Phase::dual_write, "Dual-write functionality verified", "test-writes", "writes"},
    {Phase::dual_write, "Performance impact documented", "test-writes", "p95_us"},
    {Phase::dual_write, "System ready for data migration", "", ""},
    {Phase::copy, "Complete data migration to the target's format", "copy-records", "records"},
    {Phase::copy, "Data consistency validation completed", "compare", "differences"},
    {Phase::copy, "Performance requirements verified", "performance", "limits_missed"},
    {Phase::copy, "System ready for final cutover", "", ""},
    {Phase::prove, "Target fully validated", "target-alone", "records"},
    {Phase::prove, "Integration testing completed", "checks", "checks"},
    {Phase::prove, "Error handling verified", "damaged-file", ""},
    {Phase::prove, "Way back tried, system ready for final cutover", "way-back", ""},
    {Phase::cutover, "Migration completed successfully", "", ""},
    {Phase::cutover, "Target answers", "switch", "epoch"},
    {Phase::cutover, "System fully validated", "final-check", "route"},
    {Phase::cutover, "Migration completion report", "final-check", ""},
};

std::string shown(const Json& fact) {
  if (fact.is_string()) return fact.get<std::string>();
  if (fact.is_array()) {
    std::string names;
    for (const Json& one : fact) names += (names.empty() ? "" : ", ") + (one.is_object() && one.contains("name") && one.at("name").is_string() ? one.at("name").get<std::string>() : one.is_string() ? one.get<std::string>() : one.dump(-1, ' ', false, Json::error_handler_t::replace));
    return names.empty() ? "none" : names;
  }
  return fact.is_number_unsigned() ? record::counted(fact.get<uint64_t>()) : fact.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Deliverable deliverable(const MigrationRecord& record, const Row& row) {
  const PhaseRecord& phase = record.phases[static_cast<size_t>(row.phase)];
  Deliverable one{row.phase, row.text, "not met", ""};
  const std::string step = fmt::format("{}/{}", name_of(row.phase), *row.step == '\0' ? "done" : row.step);
  if (!record.facts.contains(step)) {
    one.evidence = phase.status == "not begun" ? "the phase was not begun" : fmt::format("step {} was not done", row.step);
    return one;
  }
  one.verdict = "met";
  one.evidence = *row.step == '\0' ? "every step of the phase was done" : fmt::format("step {} was done", row.step);
  if (const Json* fact = *row.shown == '\0' ? nullptr : record.fact(step, row.shown)) {
    std::string name = row.shown;
    std::replace(name.begin(), name.end(), '_', ' ');
    one.evidence += fmt::format("; {}: {}", name, shown(*fact));
    // No check of the user's own is no integration test, and a limit that is only recorded is none that was kept.
    if (std::string_view(row.shown) == "checks" && !fact->is_array()) one.verdict = "not measured";
    if (std::string_view(row.shown) == "limits_missed" && !fact->empty()) one.verdict = "not met";
    if (std::string_view(row.shown) == "differences" && *fact != Json(0)) one.verdict = "not met";
  }
  if (phase.status == "taken back") {
    one.verdict = "taken back";
    one.evidence += ", and the phase was taken back since";
  }
  return one;
}

}  // namespace

std::vector<Deliverable> deliverables_of(const MigrationRecord& record) {
  std::vector<Deliverable> all;
  for (const Row& row : kRows) all.push_back(deliverable(record, row));
  return all;
}

}  // namespace rollproof::report
