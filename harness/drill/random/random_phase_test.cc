#include "harness/drill/random/random_phase.h"

#include <gtest/gtest.h>

namespace rollproof::drill {
namespace {

RandomOptions few(uint64_t seed) { return {.drill = {.seed = seed, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}, .stories = 12, .shrink_ms = 4000}; }

TEST(RandomPhase, FindsNothingInTheLibraryAsItIs) {
  const RandomOutcome outcome = run_random_phase(few(1));
  EXPECT_FALSE(outcome.finding) << outcome.finding->what << "\n" << outcome.finding->shrunk.words << "\n" << outcome.finding->shrunk.story.to_json();
  EXPECT_EQ(outcome.stories, 12u);
  EXPECT_GT(outcome.cases, 40u);
}

TEST(RandomPhase, TheSameSeedTellsTheSameStories) {
  const RandomOutcome one = run_random_phase(few(3)), two = run_random_phase(few(3));
  EXPECT_EQ(one.cases, two.cases);
  EXPECT_EQ(one.images, two.images);
  // Two seeds may come to the same number by chance, three more hardly.
  bool differs = false;
  for (const uint64_t seed : {4, 5, 6}) differs |= run_random_phase(few(seed)).images != one.images;
  EXPECT_TRUE(differs);
}

// Breaks once a target is there, an operation of a command was not acknowledged, and the source holds a record whose value is long.
check::Violations plant(const check::Evidence& evidence) {
  if (evidence.goal_begun && !evidence.goal_acknowledged && evidence.found->find("out") != nullptr) return {{2, "planted"}};
  return {};
}

TEST(RandomPhase, MakesWhatItFindsSmall_AndTheFileReplaysIt) {
  RandomOptions options = few(1);
  options.stories = 60;
  options.drill.judge = plant;
  const RandomOutcome outcome = run_random_phase(options);
  ASSERT_TRUE(outcome.finding);
  EXPECT_EQ(outcome.finding->promise, 2);
  const Story& story = outcome.finding->shrunk.story;
  EXPECT_EQ(story.drilled.size(), 1u) << story.to_json();
  EXPECT_LE(story.before.size(), 1u) << "the phases before, without a fault: " << story.to_json();
  EXPECT_LE(story.records->size(), 1u) << story.to_json();
  ASSERT_EQ(story.cases.size(), 1u);
  const auto again = Story::parse(story.to_json(), "kept.json");
  ASSERT_TRUE(again) << again.error().to_string();
  const auto replayed = run_drill({*again}, options.drill, {});
  ASSERT_TRUE(replayed) << replayed.error().to_string();
  EXPECT_EQ(replayed->cases_run, 1u);
  // A case is judged behind the command and behind each recovery: it is planted wherever that is.
  ASSERT_GE(replayed->violations_total, 1u);
  for (const auto& violation : replayed->violations) EXPECT_EQ(violation.what, "planted");
}

}  // namespace
}  // namespace rollproof::drill
