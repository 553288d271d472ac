#include "lib/rollback/verification.h"

#include <iterator>

namespace rollproof::rollback {

VerificationLine line_of(std::string_view part, std::string_view text, const Error& error) {
  const bool of_the_store = error.code == Code::corruption || error.code == Code::differs || error.code == Code::not_found || error.code == Code::backup_damaged;
  return {part, text, of_the_store ? Verdict::not_met : Verdict::not_measured, error.to_string()};
}

std::vector<VerificationLine> judge(const Measured& measured) {
  std::vector<VerificationLine> lines;
  for (const auto& part : {judge_health, judge_data, judge_function, judge_speed}) {
    auto some = part(measured);
    lines.insert(lines.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return lines;
}

}  // namespace rollproof::rollback
