#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

TEST(InTime, Fails_WhenTheLimitIsPassed) {
  Story story;
  story.cut_over();
  story.evidence.limit_ms = story.evidence.recovery_ms = 300000;
  EXPECT_EQ(story.verdict(), "");
  ++story.evidence.recovery_ms;
  EXPECT_THAT(story.verdict(), HasSubstr("10: recovery took 300001 ms, the limit is 300000 ms"));
  story.evidence.limit_ms = 0;
  EXPECT_EQ(story.verdict(), "") << "no limit";
}

TEST(InTime, Fails_WhenTheRouteIsSwitchedAfterTheHoldHasExpired) {
  Story story;
  story.cut_over();
  story.evidence.hold_limit_ms = story.evidence.held_ms = 10000;
  EXPECT_EQ(story.verdict(), "");
  ++story.evidence.held_ms;
  EXPECT_THAT(story.verdict(), HasSubstr("10: a route was switched"));
}

}  // namespace
}  // namespace rollproof::check
