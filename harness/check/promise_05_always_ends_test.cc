#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {


Story& cut_over(Story& story) {
  story.cut_over();
  return story;
}

TEST(AlwaysEnds, Fails_WhenItStopsWithoutAReason) {
  Story story;
  cut_over(story).evidence.last = Answer{false, Code::needs_person, "what now", "source"};
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, Holds_WhenDamageStopsIt) {
  Story story;
  cut_over(story).evidence.fault_corrupts = true;
  for (const Code code : {Code::stopped, Code::needs_person, Code::backup_damaged, Code::corruption}) {
    story.evidence.last = Answer{false, code, "table 5 is damaged", "source/000005.ldb"};
    EXPECT_EQ(story.verdict(), "") << name_of(code);
  }
  for (const Code code : {Code::outcome_unknown, Code::not_found}) {
    story.evidence.last.code = code;
    EXPECT_EQ(story.broken(), "5") << name_of(code);
  }
}

TEST(AlwaysEnds, Fails_WhenDamageStopsItThatTheUndisturbedStoryGotOver) {
  Story story;
  cut_over(story).evidence.fault_corrupts = true;
  story.evidence.last = Answer{false, Code::corruption, "table 5 is damaged", "source/000005.ldb"};
  EXPECT_EQ(story.verdict(), "");
  story.evidence.repairable = true;
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, Fails_WhenTheRollbackHasEndedAndItsMigrationHasNot) {
  Story story;
  story.cut_over();
  story.trail.begin("rollback", "source", "op-2");
  story.trail.route("source_only", 3);
  story.trail.end("rollback", "op-2");
  story.put_trail();
  story.evidence.goal = Goal::none;
  EXPECT_THAT(story.verdict(), testing::HasSubstr("5: rollback op-2 has ended, and the migration that it took back has not"));
  story.trail.add(R"("type":"migration_begin","migration":"mig-2")");
  story.put_trail();
  EXPECT_THAT(story.verdict(), testing::Not(testing::HasSubstr("has ended, and the migration"))) << "this one is the next";
}

TEST(AlwaysEnds, Fails_WhenABugAnswers) {
  Story story;
  cut_over(story).evidence.fault_corrupts = true;
  story.evidence.fault_fails_calls = true;
  story.evidence.last = Answer{false, Code::io, "write failed", "source"};
  EXPECT_EQ(story.verdict(), "");
  story.evidence.last.code = Code::internal;
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, Fails_WhenTheSecondRecoveryFailsOrWorks) {
  Story story;
  cut_over(story).evidence.second_changes = 1;
  EXPECT_EQ(story.broken(), "5");
  story.evidence.second_changes = 0;
  story.evidence.second = Answer{false, Code::stopped, "not yet", "source"};
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, LetsARecoveryNameAFollowerThatDamageHasTaken_BehindAWriteThatPassedOverIt) {
  Story story;
  cut_over(story);
  story.evidence.fault_corrupts = true;
  story.evidence.follower_out_of_reach = true;
  story.evidence.second = Answer{false, Code::corruption, "the source is gone", "source"};
  EXPECT_THAT(story.verdict(), testing::HasSubstr("5: a second recovery ended")) << "the trail does not say that it is behind";
  story.trail.notify(story.trail.add(R"("type":"store_behind","store":"source")"), "STORE_BEHIND");
  story.put_trail();
  EXPECT_THAT(story.verdict(), testing::Not(testing::HasSubstr("5: ")));
  story.evidence.fault_corrupts = false;
  EXPECT_THAT(story.verdict(), testing::HasSubstr("5: a second recovery ended")) << "nothing was damaged";
}

TEST(AlwaysEnds, Fails_WhenARecoveryWithoutFaultCanNotFinishWhatFailedCallsLeft) {
  Story story;
  cut_over(story).evidence.fault_fails_calls = true;
  story.evidence.last = Answer{false, Code::io, "write failed", "source"};
  story.evidence.second = Answer{false, Code::refused, "somebody else has written", "source"};
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, Fails_WhenItGoesOnWhereItHadToStop) {
  Story story;
  cut_over(story).evidence.stop_due = true;
  EXPECT_EQ(story.broken(), "5");
}

TEST(AlwaysEnds, LetsAPersonDecideAboutAnotherProgramsWrite) {
  Story story;
  story.cut_over();
  Write& theirs = story.write("56-Contract2", "{\"n\":9}", true, 1);
  theirs.store = "source";
  theirs.behind = story.trail_length();
  Map with = Story::records();
  with["56-Contract2"] = "{\"n\":9}";
  put_leveldb(story.after, "source", with);
  story.evidence.last = {.ok = false, .code = Code::refused, .message = "changed", .path = "source"};
  story.evidence.second = story.evidence.last;
  EXPECT_EQ(story.verdict(), "");
  story.evidence.last.code = story.evidence.second.code = Code::io;
  EXPECT_EQ(story.broken(), "5");
  story.evidence.last.code = story.evidence.second.code = Code::refused;
  story.trail.add(R"("type":"foreign_taken_over","store":"source","files":[],"file_count":0,"added":0,"changed":1,"removed":0)");
  story.put_trail();
  EXPECT_THAT(story.broken(), testing::EndsWith("5")) << "it has been taken over, which it must not be behind the cutover (4): nothing stands in the way";
}

}  // namespace
}  // namespace rollproof::check
