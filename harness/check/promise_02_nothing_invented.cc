// Promise 2: no record nobody wrote, no acknowledged delete come back, no half of a batch, no probe of the way back left over.
#include "harness/check/checkers.h"

namespace rollproof::check {

void check_nothing_invented(Reading& reading, Violations& out) {
  if (!reading.evidence().last.ok) return;
  report_findings(reading.findings_of_answering(), 2, 2, out);
  report_findings(reading.findings_of_follower(), 2, 2, out);
}

}  // namespace rollproof::check
