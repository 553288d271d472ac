#include "harness/drill/random/walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/check/checkers.h"
#include "harness/drill/random/random_phase.h"

namespace rollproof::drill {
namespace {

using Kind = Strike::Kind;

DrillOptions options() { return {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}; }

// There and back, struck in four different ways, and there again.
Walk there_and_back() {
  Walk walk{.records = {{"56-A", "{\"n\":1e400}"}, {"plain", std::string("\xff\0", 2)}}, .target = 0, .steps = {}};
  walk.steps = {{{0, 1}, {Kind::none}},          // migrate dual-write
                {{5, 0}, {Kind::death, 30000}},   // put
                {{0, 1}, {Kind::nothing_unsynced, 40000}},
                {{5, 1}, {}},
                {{3, 1}, {Kind::some_lost, 50000, 77}},
                {{2, 0}, {Kind::death, 20000}},   // rollback source
                {{0, 4}, {Kind::everything_kept, 60000}},
                {{4, 2}, {Kind::nothing_unsynced, 65535}}};
  return walk;
}

TEST(Walk, StruckAgainAndAgain_KeepsTheTenPromises) {
  const WalkOutcome outcome = take_walk(there_and_back(), options());
  EXPECT_FALSE(outcome.violation) << outcome.violation->what << "\n" << outcome.text;
  EXPECT_EQ(outcome.commands, 8u);
  EXPECT_EQ(outcome.strikes, 6u) << outcome.text;
  EXPECT_EQ(outcome.images, 8u);
  EXPECT_THAT(outcome.text, testing::HasSubstr("the process dies"));
}

TEST(Walk, IsTheSameEachTime) {
  const WalkOutcome once = take_walk(there_and_back(), options()), again = take_walk(there_and_back(), options());
  EXPECT_EQ(once.text, again.text);
}

// What one recovery has shown to a reader is held against the next one as acknowledged.
TEST(Walk, AWriteThatRecoveryHasShownCountsAsAcknowledgedFromThenOn) {
  DrillOptions watching = options();
  std::vector<std::vector<check::Write>> seen;
  watching.judge = [&](const check::Evidence& evidence) {
    seen.push_back(evidence.writes);
    return check::check_all(evidence);
  };
  Walk walk{.records = {{"56-A", "{}"}}, .target = 0, .steps = {}};
  walk.steps = {{{0, 1}, {}}, {{5, 0}, {Kind::everything_kept, 65000}}, {{5, 1}, {}}};
  const WalkOutcome outcome = take_walk(walk, watching);
  ASSERT_FALSE(outcome.violation) << outcome.violation->what;
  ASSERT_EQ(seen.size(), 3u);
  ASSERT_EQ(seen[1].size(), 1u);
  ASSERT_EQ(seen[2].size(), 2u);
  EXPECT_TRUE(seen[2][0].acknowledged);
}

TEST(Walk, EndsAtTheFirstViolation) {
  DrillOptions planted = options();
  planted.judge = [](const check::Evidence& evidence) { return evidence.writes.empty() ? check::Violations{} : check::Violations{{1, "planted"}}; };
  const WalkOutcome outcome = take_walk(there_and_back(), planted);
  ASSERT_TRUE(outcome.violation);
  EXPECT_EQ(outcome.violation->what, "planted");
  EXPECT_LT(outcome.commands, 8u);
}

TEST(Walk, ComesBackFromItsFile_AndWhatIsNoneIsRefused) {
  const auto back = Walk::parse(there_and_back().to_json(), "w.json");
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(*back, there_and_back());
  const std::string text = there_and_back().to_json();
  for (const std::string& bad : {text.substr(0, text.size() / 2), std::string("{}"), std::string("[]"), std::string(R"({"walk":{"target":0,"records":[],"steps":[{"verb":1,"argument":2,"strike":"lightning"}]}})"),
                                 std::string(R"({"walk":{"target":0,"records":[{"key_base64":"?","value_base64":""}],"steps":[]}})")}) {
    const auto refused = Walk::parse(bad, "w.json");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::invalid);
    EXPECT_EQ(refused.error().path, "w.json");
  }
}

TEST(RandomWalks, FindWhatIsPlanted_AndMakeItSmall) {
  RandomOptions random{.drill = options(), .stories = 0, .walks = 40, .shrink_ms = 4'000};
  // Only behind a second strike: a story with one fault would never show it.
  random.drill.judge = [](const check::Evidence& evidence) {
    const auto trail = evidence.after->read(evidence.places.state + "/audit.jsonl");
    size_t recoveries = 0;
    for (size_t at = 0; trail && (at = trail->find("\"command\":\"drill\"", at)) != std::string::npos; ++at) ++recoveries;
    return recoveries >= 4 ? check::Violations{{5, "planted"}} : check::Violations{};
  };
  const RandomOutcome outcome = run_random_phase(random);
  ASSERT_TRUE(outcome.walk);
  EXPECT_EQ(outcome.walk->taken.violation->what, "planted");
  EXPECT_GT(outcome.strikes, 0u);
  EXPECT_LE(outcome.walk->walk.steps.size(), 6u) << outcome.walk->taken.text;
}

}  // namespace
}  // namespace rollproof::drill
