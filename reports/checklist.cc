#include "reports/checklist.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "reports/checklist_after.h"
#include "reports/rollback_evidence.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 12> kTexts = {
    "Rollback with 100 % success",        "Rollback with a damaged backup", "Rollback during an active migration",   "Rollback after a system crash",
    "Concurrent rollback attempts",       "Rollback with partial data",     "All data of the source restored",       "All migrated records removed from the target",
    "Cache cleared",                      "Migration state reset",          "Audit logs created",                    "User notifications sent",
};

constexpr std::array<const char*, 5> kPhases = {"validate", "dual-write", "copy", "prove", "cutover"};

LineFinding every_phase(const Run& run) {
  std::set<std::string> from;
  for (const Control& control : run.controls) {
    for (const std::string& phase : control.rollback_from) {
      if (control.verdict != "passed") return {"not met", fmt::format("without any fault: {}", control.observed)};
      from.insert(phase);
    }
  }
  std::vector<std::string> missing;
  for (const char* phase : kPhases) {
    if (!from.contains(phase)) missing.push_back(phase);
  }
  if (!missing.empty()) return {"not measured", fmt::format("no undisturbed rollback from {} in this run", fmt::join(missing, ", "))};
  return {"met", "undisturbed rollbacks from all five phases succeeded, all ten promises checked"};
}

LineFinding damaged_backup(const Run& run) {
  return judged(run, [](const Scenario& one) { return one.fault == "corruption" && one.direction == "rollback" && one.step == "backup"; }, "no backup was damaged before or during a rollback in this run");
}

// Every operation and crash image, and one more in the recovery.
LineFinding crash_during_rollback(const Run& run) {
  const LineFinding first = judged(run, [](const Scenario& one) { return one.direction == "rollback" && (one.fault == "crash" || one.fault == "process-death"); }, "no crash during a rollback in this run");
  const LineFinding again = judged(run, [](const Scenario& one) { return one.fault == "second-crash"; }, "no crash of a recovery in this run");
  const bool broken = first.verdict == "not met" || again.verdict == "not met", both = first.verdict == "met" && again.verdict == "met";
  return {broken ? "not met" : both ? "met" : "not measured", fmt::format("Crashes: {}. Crashes of the recovery: {}", first.evidence, again.evidence)};
}

LineFinding state_reset(const Run& run) {
  const LineFinding clean = promised(run, {3, 8}, "journal ended, route source only, no lock, no leftover");
  if (clean.verdict != "met") return clean;
  for (const Control& control : run.controls) {
    if (control.migrates_again) return {"met", clean.evidence + "; a new migration began afterwards"};
  }
  return {"not measured", "no new migration was begun after a rollback"};
}

std::vector<LineFinding> testing(const Run& run) {
  return {every_phase(run),
          damaged_backup(run),
          {"not measured", "a rollback is drilled from a finished copy with writers, not yet at every operation of a running one"},
          crash_during_rollback(run),
          judged(run, [](const Scenario& one) { return one.fault == "intruder"; }, "no second actor in this run"),
          {"not measured", "subsets of the kinds of data are not drilled yet"},
          promised(run, {1, 2, 3}, "the source, read by a reader of the harness, holds what it held before with the writes since"),
          promised(run, {3}, "the target is as it was before the migration"),
          {"not applicable", "no cache takes part in these migrations"},
          state_reset(run),
          promised(run, {9}, "the chain of the audit trail verifies and has one end for each begin"),
          // That somebody received it, and within two minutes, takes more than a file.
          promised_in_part(run, {9}, "start and one completion each in the notification file, with the result of the audit trail", "a receiver, and the time until it holds the start")};
}

}  // namespace

std::vector<ChecklistLine> checklist_of(const Run& run) {
  std::vector<ChecklistLine> lines;
  const auto findings = testing(run);
  for (size_t i = 0; i < kTexts.size(); ++i) {
    lines.push_back({"rollback testing", i < 6 ? "Tests" : "Validation", static_cast<int>(i) + 1, kTexts[i], findings[i].verdict, findings[i].evidence});
  }
  for (ChecklistLine& line : checklist_after_rollback(run)) lines.push_back(std::move(line));
  return lines;
}

std::string marked(const std::string& verdict) {
  const char* glyph = verdict == "met" ? "✓" : verdict == "not met" ? "✗" : verdict == "not applicable" ? "–" : "?";
  return fmt::format("{} {}", glyph, verdict);
}

Json to_json(const std::vector<ChecklistLine>& lines) {
  Json json = Json::array();
  for (const ChecklistLine& line : lines) {
    json.push_back(Json{{"list", line.list}, {"part", line.part}, {"number", line.number}, {"text", line.text}, {"verdict", line.verdict}, {"evidence", line.evidence}});
  }
  return json;
}

std::string render_checklist_json(const Run& run) {
  const Json json{{"schema_version", 1}, {"run_id", run.run_id}, {"record_sha256", run.sha256}, {"lines", to_json(checklist_of(run))}};
  return json.dump(1) + "\n";
}

std::string render_checklist(const Run& run) {
  std::string out = "# Rollback testing checklist\n\n";
  out += fmt::format("Run {}, profile {}, seed {}. Simulated disk, model strict (POSIX and no more).\n", markdown_code(run.run_id), markdown_escaped(run.profile), run.seed);
  std::string part;
  for (const ChecklistLine& line : checklist_of(run)) {
    if (line.part != part) {
      if (line.list != "rollback testing" && line.number == 1) out += "\n# Verification after a rollback\n";
      out += fmt::format("\n## {}\n\n", line.part);
      part = line.part;
    }
    out += fmt::format("- [{}] {}. {}: **{}**. {}\n", line.verdict == "met" ? 'x' : ' ', line.number, line.text, line.verdict, markdown_escaped(line.evidence));
  }
  out += "\n*Met* only if every planned case of what a line asks for was run and passed with proof of its fault. Everything else says what is missing.\n";
  return out;
}

}  // namespace rollproof::reports
