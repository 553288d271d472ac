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

// The evidence of a source of network files: `source/main.json` becomes `main`, `source/other.json` becomes `other`.
std::string verdict_of_files(Story& story, const std::string& main, const std::string& other) {
  const auto put = [](sim::Image& image, const std::string& folder, const std::string& main, const std::string& other) {
    image.remove(folder);
    image.put(folder + "/main.json", main).put(folder + "/other.json", other).put(folder + "/config.json", "{}");
  };
  const std::string old_main = "{\"chainId\":56,\"contracts\":{\"A\":1}}", old_other = "{\"contracts\":{\"B\":1},\"chainId\":97,\"x\":0.10}";
  story.evidence.places.source_kind = "network-json";
  put(story.before, "source", old_main, old_other);
  story.trail = {};
  story.roll_back();
  for (sim::Image* image : {&story.found, &story.after}) put(*image, "backups/migration-1/network-json", old_main, old_other);
  put(story.after, "source", main, other);
  return story.verdict();
}

TEST(RollbackRestores, Holds_WhenNetworkFilesDifferByWhatWasWritten) {
  Story story;
  story.write("97-B", "2", true, 1);
  EXPECT_EQ(verdict_of_files(story, "{\"chainId\":56,\"contracts\":{\"A\":1}}", "{\"contracts\":{\"B\":2},\"chainId\":97,\"x\":0.10}"), "");
}

TEST(RollbackRestores, Fails_WhenANetworkFileDiffersAroundItsContracts) {
  Story story;
  story.write("97-B", "2", true, 1);
  EXPECT_EQ(verdict_of_files(story, "{\"chainId\":56,\"contracts\":{\"A\":1}}", "{\"contracts\":{\"B\":2},\"chainId\":97,\"x\":0.1}"),
            "3: source/other.json is not what it was, around its contracts\n");
}

TEST(RollbackRestores, Fails_WhenANetworkFileWithoutAWriteDiffers) {
  Story story;
  story.write("97-B", "2", true, 1);
  EXPECT_EQ(verdict_of_files(story, "{\"chainId\":56,\"contracts\":{\"A\": 1}}", "{\"contracts\":{\"B\":2},\"chainId\":97,\"x\":0.10}"),
            "3: source/main.json is not what it was, and nothing in it was written\n");
  story.evidence.writes.clear();
  EXPECT_THAT(verdict_of_files(story, "{\"chainId\":56,\"contracts\":{\"A\":1 }}", "{\"contracts\":{\"B\":1},\"chainId\":97,\"x\":0.10}"),
              HasSubstr("3: the source's files are not byte for byte what they were"));
}

}  // namespace
}  // namespace rollproof::check
