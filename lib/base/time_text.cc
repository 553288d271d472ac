#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace rollproof {
namespace {

std::string text(int64_t ms_since_1970, char between) {
  namespace c = std::chrono;
  const c::sys_time<c::milliseconds> moment{c::milliseconds(ms_since_1970)};
  const auto day = c::floor<c::days>(moment);
  const c::year_month_day date(day);
  const c::hh_mm_ss<c::milliseconds> time(moment - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}{}{:02}{}{:02}{}{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), between, time.minutes().count(), between,
                     time.seconds().count(), between == ':' ? '.' : between, time.subseconds().count());
}

// Takes `digits` digits and then the character `behind` (0: none) off the front.
bool take(std::string_view& text, size_t digits, char behind, int& out) {
  if (text.size() < digits + (behind != 0 ? 1 : 0)) return false;
  const char* const end = text.data() + digits;
  if (text[0] < '0' || text[0] > '9') return false;  // a sign is no digit
  if (const auto read = std::from_chars(text.data(), end, out); read.ec != std::errc() || read.ptr != end) return false;
  if (behind != 0 && text[digits] != behind) return false;
  text.remove_prefix(digits + (behind != 0 ? 1 : 0));
  return true;
}

}  // namespace

std::string time_text(int64_t ms_since_1970) { return text(ms_since_1970, ':'); }
std::string file_time_text(int64_t ms_since_1970) { return text(ms_since_1970, '-'); }

std::optional<int64_t> parse_time(std::string_view text) {
  namespace c = std::chrono;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  if (!take(text, 4, '-', year) || !take(text, 2, '-', month) || !take(text, 2, 0, day)) return std::nullopt;
  const c::year_month_day date{c::year(year), c::month(static_cast<unsigned>(month)), c::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  if (!text.empty()) {
    if (text.front() != 'T') return std::nullopt;
    text.remove_prefix(1);
    if (!take(text, 2, ':', hour) || !take(text, 2, ':', minute) || !take(text, 2, 0, second)) return std::nullopt;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (!take(text, 3, 0, ms)) return std::nullopt;
    }
    if (text != "Z" || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  }
  const c::sys_time<c::milliseconds> moment = c::sys_days(date) + c::hours(hour) + c::minutes(minute) + c::seconds(second) + c::milliseconds(ms);
  return moment.time_since_epoch().count();
}

}  // namespace rollproof
