#include "lib/base/time_text.h"

#include <gtest/gtest.h>

namespace rollproof {
namespace {

TEST(TimeText, PrintsUtcWithMilliseconds) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1755084378516), "2025-08-13T11:26:18.516Z");
  EXPECT_EQ(file_time_text(1755084378516), "2025-08-13T11-26-18-516Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999Z") << "a clock before 1970 is wrong, not a crash";
  EXPECT_EQ(time_text(951782400000), "2000-02-29T00:00:00.000Z");
}

TEST(ParseTime, ReadsWhatIsPrinted_AndDays) {
  for (const int64_t ms : {int64_t{0}, int64_t{1755084378516}, int64_t{951782400000}, int64_t{-1}}) EXPECT_EQ(parse_time(time_text(ms)), ms);
  EXPECT_EQ(parse_time("2025-08-13T11:26:18Z"), 1755084378000);
  EXPECT_EQ(parse_time("2000-02-29"), 951782400000);
}

TEST(ParseTime, RefusesWhatNoCalendarHas) {
  for (const char* text : {"", "2025", "2025-02-29", "2025-13-01", "2025-00-01", "2025-8-13", "2025-08-13T", "2025-08-13T24:00:00Z", "2025-08-13T11:26:18", "2025-08-13T11:26:18.5Z",
                           "2025-08-13T11:26:18.516Zx", "2025-08-13 ", "-025-08-13", "2025-+8-13", "tomorrow"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace rollproof
