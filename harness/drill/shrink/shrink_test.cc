#include "harness/drill/shrink/shrink.h"

#include <gmock/gmock.h>

namespace rollproof::drill {
namespace {

using testing::Contains;
using testing::HasSubstr;

Story story() {
  Story story{.name = "long", .about = "more than it takes"};
  for (const char* text : {"put 56-Early 40"}) story.before.push_back(*subject::Command::parse(text));
  for (const char* text : {"migrate cutover with 2 writes", "put 56-Late 40", "rollback source"}) story.drilled.push_back(*subject::Command::parse(text));
  return story;
}

// The first crash of a kind within a phase, with all that comes before it.
Result<fault::Fault> crash_in(const Story& story, const DrillOptions& options, const std::string& phase, const char* shape) {
  ROLLPROOF_ASSIGN(const Recording recording, recording_of(story, options));
  for (uint64_t k = recording.first_drilled(); k < recording.trace().size(); ++k) {
    const Cell cell = recording.cell_at(k, fault::Kind::crash);
    if (cell.direction == "forward" && cell.phase == phase && cell.step != "open") return fault::Fault::parse("crash(after " + std::to_string(k + 2) + shape + ")");
  }
  return fail(Code::not_found, "no such phase");
}

class Shrinking : public testing::Test {
 protected:
  Shrunk shrunk(Judge judge, const char* shape) {
    ShrinkOptions options{.drill = {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}};
    options.drill.judge = std::move(judge);
    const auto fault = crash_in(story(), options.drill, "copy", shape);
    EXPECT_TRUE(fault) << fault.error().to_string();
    auto found = shrink(story(), *fault, options);
    EXPECT_TRUE(found) << found.error().to_string();
    return found ? *found : Shrunk();
  }
};

// A library that would break a promise whenever it is struck in the phase "copy".
check::Violations in_copy(const check::Evidence& evidence) {
  if (evidence.goal_begun && !evidence.goal_acknowledged && evidence.goal == check::Goal::migrate && evidence.goal_phase != "validate" && evidence.goal_phase != "dual-write") return {{1, "planted 7"}};
  return {};
}

TEST_F(Shrinking, LeavesOneRecordAndOnePhaseAndAHandfulOfOperations) {
  const Shrunk small = shrunk(in_copy, ", keep none");
  EXPECT_EQ(small.story.records ? small.story.records->size() : 99, 0u) << "none is needed for what is planted";
  ASSERT_EQ(small.story.drilled.size(), 1u) << small.story.to_json();
  EXPECT_EQ(small.story.drilled[0].kind, subject::Command::Kind::migrate);
  EXPECT_EQ(small.story.drilled[0].writes_inside, 0u);
  ASSERT_FALSE(small.story.before.empty());
  EXPECT_EQ(small.story.before.back().kind, subject::Command::Kind::migrate) << "the phases before need no fault: " << small.story.to_json();
  EXPECT_LE(small.operations, 8u);
  EXPECT_FALSE(small.matters.empty());
  EXPECT_LE(small.matters.size(), 6u);
  ASSERT_EQ(small.story.cases.size(), 1u);
}

// Two ways to break one promise: what is made small stays the one that was found.
TEST_F(Shrinking, StaysWithTheWayInWhichThePromiseIsBroken) {
  const auto two_ways = [](const check::Evidence& evidence) -> check::Violations {
    if (!in_copy(evidence).empty()) return {{1, "the record 56-A is gone"}};
    if (evidence.goal_begun && !evidence.goal_acknowledged) return {{1, "the file 12 is torn"}};
    return {};
  };
  const Shrunk small = shrunk(two_ways, "");
  ASSERT_FALSE(small.result.violations.empty());
  EXPECT_THAT(small.result.violations[0].what, HasSubstr("is gone"));
  EXPECT_THAT(small.matters, Contains(HasSubstr("done")));
}

// Without what died before it a recovery does nothing, and nothing can be struck in it.
TEST(ShrinkingARecovery, KeepsWhatDiedBeforeIt) {
  Story story{.name = "died", .about = "a", .records = {{{"56-A", "{}"}}}};
  for (const char* text : {"migrate dual-write", "migrate copy dies in copy-records"}) story.before.push_back(*subject::Command::parse(text));
  story.drilled.push_back(*subject::Command::parse("recover"));
  ShrinkOptions options{.drill = {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}};
  options.drill.judge = [](const check::Evidence& evidence) -> check::Violations {
    if (evidence.goal == check::Goal::migrate && evidence.goal_begun && !evidence.goal_acknowledged && evidence.second.ok) return {{1, "planted"}};
    return {};
  };
  const auto recording = recording_of(story, options.drill);
  ASSERT_TRUE(recording);
  const auto found = shrink(story, {fault::ProcessDeath{recording->first_drilled() + 3}}, options);
  ASSERT_TRUE(found) << found.error().to_string();
  ASSERT_FALSE(found->story.before.empty());
  EXPECT_FALSE(found->story.before.back().dies_in.empty());
}

}  // namespace
}  // namespace rollproof::drill
