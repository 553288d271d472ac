#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

TEST(NothingLost, Holds_WhenEverythingIsThere) {
  for (const char* kind : {"unified-json", "leveldb"}) {
    Story story(kind);
    story.cut_over();
    Map map = Story::records();
    map["56-New"] = "{\"n\":0.10}";
    story.write_both(map);
    story.write("56-New", "{\"n\":0.10}", true, 1);
    EXPECT_EQ(story.verdict(), "") << kind;
  }
}

TEST(NothingLost, Fails_WhenAnAcknowledgedWriteIsMissingInTheAnsweringStore) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-New"] = "1";
  put_leveldb(story.after, "source", map);
  story.write("56-New", "1", true, 1);
  EXPECT_EQ(story.broken(), "1");
  EXPECT_THAT(story.verdict(), HasSubstr("acknowledged write 56-New is missing in the target"));
}

TEST(NothingLost, Fails_WhenTheFollowingSourceLacksIt) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-New"] = "1";
  story.put_target(story.after, map);
  story.write("56-New", "1", true, 1);
  EXPECT_THAT(story.verdict(), HasSubstr("56-New is missing in the source"));
}

TEST(NothingLost, LetsTheFollowerLackWhatItCouldNotBeGiven_WhereTheTrailSaysSo_UntilARecovery) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-New"] = "1";
  story.put_target(story.after, map);
  story.write("56-New", "1", true, 1);
  story.evidence.follower_out_of_reach = true;
  EXPECT_THAT(story.verdict(), HasSubstr("56-New is missing in the source")) << "the trail does not say so";
  story.trail.notify(story.trail.add(R"("type":"store_behind","store":"source")"), "STORE_BEHIND");
  story.put_trail();
  story.evidence.second_changes = 3;
  EXPECT_EQ(story.verdict(), "");
  story.evidence.follower_out_of_reach = false;
  EXPECT_EQ(story.broken(), "1 5") << "a recovery has everything, and leaves nothing to do";
  story.evidence.follower_out_of_reach = true;
  story.trail.add(R"("type":"checkpoint","source":{"position":9})");
  story.put_trail();
  EXPECT_THAT(story.verdict(), HasSubstr("56-New is missing in the source")) << "it has been opened since";
  story.trail.add(R"("type":"session_begin")");
  story.put_trail();
  story.after.put("source/rollproof-obsolete/000003.log", "");
  EXPECT_EQ(story.verdict(), "") << "it was opened, and not closed";
  story.trail.add(R"("type":"session_end")");
  story.put_trail();
  EXPECT_EQ(story.broken(), "1 5 8");
}

TEST(NothingLost, Fails_WhenANumberLostADigit) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-Contract3"] = "{\"n\":3,\"gas\":0.1}";
  story.put_target(story.after, map);
  EXPECT_THAT(story.verdict(), HasSubstr("record 56-Contract3 was changed in the target"));
}

TEST(NothingLost, Fails_WhenTheAnsweringStoreDoesNotOpen) {
  Story story;
  story.cut_over();
  std::string text = *story.after.read("target/bscmainnet.unified.json");
  text[text.find("0.10")] = '1';
  story.after.put("target/bscmainnet.unified.json", text);
  EXPECT_THAT(story.verdict(), HasSubstr("the target can not be read: bscmainnet.unified.json: the checksum does not fit"));
}

TEST(NothingLost, LetsAWriteInFlightHaveHappenedOrNot_ButNotOnlyInOneStore) {
  for (const bool in_source : {false, true}) {
    for (const bool in_target : {false, true}) {
      Story story;
      story.cut_over();
      Map map = Story::records();
      map["56-New"] = "1";
      put_leveldb(story.after, "source", in_source ? map : Story::records());
      story.put_target(story.after, in_target ? map : Story::records());
      story.write("56-New", "1", false, 1);
      EXPECT_EQ(story.broken().empty(), in_source == in_target) << in_source << in_target << story.verdict();
    }
  }
}

TEST(NothingLost, WantsTheAcknowledgedValue_WhenAnEarlierOneWasInFlight) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-Contract0"] = "1";
  story.write_both(map);
  story.write("56-Contract0", "1", false, 1);
  story.write("56-Contract0", "2", true, 2);
  EXPECT_EQ(story.broken(), "1");
  story.evidence.writes.back().acknowledged = false;
  EXPECT_EQ(story.broken(), "");
}

TEST(NothingLost, LooksAtTheSourceOnly_WhenTheTargetIsNotFilledYet) {
  Story story;
  story.evidence.goal_begun = false;
  story.trail.add(R"("type":"migration_begin","migration":"mig-1")");
  story.trail.add(R"("type":"follow","following":"live")");
  story.trail.route("dual_source_first", 1);
  story.put_trail();
  story.put_target(story.after, {{"56-Contract0", Story::records()["56-Contract0"]}});
  EXPECT_EQ(story.verdict(), "");
  story.put_target(story.after, {{"56-Contract0", "0"}});
  EXPECT_THAT(story.verdict(), HasSubstr("56-Contract0 is out of step in the target"));
}

// Another program's: in the store that it was made to, or in what was set aside.
TEST(NothingLost, FindsWhatAnotherProgramWrote_WhereverItIs_AndWhateverWasAnswered) {
  Story story;
  story.cut_over();
  Write& theirs = story.write("56-Theirs", "{\"n\":9}", true, 1);
  theirs.store = "source";
  theirs.behind = story.trail_length();
  EXPECT_THAT(story.verdict(), testing::HasSubstr("1: 56-Theirs, which another program has put into the source, is nowhere any more"));
  story.evidence.last = {.ok = false, .code = Code::refused, .message = "changed"};
  EXPECT_THAT(story.verdict(), testing::HasSubstr("is nowhere any more"));
  put_leveldb(story.after, "source.damaged-1", {{"56-Theirs", "{\"n\":9}"}});
  EXPECT_THAT(story.verdict(), testing::Not(testing::HasSubstr("nowhere")));
  story.evidence.fault_corrupts = true;
  story.after.remove("source.damaged-1");
  EXPECT_THAT(story.verdict(), testing::Not(testing::HasSubstr("nowhere"))) << "the disk may have taken it";
}

TEST(NothingLost, Fails_WhenAForeignWriteOfBeforeTheSwitchIsNotInTheTarget) {
  Story story;
  story.cut_over();
  Map with = Story::records();
  with["56-Theirs"] = "{\"n\":9}";
  Write& theirs = story.write("56-Theirs", "{\"n\":9}", true, 1);
  theirs.store = "source";
  theirs.behind = 3;  // the seal of the backup: the target answers since later
  put_leveldb(story.after, "source", with);
  EXPECT_THAT(story.verdict(), testing::HasSubstr("acknowledged write 56-Theirs is missing in the target"));
  theirs.behind = story.trail_length();
  EXPECT_EQ(story.verdict(), "") << "made when the target answered already";
}

}  // namespace
}  // namespace rollproof::check
