#include "harness/fault/intruder.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

TEST(Intruder, PrintsItselfAndParsesBack_AndRefusesTheRest) {
  for (const char* text : {"intruder(at 33)", "intruder(at 33, recover)", "intruder(at 33, cancel)", "intruder(at 33, old route)", "intruder(at 33, earlier put)", "intruder(at 33, earlier rollback)",
                           "intruder(at 33, foreign source)", "intruder(at 33, foreign target)", "intruder(at 33, foreign both)", "intruder(at 33, holds source)", "intruder(at 33, holds target)",
                           "intruder(at 33, read-only source)", "intruder(at 33, read-only target)", "intruder(at 33, full source)", "intruder(at 33, full target)", "intruder(at 33, gone source)", "intruder(at 33, gone target)", "intruder(at 33, cancel, death 9 later)",
                           "intruder(at 33, other source)", "intruder(at 33, other target)", "intruder(at 33, older source)",
                           "intruder(at 33, older target)", "intruder(at 33, older state)", "intruder(at 33, older journal)", "intruder(at 33, earlier edit)"}) {
    const auto intruder = Intruder::parse(text);
    ASSERT_TRUE(intruder) << text;
    EXPECT_EQ(intruder->to_string(), text);
    EXPECT_FALSE(intruder->in_words().empty());
  }
  for (const char* text : {"intruder(at )", "intruder(at 33, burglar)", "intruder(at 33, cancel) ", "intruder(at 33, cancel, recover)", "intruder(at 33, )", "intruder(at 33, foreign)", "intruder(at 33, holds)", "intruder(at 33, cancel, death)",
                           "intruder(at 33, cancel, death 9)", "intruder(at 33, gone)", "intruder(at 33, gone both)", "intruder(at 33, full )"}) EXPECT_FALSE(Intruder::parse(text)) << text;
}

}  // namespace
}  // namespace rollproof::fault
