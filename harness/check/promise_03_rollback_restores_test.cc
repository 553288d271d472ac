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
  story.records_sealed = 2;
  story.roll_back();
  for (sim::Image* image : {&story.found, &story.after}) {
    put(*image, "backups/migration-1/network-json", old_main, old_other);
    Story::put_backup_papers(*image);
  }
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
              HasSubstr("3: source/main.json is not what it was, and nothing in it was written"));
}

// The configuration beside the network files, damaged before a rollback, which then says `event` in its audit trail.
std::string verdict_of_damage(const std::string& event, const std::string& left) {
  Story story;
  if (!event.empty()) story.trail.notify(story.trail.add(event), "FOREIGN_CHANGE");
  const std::string main = "{\"chainId\":56,\"contracts\":{\"A\":1}}";
  story.evidence.places.source_kind = "network-json";
  const Trail trail = story.trail;
  story.before.remove("source");
  story.before.put("source/main.json", main).put("source/config.json", "{\"a\":1}");
  story.roll_back();
  for (sim::Image* image : {&story.found, &story.after}) {
    image->remove("source");
    image->put("backups/migration-1/network-json/main.json", main).put("source/main.json", main);
  }
  story.found.put("source/config.json", "{\"a\":0}");
  left.empty() ? story.found.remove("source/config.json") : story.after.put("source/config.json", left);
  story.evidence.fault_corrupts = true;
  story.evidence.damaged = "source/config.json";
  return story.verdict();
}

TEST(RollbackRestores, Holds_WhenADamageAroundTheRecordsIsNamedAndLeft) {
  const std::string named = R"("type":"foreign_open","store":"source","files":["config.json"],"file_count":1)";
  EXPECT_EQ(verdict_of_damage(named, "{\"a\":0}"), "");
  EXPECT_EQ(verdict_of_damage(named, "{\"a\":2}"), "3: source/config.json is not what it was, and nothing in it was written\n");
  EXPECT_EQ(verdict_of_damage(named, ""), "") << "one that is gone stays gone";
}

TEST(RollbackRestores, Fails_WhenADamageAroundTheRecordsIsNotNamed) {
  const std::string broken = "3: source/config.json is not what it was, and nothing in it was written\n";
  EXPECT_EQ(verdict_of_damage("", "{\"a\":0}"), broken);
  EXPECT_EQ(verdict_of_damage(R"("type":"foreign_open","store":"source","files":["main.json"],"file_count":1)", "{\"a\":0}"), broken);
  EXPECT_EQ(verdict_of_damage(R"("type":"foreign_open","store":"target","files":["config.json"],"file_count":1)", "{\"a\":0}"), broken);
}

TEST(RollbackRestores, Fails_WhenAFileOfTheSourceIsNew) {
  Story story;
  const std::string text = "{\"chainId\":56,\"contracts\":{\"A\":1}}";
  const auto put = [&](sim::Image& image) {
    image.remove("source");
    image.put("source/main.json", text);
  };
  story.evidence.places.source_kind = "network-json";
  put(story.before);
  story.roll_back();
  put(story.after);
  story.after.put("source/new.json", "{}");
  EXPECT_THAT(story.verdict(), HasSubstr("3: source/new.json was not in the source before"));
}

}  // namespace
}  // namespace rollproof::check
