#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {


using testing::HasSubstr;

TEST(RollbackRestores, Holds_WhenEverythingIsAsBefore) {
  Story story;
  story.roll_back();
  EXPECT_EQ(story.verdict(), "");
}

TEST(RollbackRestores, Holds_WithAWriteOfTheMigrationInTheSource) {
  Story story;
  story.roll_back();
  Map map = Story::records();
  map["56-New"] = "1";
  story.write("56-New", "1", true, 1);
  EXPECT_EQ(story.broken(), "1 3");
  put_leveldb(story.after, "source", map);
  EXPECT_EQ(story.verdict(), "");
}

TEST(RollbackRestores, Fails_WhenMigratedRecordsAreLeft) {
  Story story;
  story.roll_back();
  story.put_target(story.after, Story::records());
  EXPECT_THAT(story.verdict(), HasSubstr("3: 6 migrated records are left in the target"));
  EXPECT_THAT(story.verdict(), HasSubstr("the target's folder was not there before"));
}

TEST(RollbackRestores, Fails_WhenAFolderOfTheOwnerIsGone) {
  Story story;
  story.before.make_directory("target");
  story.roll_back();
  EXPECT_EQ(story.broken(), "3");
  story.after.make_directory("target");
  EXPECT_EQ(story.verdict(), "");
}

TEST(RollbackRestores, Fails_WhenTheConfigurationDiffers) {
  Story story;
  story.roll_back();
  story.after.put("rollproof.json", Story::config() + "\n");
  EXPECT_EQ(story.broken(), "3");
}

TEST(RollbackRestores, Fails_WhenASucceededRollbackIsUndone) {
  Story story;
  story.roll_back();
  story.after = story.found;
  EXPECT_EQ(story.broken(), "3 9");
}

TEST(RollbackRestores, Fails_WhenThePhaseGoneBackToLeavesTheTargetAnswering) {
  Story story;
  story.cut_over();
  story.trail.begin("rollback", "dual-write", "op-2");
  story.trail.end("rollback", "op-2");
  story.put_trail();
  story.evidence.goal = Goal::rollback;
  story.evidence.goal_phase = "dual-write";
  EXPECT_EQ(story.broken(), "3");
}

}  // namespace
}  // namespace rollproof::check
