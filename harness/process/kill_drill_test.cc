// The small version of the kill drill: 28 records, in every step. The large one is rollproof-kill-drill.
#include "harness/process/kill_drill.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <ostream>

#include "lib/os/scratch_directory.h"

namespace rollproof::process {

void PrintTo(const Story& story, std::ostream* out) { *out << story.name; }

namespace {

const std::string kProgram = std::string(ROLLPROOF_BUILD_DIR) + "/rollproof";
const std::string kDatabase = std::string(ROLLPROOF_SOURCE_DIR) + "/fixtures/lookcoin-28";

class KillDrill : public testing::TestWithParam<Story> {};

TEST_P(KillDrill, RecoversFromAKillInEveryStep) {
  const os::ScratchDirectory scratch;
  KillOptions options{.program = kProgram, .database = kDatabase, .folder = scratch.path(), .kills_per_step = 2, .recover_killed_every = 3};
  auto report = drill_story(options, GetParam(), [](const Kill&) {});
  if (!report && report.error().code == Code::no_permission) GTEST_SKIP() << report.error().message;
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_TRUE(report->failures.empty()) << to_text(*report);
  EXPECT_GE(report->kills, report->steps.size());
  uint64_t recovers_killed = 0;
  for (const StepSummary& step : report->steps) recovers_killed += step.recovers_killed;
  EXPECT_GT(recovers_killed, 0u) << to_text(*report);
}

INSTANTIATE_TEST_SUITE_P(Stories, KillDrill, testing::ValuesIn(stories()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
});

// What the drill stands on: the call before which the process is killed does not happen, and the one before it has.
TEST(Traced, KillsExactlyBeforeTheCall) {
  const os::ScratchDirectory scratch;
  const Program program{{"/bin/sh", "-c", "echo one > first; echo two > second; echo three > third"}, scratch.path()};
  std::vector<std::string> opened;
  auto whole = run_traced(program, [&](const Call& call, int) {
    if (call.name == "openat") opened.push_back(call.path);
    return true;
  });
  if (!whole && whole.error().code == Code::no_permission) GTEST_SKIP() << whole.error().message;
  ASSERT_TRUE(whole) << whole.error().to_string();
  ASSERT_EQ(opened, (std::vector<std::string>{"first", "second", "third"}));
  for (const char* name : {"first", "second", "third"}) ASSERT_EQ(::unlink((scratch / name).c_str()), 0);
  auto killed = run_traced(program, [](const Call& call, int) { return call.path != "second"; });
  ASSERT_TRUE(killed);
  EXPECT_TRUE(killed->killed);
  EXPECT_EQ(killed->signal, SIGKILL);
  EXPECT_EQ(::access((scratch / "first").c_str(), F_OK), 0);
  EXPECT_NE(::access((scratch / "second").c_str(), F_OK), 0);
  EXPECT_NE(::access((scratch / "third").c_str(), F_OK), 0);
}

}  // namespace
}  // namespace rollproof::process
