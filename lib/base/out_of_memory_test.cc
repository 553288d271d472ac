#include "lib/base/out_of_memory.h"

#include <gtest/gtest.h>

namespace rollproof {
namespace {

TEST(OutOfMemory, BecomesAnErrorValue_AndWhatWasAtWorkIsAbandoned) {
  bool abandoned = false;
  const auto outcome = within_memory([]() -> Result<int> { throw std::bad_alloc(); }, [&] { abandoned = true; });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::outcome_unknown);
  EXPECT_EQ(outcome.error().message, "out of memory");
  EXPECT_TRUE(abandoned);
}

TEST(OutOfMemory, OtherwiseTheAnswerPasses) {
  EXPECT_EQ(*within_memory([]() -> Result<int> { return 7; }), 7);
  EXPECT_EQ(within_memory([]() -> Status { return fail(Code::io, "x"); }).error().code, Code::io);
}

}  // namespace
}  // namespace rollproof
