#include "harness/drill/yield.h"

#include <gtest/gtest.h>

#include "harness/drill/drill.h"

namespace rollproof::drill {
namespace {

class YieldTest : public testing::Test {
 protected:
  YieldTest() {
    Story story{.name = "short", .about = "a test"};
    story.drilled = {{.kind = subject::Command::Kind::migrate, .argument = "validate"}};
    const DrillOptions options{.profile = *Profile::named("catch"), .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"};
    auto recording = recording_of(story, options);
    EXPECT_TRUE(recording);
    recording_.emplace(std::move(*recording));
    CaseRunner runner(*recording_);
    plan_ = plan_cases(*recording_, runner, options.profile);
  }

  static std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> names;
    for (const Planned& planned : plan.cases) names.push_back(plan.cells[planned.cell].to_string() + planned.fault.to_string());
    return names;
  }

  bool behind_a_sync(const Planned& planned) const {
    const uint64_t k = planned.fault.at();
    const sim::Call call = k == 0 ? sim::Call::stat : recording_->trace().operations.at(k - 1)->call;
    return call == sim::Call::sync || call == sim::Call::sync_directory || call == sim::Call::rename;
  }

  std::optional<Recording> recording_;
  Plan plan_;
};

TEST_F(YieldTest, KeepsEveryCase_AndChangesTheirOrder) {
  auto before = names(plan_);
  order_by_yield(*recording_, plan_);
  auto after = names(plan_);
  EXPECT_NE(before, after);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  EXPECT_EQ(before, after);
}

TEST_F(YieldTest, EachScenarioComesFirst_ThenWhatIsBehindASync) {
  order_by_yield(*recording_, plan_);
  std::set<uint32_t> seen;
  size_t i = 0;
  while (i < plan_.cases.size() && seen.insert(plan_.cases[i].cell).second) ++i;
  EXPECT_EQ(seen.size(), std::count_if(plan_.counts.begin(), plan_.counts.end(), [](const Counts& counts) { return counts.run != 0; }));
  while (i < plan_.cases.size() && behind_a_sync(plan_.cases[i])) ++i;
  EXPECT_GT(i, seen.size());
  EXPECT_LT(i, plan_.cases.size());
  for (; i < plan_.cases.size(); ++i) EXPECT_FALSE(behind_a_sync(plan_.cases[i]));
}

}  // namespace
}  // namespace rollproof::drill
