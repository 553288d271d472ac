#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {


TEST(NeverSilentlyWrong, Fails_WhenSuccessIsAnsweredOverDamage) {
  Story story;
  story.cut_over();
  story.evidence.fault_corrupts = true;
  EXPECT_EQ(story.verdict(), "");
  Map map = Story::records();
  map["56-Contract2"] = "{}";
  story.put_target(story.after, map);
  EXPECT_EQ(story.broken(), "1 6 7") << "and the target was a good copy when the command began";
}

TEST(NeverSilentlyWrong, Fails_WhenAPowerLossIsCalledCorruption) {
  Story story;
  story.cut_over();
  story.evidence.fault_fails_calls = true;
  for (const Code code : {Code::corruption, Code::backup_damaged}) {
    story.evidence.last = Answer{false, code, "sector 7: checksum 9f2c", ".rollproof/journal"};
    EXPECT_EQ(story.broken(), "6") << name_of(code);
  }
}

TEST(NeverSilentlyWrong, Fails_WhenASourceThatWasFoundToDifferGoesOnAnswering) {
  Story story;
  story.cut_over();
  story.trail.begin("rollback", "source", "op-9");
  story.trail.route("dual_source_first", 3);
  story.trail.add(R"("type":"seal","seal":"source","passed":false)");
  story.put_trail();
  story.evidence.last = Answer{false, Code::needs_person, "the source differs", "source"};
  EXPECT_THAT(story.verdict(), testing::HasSubstr("the source answers, and was found to differ"));
  story.trail.route("dual_target_first", 4);
  story.put_trail();
  EXPECT_THAT(story.verdict(), testing::Not(testing::HasSubstr("was found to differ")));
}

TEST(NeverSilentlyWrong, Fails_WhenTheErrorSaysNothing) {
  Story story;
  story.cut_over();
  story.evidence.fault_corrupts = true;
  story.evidence.last = Answer{false, Code::stopped, "", "source"};
  EXPECT_EQ(story.broken(), "6");
  story.evidence.last = Answer{false, Code::corruption, "something is damaged", ""};
  EXPECT_EQ(story.broken(), "6");
}

TEST(NeverSilentlyWrong, Fails_WhenSuccessIsAnsweredAndABackupWasChanged) {
  Story story;
  story.cut_over();
  story.evidence.fault_corrupts = true;
  story.after.put("backups/migration-1/leveldb/current/notes", "{}");
  EXPECT_EQ(story.broken(), "6 7");
}

// The route is switched by the command that is judged, which began at 100.
TEST(NeverSilentlyWrong, Fails_WhenTheTargetIsMadeToAnswerOverADamagedBackup) {
  Story story;
  story.cut_over();
  story.evidence.last_began_ms = 100;
  story.trail.add(R"("type":"route","route":"dual_target_first","epoch":3,"time_ms":100)");
  story.put_trail();
  EXPECT_EQ(story.verdict(), "");
  story.evidence.fault_corrupts = true;
  for (sim::Image* image : {&story.found, &story.after}) image->put("backups/migration-1/leveldb/current/CURRENT", "MANIFEST-000009\n");
  EXPECT_EQ(story.broken(), "6");
  EXPECT_THAT(story.verdict(), testing::HasSubstr("CURRENT is not what its checksum says"));
  story.evidence.last_began_ms = 101;
  EXPECT_EQ(story.verdict(), "") << "it was switched before the damage";
  story.evidence.last_began_ms = 100;
  story.evidence.last = story.evidence.second = Answer{false, Code::backup_damaged, "CURRENT: checksum", "backups/migration-1/leveldb/current/CURRENT"};
  EXPECT_EQ(story.verdict(), "") << "it said so";
}

TEST(NeverSilentlyWrong, Fails_WhenTheChecksumsOfTheDamagedBackupFit) {
  Story story;
  story.cut_over();
  story.evidence.last_began_ms = 0;
  story.evidence.fault_corrupts = true;
  Map map = Story::records();
  map["56-Contract2"] = "{}";
  for (sim::Image* image : {&story.found, &story.after}) story.put_backup(*image, map);
  EXPECT_THAT(story.verdict(), testing::HasSubstr("6: the target was made to answer without a word over a backup that is no way back, backups/migration-1: its copy"));
}

TEST(NeverSilentlyWrong, Fails_WhenTheTargetIsMadeToAnswerWithoutABackup) {
  Story story;
  story.cut_over();
  story.evidence.last_began_ms = 0;
  Trail trail;
  trail.add(R"("type":"migration_begin","migration":"mig-1")");
  trail.begin("migrate", "cutover", "op-1");
  trail.route("dual_target_first", 2);
  trail.end("migrate", "op-1");
  story.trail = trail;
  story.put_trail();
  EXPECT_THAT(story.verdict(), testing::HasSubstr("6: the target was made to answer, and no backup had been proven"));
}

}  // namespace
}  // namespace rollproof::check
