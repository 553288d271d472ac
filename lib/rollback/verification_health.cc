#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lib/record/shown_text.h"
#include "lib/rollback/verification.h"

namespace rollproof::rollback {
namespace {

constexpr std::string_view kPart = "System health";

VerificationLine processes_stopped(const Measured& measured) {
  VerificationLine line{kPart, "Processes stopped"};
  std::string alive, elsewhere;
  for (const ProcessFound& process : measured.processes) {
    if (!process.alive) elsewhere += fmt::format("{}pid {} on {}", elsewhere.empty() ? "" : ", ", process.pid, process.host);
    if (process.alive == true) alive += fmt::format("{}pid {}", alive.empty() ? "" : ", ", process.pid);
  }
  if (!alive.empty()) {
    line.verdict = Verdict::not_met;
    line.evidence = "still there: " + alive;
  } else if (!elsewhere.empty()) {
    line.evidence = "can not be looked at from here: " + elsewhere;
  } else {
    line.verdict = Verdict::met;
    line.evidence = fmt::format("each of the {} that the journal names has gone, and the lock was ours while this was measured", record::plural(measured.processes.size(), "process", "processes"));
  }
  return line;
}

VerificationLine configuration_restored(const Measured& measured) {
  VerificationLine line{kPart, "Configuration restored", Verdict::not_met};
  const bool to_source = measured.past.goal == "source";
  if (measured.config_sha256 != measured.state.config_sha256) {
    line.evidence = fmt::format("its text is not the one that was sealed: sha256 {} now, {} then", measured.config_sha256, measured.state.config_sha256);
  } else if (to_source && (measured.state.active || !measured.migration_id.empty())) {
    line.evidence = "a migration is active again, or its id is still in the configuration";
  } else if (!answers_from_source(measured.state.route)) {
    line.evidence = fmt::format("the route is {}: the target answers", name_of(measured.state.route));
  } else if (measured.contradicting && !measured.contradicting->empty()) {
    line.evidence = fmt::format("{}", fmt::join(*measured.contradicting, "; "));
  } else if (!measured.contradicting) {
    line.verdict = Verdict::not_measured;
    line.evidence = "nobody looked at the environment variables";
  } else {
    line.verdict = Verdict::met;
    line.evidence = fmt::format("sha256 {} as sealed, route {} as journaled, no variable contradicts it", measured.config_sha256.substr(0, 12), name_of(measured.state.route));
  }
  return line;
}

VerificationLine backends_accessible(const Measured& measured) {
  constexpr std::string_view text = "Backends accessible";
  if (!measured.inspection) return line_of(kPart, text, measured.inspection.error());
  if (!measured.inventory) return line_of(kPart, text, measured.inventory.error());
  VerificationLine line{kPart, text, Verdict::met, fmt::format("the source was opened and read to its end, {} records", measured.inventory->records)};
  for (const BackupFound& backup : measured.backups) {
    if (!backup.report) return line_of(kPart, text, backup.report.error());
    if (backup.report->problems.empty()) continue;
    const auto& first = backup.report->problems.front();
    return {kPart, text, Verdict::not_met, fmt::format("backup {}: {} {}", backup.path, first.file, first.what)};
  }
  if (measured.backups.empty()) {
    // A rollback of validate comes before the first backup.
    line.evidence += measured.state.seals.contains("backup") ? "; the backup of this migration is gone" : "; this migration had not come to a backup yet";
    if (measured.state.seals.contains("backup")) line.verdict = Verdict::not_met;
  } else {
    line.evidence += fmt::format("; {} opened and read record by record", record::plural(measured.backups.size(), "backup"));
  }
  return line;
}

// What the other lines met of trouble counts as well: it is an error since the verification began.
VerificationLine no_errors(const Measured& measured) {
  std::vector<std::string> errors = measured.errors_since;
  if (!measured.journal_clean) errors.push_back("the journal was not closed cleanly");
  if (measured.state.in_session || measured.state.operation) errors.push_back("an operation or a session is open: there may be writes that the source lacks");
  if (measured.state.safe_stop) errors.push_back("a safe stop has not been answered");
  const auto add = [&](const auto& result, const char* what) {
    if (!result && result.error().code == Code::io) errors.push_back(fmt::format("{}: {}", what, result.error().to_string()));
  };
  add(measured.inspection, "scanning the files");
  add(measured.inventory, "reading the records");
  add(measured.trial, "trying the operations");
  add(measured.runs, "timing");
  if (!errors.empty()) return {kPart, "No errors", Verdict::not_met, fmt::format("{}", fmt::join(errors, "; "))};
  return {kPart, "No errors", Verdict::met, "no error in the journal since the rollback was verified, none while this was measured; stores closed, nothing left to replay"};
}

}  // namespace

std::vector<VerificationLine> judge_health(const Measured& measured) {
  return {processes_stopped(measured), configuration_restored(measured), backends_accessible(measured), no_errors(measured)};
}

}  // namespace rollproof::rollback
