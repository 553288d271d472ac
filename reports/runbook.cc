#include "reports/runbook.h"

#include <fmt/format.h>

#include "lib/base/exit_code.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr int64_t kMinute = 60'000;

// Limits as the documents of the state migration set them.
struct Known {
  const char* phase;
  const char* state;
  int64_t minutes;
  const char* part_way;
};

constexpr Known kKnown[] = {
    {"validate", "Only the source is used and nothing has been written. Going back ends the migration; the stores stay as they are.", 5, ""},
    {"dual-write", "Writes go to both stores, the source leads. Going back stops that and removes what was written to the target.", 15, ""},
    {"copy", "The source leads, the target is being filled. Going back proves the source, makes it anew from the backup if it is damaged, and removes the partial target.", 60,
     "rollproof rollback --to dual-write --execute"},
    {"prove", "The source leads, the target holds a full copy and is being tried. Going back proves the source and removes what was migrated.", 30, "rollproof rollback --to copy --execute"},
    {"cutover", "The target leads, the source is kept in step. Going back switches to the source with every write made since, then removes what was migrated.", 45, "rollproof rollback --to prove --execute"},
};

// A real rollback first, if one was timed; the simulated recoveries beside it.
std::string measured(const Run& run, const std::string& phase) {
  std::string words;
  for (const Projection& one : run.projections) {
    if (one.phase != phase) continue;
    words += fmt::format("{}{} on a real disk for a copy of {} records, projected {} for yours. ", one.source_damaged ? "With a damaged source: " : "", duration_text(one.measured_ms), counted(one.records),
                         duration_text(one.projected_ms));
  }
  Cell cell = cell_of_phase(run, phase, "rollback");
  const Cell recovery = cell_of_phase(run, phase, "recovery");
  for (const auto& [ms, count] : recovery.times) cell.times[ms] += count;
  if (cell.cases_run + recovery.cases_run == 0) return words.empty() ? "not measured" : words + "Under faults: not measured.";
  words += fmt::format("Under faults, simulated clock: max {}", duration_text(std::max(cell.max_ms, recovery.max_ms)));
  if (const auto half = percentile(cell.times, 50)) words += fmt::format(", p50 {}, p95 {}", duration_text(*half), time_or_nothing(percentile(cell.times, 95)));
  return words + ".";
}

RunbookPhase phase_of(const Run& run, const Known& known) {
  const std::string limit = duration_text(known.minutes * kMinute);
  return {.phase = known.phase,
          .state = known.state,
          .back = {"", "rollproof rollback --reason 'TEXT' --execute", "exit code 0, and every criterion that it prints is met"},
          .part_way = known.part_way,
          .limit_ms = known.minutes * kMinute,
          .measured = measured(run, known.phase),
          .abort = fmt::format("{} are over, or it ends with 21 or 26: escalate", limit)};
}

}  // namespace

std::vector<RunbookStep> runbook_before() {
  return {{"where does it stand?", "rollproof status", "it prints the phase, the route and whether something is at work"},
          {"is the way back open?", "rollproof can-rollback", "yes (exit code 0), with the time it took on a throw-away view; no: escalate"},
          {"a migration is still at work", "rollproof cancel --wait 60", "exit code 0: it stopped at its next batch"}};
}

std::vector<RunbookPhase> runbook_of(const Run& run) {
  std::vector<RunbookPhase> phases;
  for (const Known& known : kKnown) phases.push_back(phase_of(run, known));
  return phases;
}

std::vector<RunbookStep> runbook_after() {
  return {{"the machine or the process died meanwhile", "rollproof recover", "exit code 0; typed again, it says that nothing is left to do"},
          {"it is done", "rollproof doctor", "exit code 0: no locks, leftovers or half-done work"}};
}

std::string_view runbook_warning() { return "Never delete a store, a backup or the journal by hand: what was moved aside may still be needed."; }

std::vector<CodeAdvice> advice_on_codes() {
  const std::pair<int, const char*> known[] = {
      {0, "Type rollproof doctor, then tell those who wait."},
      {10, "The data is back. A criterion or the time was missed: read which one."},
      {21, "Escalate now. Type the command that it printed once what it names has been mended."},
      {22, "rollproof verify lists what differs."},
      {23, "The last line says what to do first."},
      {24, "Somebody else is at work. Wait, or type rollproof cancel --wait 60."},
      {25, "Type rollproof recover."},
      {26, "Escalate. rollproof backup list, then rollproof backup verify ID of the next older one."},
      {29, "Make room or give permission, and type it again."},
  };
  std::vector<CodeAdvice> advice;
  for (const auto& [code, next] : known) advice.push_back({code, std::string(meaning_of(static_cast<ExitCode>(code))), next});
  return advice;
}

}  // namespace rollproof::reports
