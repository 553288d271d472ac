// Promise 1: a write that was acknowledged is there afterwards, exactly, in the store that answers and in the one that follows it.
// What is there before recovery has succeeded is a matter for promises 5 to 7: until then the journal holds what a store may lack.
#include "harness/check/checkers.h"

namespace rollproof::check {

void check_nothing_lost(Reading& reading, Violations& out) {
  // Whatever was answered: what another program has written is nowhere else.
  if (!reading.evidence().fault_corrupts) {
    for (std::string& what : reading.lost_writes_of_others()) out.push_back({1, std::move(what)});
  }
  if (!reading.evidence().last.ok) return;
  report_findings(reading.findings_of_answering(), 1, 1, out);
  report_findings(reading.findings_of_follower(), 1, 1, out);
}

}  // namespace rollproof::check
