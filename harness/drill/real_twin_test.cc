#include "harness/drill/real_twin.h"

#include <gtest/gtest.h>

namespace rollproof::drill {
namespace {

class RealTwin : public testing::Test {
 protected:
  SimulatedTwin::Answer ask(const std::string& scenario, const std::string& outcome) {
    const auto answer = twin.allows(*Cell::parse(scenario), outcome);
    EXPECT_TRUE(answer) << answer.error().to_string();
    return answer ? *answer : SimulatedTwin::Answer{};
  }

  std::vector<Story> stories = {*load_story(ROLLPROOF_SOURCE_DIR "/scenarios/rollback-from-validate.json")};
  DrillOptions options{.profile = *Profile::named("catch"), .jobs = 1, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"};
  SimulatedTwin twin{stories, options};
};

TEST_F(RealTwin, AllowsWhatASimulatedCaseComesTo) {
  EXPECT_TRUE(ask("validate.process-death.rollback.end@leveldb>unified-json", "done").allowed);
  EXPECT_TRUE(ask("validate.timeout.rollback.end@leveldb>unified-json", "done, then done").allowed);
  const auto damaged = ask("validate.corruption.rollback.journal@leveldb>unified-json", "refused, then refused");
  EXPECT_TRUE(damaged.allowed) << damaged.to_string();
}

TEST_F(RealTwin, DoesNotAllowWhatNoSimulatedCaseComesTo_AndNamesWhatTheyDo) {
  const auto answer = ask("validate.process-death.rollback.end@leveldb>unified-json", "refused");
  EXPECT_FALSE(answer.allowed);
  EXPECT_GT(answer.cases, 0u);
  EXPECT_NE(answer.to_string().find("done"), std::string::npos) << answer.to_string();
  // A rollback is not stopped by somebody who comes beside it.
  EXPECT_FALSE(ask("validate.intruder.rollback.end@leveldb>unified-json", "stopped, then done").allowed);
}

TEST_F(RealTwin, AllowsNothingInAScenarioThatNoStoryHas) {
  const auto answer = ask("cutover.process-death.rollback.end@leveldb>unified-json", "done");
  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.cases, 0u);
}

}  // namespace
}  // namespace rollproof::drill
