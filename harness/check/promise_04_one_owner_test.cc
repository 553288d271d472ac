#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {


TEST(OneOwner, Holds_WhenTheIntruderIsKeptOut) {
  Story story;
  story.cut_over();
  story.evidence.intruder = Answer{false, Code::locked, "pid 7 owns the route", ".rollproof/lock"};
  EXPECT_EQ(story.verdict(), "");
}

TEST(OneOwner, Fails_WhenTheIntruderIsLetIn) {
  Story story;
  story.cut_over();
  story.evidence.intruder = Answer{true, Code::internal, "", ""};
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenTheIntruderIsAnsweredSomethingElse) {
  Story story;
  story.cut_over();
  story.evidence.intruder = Answer{false, Code::io, "no such file", ".rollproof/lock"};
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenTheIntruderChangesAFile) {
  Story story;
  story.cut_over();
  story.evidence.intruder = Answer{false, Code::locked, "pid 7 owns the route", ".rollproof/lock"};
  story.evidence.intruder_changes = 1;
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenAWriterWithAnOldRouteIsNotRefused) {
  Story story;
  story.cut_over();
  story.evidence.intruder_expects = Code::refused;
  story.evidence.intruder = Answer{false, Code::refused, "the route has epoch 2, the writer knows 1", ""};
  EXPECT_EQ(story.verdict(), "");
  story.evidence.intruder = Answer{true, Code::internal, "", ""};
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenAnEpochComesTwice) {
  Story story;
  story.cut_over();
  story.trail.route("dual_target_first", 2);
  story.put_trail();
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenARouteIsSwitchedAfterTheEnd) {
  Story story;
  story.roll_back();
  story.trail.route("source_only", 5);
  story.put_trail();
  EXPECT_EQ(story.broken(), "4");
}

TEST(OneOwner, Fails_WhenWhatAnotherProgramWroteToTheSourceIsTakenOver_AlthoughTheTargetAnswered) {
  struct { bool target_answered, replaced, broken; } cases[] = {{true, false, true}, {true, true, false}, {false, false, false}};
  for (const auto& [target_answered, replaced, broken] : cases) {
    Story story;
    story.cut_over();
    story.evidence.writes.push_back({.key = "56-Theirs", .store = "source", .behind = target_answered ? story.trail_length() : 2});
    if (replaced) story.trail.add(R"("type":"source_replaced")");
    story.trail.add(R"("type":"foreign_taken_over","store":"source","files":[],"file_count":0,"added":0,"changed":0,"removed":1)");
    story.put_trail();
    EXPECT_EQ(story.broken().find('4') != std::string::npos, broken) << story.verdict();
  }
}

TEST(OneOwner, Fails_WhenTwoMigrationsAreActive) {
  Story story;
  story.trail.add(R"("type":"migration_begin","migration":"mig-0")");
  story.cut_over();
  EXPECT_EQ(story.broken(), "4");
}

}  // namespace
}  // namespace rollproof::check
