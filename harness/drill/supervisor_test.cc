#include "harness/drill/supervisor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace rollproof::drill {
namespace {

constexpr int64_t kLong = 60'000;

TEST(Supervisor, AnswersWithTheCodeOfAProcessThatEnds) {
  const Ending ending = run_supervised([](const Lifeline&) { return 12; }, kLong);
  EXPECT_TRUE(ending.exited);
  EXPECT_EQ(ending.code, 12);
}

TEST(Supervisor, SurvivesAProcessThatCrashes) {
  const Ending ending = run_supervised([](const Lifeline&) -> int { std::abort(); }, kLong);
  EXPECT_FALSE(ending.exited);
  EXPECT_EQ(ending.execution, "crashed");
  EXPECT_EQ(ending.signal, SIGABRT);
  EXPECT_NE(ending.why.find("signal 6"), std::string::npos) << ending.why;
}

TEST(Supervisor, EndsAProcessThatSaysNothingForTooLong_CountedFromItsLastWord) {
  const Ending ending = run_supervised(
      [](const Lifeline& lifeline) {
        lifeline.expect_within(kLong);
        lifeline.expect_within(50);
        ::pause();
        return 0;
      },
      kLong);
  EXPECT_FALSE(ending.exited);
  EXPECT_EQ(ending.execution, "timed_out");
}

TEST(Supervisor, PassesARequestToStopOn_AndOutlivesIt) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Ending ending = run_supervised(
        [signal](const Lifeline&) {
          ::kill(::getppid(), signal);
          ::pause();
          return 0;
        },
        kLong);
    EXPECT_FALSE(ending.exited);
    EXPECT_EQ(ending.execution, "interrupted");
    EXPECT_EQ(ending.signal, signal);
  }
}

TEST(Supervisor, AKillFromOutsideIsNoRequest) {
  const Ending ending = run_supervised(
      [](const Lifeline&) {
        ::kill(::getpid(), SIGTERM);
        return 0;
      },
      kLong);
  EXPECT_EQ(ending.execution, "crashed");
}

}  // namespace
}  // namespace rollproof::drill
