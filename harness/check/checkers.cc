#include "harness/check/checkers.h"

#include <algorithm>
#include <array>

namespace rollproof::check {

std::span<const Checker> checkers() {
  static constexpr std::array<Checker, 10> all = {{
      {1, "nothing acknowledged is lost", check_nothing_lost},
      {2, "nothing is invented", check_nothing_invented},
      {3, "rollback restores exactly", check_rollback_restores},
      {4, "one owner", check_one_owner},
      {5, "it always ends", check_always_ends},
      {6, "never silently wrong", check_never_silently_wrong},
      {7, "the way back is never burnt", check_way_back_kept},
      {8, "it cleans up", check_cleans_up},
      {9, "it says so", check_says_so},
      {10, "in time", check_in_time},
  }};
  return all;
}

Violations check_all(const Evidence& evidence, std::span<const int> left_out, Integrity* numbers) {
  Reading reading(evidence);
  Violations violations;
  for (const Checker& checker : checkers()) {
    if (std::find(left_out.begin(), left_out.end(), checker.promise) == left_out.end()) checker.check(reading, violations);
  }
  if (numbers != nullptr) numbers->add(reading.integrity());
  return violations;
}

void report_findings(const std::vector<Finding>& findings, int of, int as, Violations& out) {
  for (const Finding& finding : findings) {
    if (finding.promise == of) out.push_back({as, finding.what});
  }
}

}  // namespace rollproof::check
