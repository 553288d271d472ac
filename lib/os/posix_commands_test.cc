#include "lib/os/posix_commands.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

CommandOutcome run(CommandRequest request) {
  PosixCommands commands;
  auto outcome = commands.run(request);
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  return outcome ? *outcome : CommandOutcome{};
}

TEST(Commands, GiveExitCodeAndOutput) {
  const auto outcome = run({.command = "echo one; echo two >&2; exit 3"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_FALSE(outcome.succeeded());
  EXPECT_EQ(outcome.output, "one\ntwo\n");
  EXPECT_TRUE(run({.command = "true"}).succeeded());
}

TEST(Commands, SeeTheirFolderAndTheirVariables_AndNoInput) {
  ScratchDirectory scratch;
  const auto outcome = run({.command = "pwd; echo \"$ROLLPROOF_TARGET\"; cat", .directory = scratch.path(), .environment = {{"ROLLPROOF_TARGET", "a b"}}});
  EXPECT_EQ(outcome.output, scratch.path() + "\na b\n");
}

TEST(Commands, AreEnded_WithAllTheyStarted_WhenTheyHang) {
  ScratchDirectory scratch;
  const auto outcome = run({.command = "sleep 1000 & echo $! > pid; trap '' TERM; wait; sleep 1000", .directory = scratch.path(), .timeout_ms = 200});
  EXPECT_TRUE(outcome.timed_out);
  EXPECT_FALSE(outcome.succeeded());
  pid_t left = 0;
  std::ifstream(scratch / "pid") >> left;
  ASSERT_GT(left, 0);
  // It may stay a zombie for as long as nobody collects it, but it must not run.
  std::ifstream status("/proc/" + std::to_string(left) + "/stat");
  std::string word, state;
  if (status >> word >> word >> state) {
    EXPECT_EQ(state, "Z");
  }
}

TEST(Commands, KeepTheEndOfALongOutput) {
  const auto outcome = run({.command = "head -c 1000000 /dev/zero | tr '\\0' x; echo end"});
  EXPECT_EQ(outcome.output_bytes, 1'000'004u);
  EXPECT_EQ(outcome.output.size(), 16u << 10);
  EXPECT_TRUE(outcome.output.ends_with("xend\n"));
}

TEST(Commands, ThatNeverStopWriting_AreEndedInTime) {
  EXPECT_TRUE(run({.command = "yes", .timeout_ms = 200}).timed_out);
}

TEST(Commands, AreNotWaitedFor_WhenSomethingOfTheirsGoesOnInTheBackground) {
  const auto outcome = run({.command = "setsid sleep 3 & exit 4", .timeout_ms = 60'000});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_FALSE(outcome.timed_out);
}

TEST(Commands, AreEnded_WhenTheCallerWantsToStop) {
  const auto outcome = run({.command = "sleep 1000", .cancelled = [] { return true; }});
  EXPECT_TRUE(outcome.cancelled);
  EXPECT_FALSE(outcome.succeeded());
}

TEST(Commands, SayWhichSignalEndedThem) { EXPECT_EQ(run({.command = "kill -9 $$"}).exit_code, 128 + 9); }

TEST(Commands, ThatAreNotThere_FailAsAShellSays) { EXPECT_EQ(run({.command = "no-such-program-anywhere"}).exit_code, 127); }

}  // namespace
}  // namespace rollproof::os
