#include "lib/base/exit_code.h"

#include <algorithm>

namespace rollproof {
namespace {

constexpr ExitCodeRow table[] = {
    {ExitCode::done, "done; gate passed"},
    {ExitCode::bug, "a bug in Rollproof"},
    {ExitCode::usage, "usage or configuration; nothing was touched"},
    {ExitCode::threshold_missed, "a threshold was missed"},
    {ExitCode::safety_violated, "a required scenario failed, or safety was violated"},
    {ExitCode::not_enough_evidence, "not enough evidence"},
    {ExitCode::regression, "a regression against the baseline"},
    {ExitCode::policy, "known failures or policy"},
    {ExitCode::rolled_back, "failed, rolled back and verified"},
    {ExitCode::needs_person, "a person is needed: a rollback is incomplete, or data is damaged; the next command is printed"},
    {ExitCode::differs, "stores differ; no record was changed"},
    {ExitCode::refused, "refused before starting; nothing changed"},
    {ExitCode::locked, "locked by another; the holder is printed"},
    {ExitCode::stopped, "stopped at a safe point; resumable"},
    {ExitCode::backup_damaged, "a backup is damaged or can not be verified"},
    {ExitCode::findings, "doctor or watch found something"},
    {ExitCode::not_found, "no such key, backup or incident"},
    {ExitCode::no_space_or_permission, "no space or no permission; nothing changed"},
    {ExitCode::skipped, "skipped"},
    {ExitCode::interrupted, "interrupted before any change"},
    {ExitCode::terminated, "terminated before any change"},
};

constexpr ExitCode precedence[] = {
    ExitCode::needs_person,        // 21
    ExitCode::safety_violated,     // 11
    ExitCode::backup_damaged,      // 26
    ExitCode::differs,             // 22
    ExitCode::not_enough_evidence, // 12
    ExitCode::rolled_back,         // 20
    ExitCode::threshold_missed,    // 10
    ExitCode::regression,          // 13
    ExitCode::policy,              // 14
};

}  // namespace

std::span<const ExitCodeRow> exit_code_table() { return table; }

std::string_view meaning_of(ExitCode code) {
  for (const ExitCodeRow& row : table) {
    if (row.code == code) return row.meaning;
  }
  return "unknown exit code";
}

ExitCode exit_code_of(Code code) {
  switch (code) {
    case Code::invalid: return ExitCode::usage;
    case Code::not_found: return ExitCode::not_found;
    case Code::already_exists: return ExitCode::refused;
    case Code::io: return ExitCode::needs_person;
    case Code::no_space: return ExitCode::no_space_or_permission;
    case Code::no_permission: return ExitCode::no_space_or_permission;
    case Code::corruption: return ExitCode::needs_person;
    case Code::locked: return ExitCode::locked;
    case Code::differs: return ExitCode::differs;
    case Code::refused: return ExitCode::refused;
    case Code::outcome_unknown: return ExitCode::stopped;
    case Code::stopped: return ExitCode::stopped;
    case Code::needs_person: return ExitCode::needs_person;
    case Code::backup_damaged: return ExitCode::backup_damaged;
    case Code::cancelled: return ExitCode::stopped;
    case Code::internal: return ExitCode::bug;
  }
  return ExitCode::bug;
}

ExitCode most_important(std::span<const ExitCode> codes) {
  for (const ExitCode candidate : precedence) {
    if (std::find(codes.begin(), codes.end(), candidate) != codes.end()) return candidate;
  }
  const auto other = std::find_if(codes.begin(), codes.end(), [](ExitCode code) { return code != ExitCode::done; });
  return other == codes.end() ? ExitCode::done : *other;
}

}  // namespace rollproof
