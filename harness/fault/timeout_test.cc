#include "harness/fault/timeout.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

sim::Operation operation(uint64_t ordinal, bool changes) {
  sim::Operation operation;
  operation.call = changes ? sim::Call::write : sim::Call::stat;
  operation.mutating = changes;
  operation.ordinal = ordinal;
  return operation;
}

TEST(Timeout, PrintsItselfAndParsesBack_AndRefusesTheRest) {
  for (const char* text : {"stall(at 33)", "stall(at 33, look 2)", "clock(at 33, forward)", "clock(at 33, back)"}) {
    const auto timeout = Timeout::parse(text);
    ASSERT_TRUE(timeout) << text;
    EXPECT_EQ(timeout->to_string(), text);
    EXPECT_FALSE(timeout->in_words().empty());
  }
  for (const char* text : {"stall(at 33, look 0)", "clock(at 33)", "clock(at 33, sideways)", "stall(at 33) ", "stall(at )"}) EXPECT_FALSE(Timeout::parse(text)) << text;
}

TEST(Timeout, AStallTakesBothClocksAlong_Once) {
  sim::SimClock clock;
  uint64_t fired = 0;
  const auto hook = Timeout{.at = 3}.hook(clock, fired);
  const int64_t wall = clock.wall_ms(), monotonic = clock.monotonic_ms();
  for (uint64_t k = 0; k < 6; ++k) {
    EXPECT_FALSE(hook(operation(k, false)));
    EXPECT_FALSE(hook(operation(k, true)));
  }
  EXPECT_EQ(fired, 1u);
  EXPECT_GE(clock.wall_ms() - wall, Timeout::kStallMs);
  EXPECT_LT(clock.monotonic_ms() - monotonic, Timeout::kStallMs + 100);
}

TEST(Timeout, AJumpLeavesTheMonotonicClockAlone) {
  sim::SimClock clock;
  uint64_t fired = 0;
  const auto hook = Timeout{.kind = Timeout::Kind::back, .at = 3}.hook(clock, fired);
  const int64_t wall = clock.wall_ms(), monotonic = clock.monotonic_ms();
  hook(operation(3, true));
  EXPECT_EQ(fired, 1u);
  EXPECT_LT(clock.wall_ms(), wall);
  EXPECT_GT(clock.monotonic_ms(), monotonic);
}

TEST(Timeout, ALookIsCountedSinceTheLastChange) {
  sim::SimClock clock;
  uint64_t fired = 0;
  const auto hook = Timeout{.at = 3, .look = 2}.hook(clock, fired);
  hook(operation(3, false));
  EXPECT_EQ(fired, 0u);
  hook(operation(3, false));
  EXPECT_EQ(fired, 1u);
}

}  // namespace
}  // namespace rollproof::fault
