#include "reports/text.h"

#include <fmt/format.h>

#include <chrono>

namespace rollproof::reports {

std::optional<int64_t> moment_of(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != form.size()) return std::nullopt;
  for (size_t i = 0; i < form.size(); ++i) {
    if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return std::nullopt;
  }
  const auto number = [&](size_t at, size_t length) { return std::stoi(std::string(text.substr(at, length))); };
  using namespace std::chrono;
  const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))), day(static_cast<unsigned>(number(8, 2)))};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return (sys_days(date).time_since_epoch().count() * int64_t{86'400} + hour * 3600 + minute * 60 + second) * 1000 + number(20, 3);
}

std::string readable_moment(std::string_view text) {
  if (!moment_of(text)) return std::string(text);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 8));
}

}  // namespace rollproof::reports
