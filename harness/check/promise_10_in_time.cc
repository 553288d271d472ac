// Promise 10: recovery stays inside the phase's limit, and new writes are never held for longer than they were promised.
#include <fmt/format.h>

#include "harness/check/checkers.h"

namespace rollproof::check {

void check_in_time(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (evidence.limit_ms > 0 && evidence.recovery_ms > evidence.limit_ms) {
    out.push_back({10, fmt::format("recovery took {} ms, the limit is {} ms", evidence.recovery_ms, evidence.limit_ms)});
  }
  if (evidence.hold_limit_ms > 0 && evidence.held_ms > evidence.hold_limit_ms) {
    out.push_back({10, fmt::format("a route was switched after new writes had been held for {} ms, the hold is good for {} ms", evidence.held_ms, evidence.hold_limit_ms)});
  }
}

}  // namespace rollproof::check
