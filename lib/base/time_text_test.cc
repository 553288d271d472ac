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

}  // namespace
}  // namespace rollproof
