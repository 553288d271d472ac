// The real part of a run, small: real processes of the real command, their outcomes held against simulated cases.
#include "harness/drill/real_part.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "harness/drill/real_name.h"
#include "harness/drill/real_report.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::drill {
namespace {

using testing::HasSubstr;

class RealPart : public testing::Test {
 protected:
  RealPart() {
    real.program = ROLLPROOF_BUILD_DIR "/rollproof";
    real.database = ROLLPROOF_SOURCE_DIR "/fixtures/lookcoin-28";
    real.folder = scratch / "real";
    // A few of each kind; which ones is a matter of the seed.
    real.counts = {.kill_every = 9, .kill_every_back = 29, .memory_every = 29, .stall_every = 29, .clock_every = 29, .second_every = 29, .signal_every = 29, .damage_every = 29, .damage_dead_every = 29};
  }

  // Every scenario of these stories, as a run has them.
  Outcome simulated() {
    Outcome outcome;
    std::set<std::string> cells;
    for (const Story& story : stories) {
      const auto recording = recording_of(story, options);
      EXPECT_TRUE(recording);
      CaseRunner runner(*recording);
      for (const Cell& cell : plan_cases(*recording, runner, options.profile).cells) {
        if (cells.insert(cell.to_string()).second) outcome.cells.push_back({.cell = cell});
      }
    }
    return outcome;
  }
  static Story story(const std::string& name) { return *load_story(ROLLPROOF_SOURCE_DIR "/scenarios/" + name + ".json"); }

  os::ScratchDirectory scratch;
  std::vector<Story> stories = {story("migrate"), story("rollback-from-validate"), story("rollback-from-dual-write"), story("rollback-from-copy"), story("rollback-from-prove"), story("rollback-from-cutover")};
  DrillOptions options{.profile = *Profile::named("catch"), .jobs = 2, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"};
  RealOptions real;
};

TEST_F(RealPart, ProvesScenariosBothWays) {
  uint64_t heard = 0;
  const RealOutcome outcome = RealAtWork(options, real).finish(stories, simulated(), [&](const RealResult&) { ++heard; });
  ASSERT_EQ(outcome.broke_off, "");
  if (outcome.results.empty()) GTEST_SKIP() << testing::PrintToString(outcome.left_out);
  for (const RealResult& result : outcome.results) {
    std::string broken;
    for (const auto& violation : result.violations) broken += violation.what + "\n";
    EXPECT_NE(result.verdict, "failed") << result.id << ": " << result.outcome << ", " << result.proof << "\n" << broken;
  }
  EXPECT_EQ(heard, outcome.results.size());
  EXPECT_FALSE(std::ifstream(real.folder).good()) << "it is removed";
  EXPECT_GT(outcome.count("passed"), 0u);
  const auto passed = std::find_if(outcome.results.begin(), outcome.results.end(), [](const RealResult& result) { return result.verdict == "passed"; });
  EXPECT_EQ(proof_of(outcome.results, passed->cell()), "both");
  EXPECT_GE(real_json(outcome.results, passed->cell()).at("passed").get<int>(), 1);
  EXPECT_THAT(to_text(outcome), HasSubstr("proved both ways"));
}

TEST_F(RealPart, LeavesNothing_WhenTheRunEndsBeforeIt) {
  std::optional<RealAtWork> at_work;
  at_work.emplace(options, real);
  for (int i = 0; i < 5000 && !std::ifstream(real.folder).good(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_TRUE(std::ifstream(real.folder).good()) << "it has begun";
  at_work.reset();
  EXPECT_FALSE(std::ifstream(real.folder).good());
}

TEST_F(RealPart, LeftoversOfADrillThatDiedAreRemoved) {
  std::system(("mkdir -p " + (scratch / "real-815/start") + " " + (scratch / "unreal")).c_str());
  remove_real_leftovers(scratch.path());
  EXPECT_FALSE(std::ifstream(scratch / "real-815").good());
  EXPECT_TRUE(std::ifstream(scratch / "unreal").good());
}

TEST_F(RealPart, SaysThatItBrokeOff_WhenTheCommandFailsWithoutAFault) {
  real.program = "/bin/false";
  const RealOutcome outcome = RealAtWork(options, real).finish(stories, {}, [](const RealResult&) {});
  EXPECT_NE(outcome.broke_off, "");
  EXPECT_THAT(to_text(outcome), HasSubstr("broke off"));
  Outcome run;
  run.controls.push_back({.story = "s", .about = "", .result = {.verdict = Verdict::passed}});
  EXPECT_EQ(run.exit_code(), 0);
  run.real = outcome;
  EXPECT_EQ(run.exit_code(), 12);
}

}  // namespace
}  // namespace rollproof::drill
