#include "reports/runbook.h"

#include <fmt/format.h>

#include "lib/base/exit_code.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr int64_t kMinute = 60'000;

// Limits as the documents of the state migration set them (5, 15, 60, 30, 45 minutes).
struct Known {
  const char* phase;
  const char* state;
  int64_t minutes;
  const char* going_back;  // what `rollback --execute` does from here
  const char* part_way;    // a rollback to an earlier phase, empty if there is none
};

constexpr Known kKnown[] = {
    {"validate", "Only the source is used. Nothing has been written yet, so there is nothing to move back.", 5, "ends the migration; the stores stay as they are", ""},
    {"dual-write", "Writes go to both stores; the source is read and leads.", 15, "stops writing to the target, removes what was migrated there, source only", ""},
    {"copy", "The source leads; the target is being filled.", 60, "stops, proves the source (restores it if it is damaged), removes the partial target", "rollproof rollback --to dual-write --execute"},
    {"prove", "The source leads; the target holds a full copy and is being tried.", 30, "stops asking the target, proves the source, removes what was migrated", "rollproof rollback --to copy --execute"},
    {"cutover", "The target is read and leads; the source is kept in step, so writes made since are kept.", 45, "switches back to the source with every write made since, then removes the target's copy", "rollproof rollback --to prove --execute"},
};

// A real rollback first, if one was timed; the simulated recoveries beside it.
std::string measured(const Run& run, const std::string& phase) {
  std::string words;
  for (const Projection& one : run.projections) {
    if (one.phase != phase) continue;
    words += fmt::format("{}{} on a real disk for {} records{}, projected {} for yours. ", one.source_damaged ? "With a damaged source: " : "", duration_text(one.measured_ms), counted(one.records),
                         one.source_damaged ? "" : " (copy of your data)", duration_text(one.projected_ms));
  }
  Cell cell = cell_of_phase(run, phase, "rollback");
  const Cell recovery = cell_of_phase(run, phase, "recovery");
  for (const auto& [ms, count] : recovery.times) cell.times[ms] += count;
  if (cell.cases_run + recovery.cases_run == 0) return words.empty() ? "not measured" : words + "Under faults: not measured.";
  const int64_t longest = std::max(cell.max_ms, recovery.max_ms);
  words += fmt::format("Under faults, simulated clock: max {}", duration_text(longest));
  if (const auto half = percentile(cell.times, 50)) words += fmt::format(", p50 {}, p95 {}", duration_text(*half), time_or_nothing(percentile(cell.times, 95)));
  return words + ".";
}

RunbookPhase phase_of(const Run& run, const Known& known) {
  RunbookPhase phase{.phase = known.phase, .state = known.state, .limit_ms = known.minutes * kMinute, .measured = measured(run, known.phase)};
  phase.steps = {
      {"always first", "rollproof status", "prints the phase, the route and whether something is at work"},
      {"is the way back open?", "rollproof can-rollback", "yes (exit 0), how long it will take, writes kept, the backup"},
      {"a migration is still at work", "rollproof cancel --wait 60", "exit 0: it stopped at its next batch"},
      {fmt::format("go back ({})", known.going_back), "rollproof rollback --reason 'TEXT' --execute", "exit 0, and every criterion it prints is met"},
  };
  if (*known.part_way != 0) phase.steps.push_back({"go back one phase only", known.part_way, "exit 0; `rollproof status` names the earlier phase"});
  phase.steps.push_back({"the machine or the process died meanwhile", "rollproof recover", "exit 0; typing it again says that nothing is left to do"});
  phase.steps.push_back({"afterwards", "rollproof doctor", "exit 0: no locks, leftovers or half-done work"});
  phase.abort = fmt::format("Call for help when {} have passed since you began, when a command ends with 21 or 26, or when can-rollback says no. Never delete a store, a backup or the journal by hand: "
                            "what was moved aside is still needed.",
                            duration_text(known.minutes * kMinute));
  return phase;
}

}  // namespace

std::vector<RunbookPhase> runbook_of(const Run& run) {
  std::vector<RunbookPhase> phases;
  for (const Known& known : kKnown) phases.push_back(phase_of(run, known));
  return phases;
}

std::vector<CodeAdvice> advice_on_codes() {
  const std::pair<int, const char*> known[] = {
      {0, "Type `rollproof doctor`; then tell those who wait."},
      {10, "The data is back. A criterion or the time was missed: read which one."},
      {21, "Type the command that it printed, when what it names has been mended. Escalate now."},
      {22, "Nothing was changed. `rollproof verify` lists what differs."},
      {23, "Nothing was changed. The last line says what to do first."},
      {24, "Somebody else is at work: the holder is printed. Wait, or `rollproof cancel --wait 60`."},
      {25, "Stopped safely. Type `rollproof recover`."},
      {26, "`rollproof backup list`, then `rollproof backup verify ID` of the next older one. Escalate."},
      {29, "Nothing was changed. Make room or give permission, and type it again."},
  };
  std::vector<CodeAdvice> advice;
  for (const auto& [code, next] : known) advice.push_back({code, std::string(meaning_of(static_cast<ExitCode>(code))), next});
  return advice;
}

}  // namespace rollproof::reports
