#include <cstdio>
#include <ctime>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

TEST(Checkers, AreTenInOrder) {
  ASSERT_EQ(checkers().size(), 10u);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(checkers()[i].promise, i + 1);
}

TEST(Checkers, SaysNothing_WhenThePromiseIsLeftOut) {
  Story story;
  story.cut_over();
  story.evidence.limit_ms = 1;
  story.evidence.recovery_ms = 2;
  const int left_out[] = {10};
  EXPECT_EQ(check_all(story.evidence).size(), 1u);
  EXPECT_TRUE(check_all(story.evidence, left_out).empty());
}

TEST(Checkers, SaysNothing_WhenNothingWasEverBegun) {
  Story story;
  story.evidence.goal_begun = story.evidence.goal_acknowledged = false;
  EXPECT_EQ(story.verdict(), "");
}

// Every case differs from all others in source, target, audit trail and what was found, so that nothing is known from before.
TEST(Checkers, TakeLittleTime_WhenNothingIsKnownFromEarlierCases) {
  constexpr int cases = 200;
  Map map;
  for (int i = 0; i < 28; ++i) map[fmt::format("56-Contract{:02}", i)] = fmt::format("{{\"n\":{},\"fill\":\"{}\"}}", i, std::string(480, 'x'));
  std::vector<std::unique_ptr<Story>> stories;
  for (int n = 0; n < cases; ++n) {
    auto story = std::make_unique<Story>(n % 2 == 0 ? "unified-json" : "leveldb");
    put_leveldb(story->before, "source", map);
    story->after = story->found = story->before;
    story->records_sealed = map.size();
    for (int i = 0; i < 40; ++i) story->trail.add(fmt::format("\"type\":\"checkpoint\",\"case\":{},\"fill\":\"{}\"", n, std::string(250, 'x')));
    story->cut_over();
    story->put_backup(story->after, map);
    story->put_target(story->after, map);
    story->found = story->after;
    const std::string value = std::to_string(n);
    story->write("56-New", value, true, 1);
    Map written = map;
    written["56-New"] = value;
    story->write_both(written);
    stories.push_back(std::move(story));
  }
  const auto measure = [&] {
    const std::clock_t begun = std::clock();  // of the processor: other programs do not count
    for (const auto& story : stories) EXPECT_EQ(check_all(story->evidence).size(), 0u) << story->verdict();
    return 1e6 * static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC / cases;
  };
  const double fresh = measure();
  const double known = measure();
  std::printf("checked in %.0f us a case, %.0f us when its content is known\n", fresh, known);
  EXPECT_LT(fresh, 5000);  // far above what it takes, for sanitizers
}

}  // namespace
}  // namespace rollproof::check
