#include "harness/process/real_fault.h"

#include <gtest/gtest.h>

namespace rollproof::process {
namespace {

TEST(RealFault, PrintsWhatItParses) {
  for (const char* text : {"kill(at 3)", "memory(at 1)", "memory(limit 16384)", "stall(at 12)", "clock(at 3, forward)", "clock(at 3, back)", "second(at 3, rollback)", "second(at 3, cancel)",
                           "signal(at 3, SIGTERM)", "signal(at 3, SIGINT twice)", "damage(flip source)", "damage(at 7, cut journal)", "damage(lose backup)"}) {
    const auto fault = RealFault::parse(text);
    ASSERT_TRUE(fault) << text;
    EXPECT_EQ(fault->to_string(), text);
    EXPECT_FALSE(fault->in_words().empty());
  }
}

TEST(RealFault, RefusesWhatItWouldNotPrint) {
  for (const char* text : {"", "kill", "kill(at )", "kill(at 0)", "kill(at 3", "kill(at 3) ", "kill(at 3, now)", "clock(at 3)", "clock(at 3, sideways)", "damage(at 3)", "damage(flip lock)",
                           "second(at 3, put)", "death(after 3)"}) {
    const auto fault = RealFault::parse(text);
    ASSERT_FALSE(fault) << text;
    EXPECT_EQ(fault.error().code, Code::invalid);
    EXPECT_FALSE(fault.error().hint.empty());
  }
}

TEST(RealFault, SaysInWhichColumnItStands) {
  EXPECT_EQ(RealFault::parse("signal(at 3, SIGINT)")->column(), fault::Kind::intruder);
  EXPECT_EQ(RealFault::parse("signal(at 3, SIGINT twice)")->column(), fault::Kind::process_death);
  EXPECT_EQ(RealFault::parse("damage(at 3, flip source)")->column(), fault::Kind::corruption);
  EXPECT_TRUE(RealFault::parse("damage(at 3, flip source)")->kills());
  EXPECT_FALSE(RealFault::parse("damage(flip source)")->kills());
}

}  // namespace
}  // namespace rollproof::process
