#include "lib/base/time_text.h"

#include <fmt/format.h>

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

}  // namespace

std::string time_text(int64_t ms_since_1970) { return text(ms_since_1970, ':'); }
std::string file_time_text(int64_t ms_since_1970) { return text(ms_since_1970, '-'); }

}  // namespace rollproof
