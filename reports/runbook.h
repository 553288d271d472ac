// What the engineer on call types: what the `rollproof` command can do, known beforehand, beside the times that a record measured.
#pragma once

#include <string>
#include <vector>

#include "reports/run.h"

namespace rollproof::reports {

struct RunbookStep {
  std::string when;   // what is seen
  std::string type;   // the command
  std::string check;  // how to see that it worked
};

struct RunbookPhase {
  std::string phase;
  std::string state;      // where the data is, and what going back does
  RunbookStep back;       // down to the source
  std::string part_way;   // the command that goes back one phase only; empty if there is none
  int64_t limit_ms = 0;   // within which it is to be taken back
  std::string measured;   // how long it took in this record, and by which clock; "not measured"
  std::string abort;      // when to stop and call for help
};

std::vector<RunbookStep> runbook_before();  // in any phase, first
// The five phases, always all of them.
std::vector<RunbookPhase> runbook_of(const Run& run);
std::vector<RunbookStep> runbook_after();   // when it was interrupted, and when it is done
std::string_view runbook_warning();         // what never to do

// What an exit code asks of the engineer, the codes that a rollback can end with.
struct CodeAdvice {
  int code = 0;
  std::string what, next;
};
std::vector<CodeAdvice> advice_on_codes();

}  // namespace rollproof::reports
