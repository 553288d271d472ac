// How both programs end: one table for --help, the manual page and the reports.
#pragma once

#include <span>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof {

enum class ExitCode : int {
  done = 0,
  bug = 1,
  usage = 2,
  threshold_missed = 10,
  safety_violated = 11,
  not_enough_evidence = 12,
  regression = 13,
  policy = 14,
  rolled_back = 20,
  needs_person = 21,
  differs = 22,
  refused = 23,
  locked = 24,
  stopped = 25,
  backup_damaged = 26,
  findings = 27,
  not_found = 28,
  no_space_or_permission = 29,
  skipped = 77,
  interrupted = 130,
  terminated = 143,
};

struct ExitCodeRow {
  ExitCode code;
  std::string_view meaning;  // one line, no full stop
};

// Every code once, by number.
std::span<const ExitCodeRow> exit_code_table();
std::string_view meaning_of(ExitCode code);

// The exit code of a command that failed with this error and knows no better. A caller that knows more says more:
// corruption found in a backup is backup_damaged, in a store before anything has started it is refused, a failed step that was undone and
// verified is rolled_back.
ExitCode exit_code_of(Code code);

// The one code for several outcomes of one run: 21, 11, 26, 22, 12, 20, 10, 13, 14 in this order. A code outside this list
// ends a run by itself and so comes alone; should it not, it stands behind the listed ones and before `done`.
// No code at all is `done`.
ExitCode most_important(std::span<const ExitCode> codes);

}  // namespace rollproof
