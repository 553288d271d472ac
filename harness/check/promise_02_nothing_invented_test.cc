#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

TEST(NothingInvented, Fails_WhenARecordIsThereThatNobodyWrote) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-Ghost"] = "1";
  story.write_both(map);
  EXPECT_EQ(story.broken(), "2");
  EXPECT_THAT(story.verdict(), HasSubstr("the target holds 56-Ghost, which nobody wrote"));
}

TEST(NothingInvented, Fails_WhenAnAcknowledgedDeleteComesBack) {
  Story story;
  story.cut_over();
  story.write("56-Contract1", std::nullopt, true, 1);
  EXPECT_EQ(story.broken(), "2");
  Map map = Story::records();
  map.erase("56-Contract1");
  story.write_both(map);
  EXPECT_EQ(story.verdict(), "");
}

TEST(NothingInvented, Fails_WhenHalfOfABatchIsThere) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-A"] = "1";
  story.write_both(map);
  story.write("56-A", "1", false, 7);
  story.write("56-B", "2", false, 7);
  EXPECT_EQ(story.broken(), "2");
  EXPECT_THAT(story.verdict(), HasSubstr("half of a batch: 56-A"));
  map["56-B"] = "2";
  story.write_both(map);
  EXPECT_EQ(story.verdict(), "");
}

TEST(NothingInvented, TakesABatchThatALaterWriteHasCovered) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-A"] = "3";
  story.write_both(map);
  story.write("56-A", "1", false, 7);
  story.write("56-B", "2", false, 7);
  story.write("56-A", "3", true, 9);
  EXPECT_EQ(story.verdict(), "");
}

TEST(NothingInvented, Fails_WhenTheProbeIsLeft) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["rollproof:way-back-probe:mig-1"] = "1";
  put_leveldb(story.after, "source", map);
  EXPECT_THAT(story.verdict(), HasSubstr("2: the probe rollproof:way-back-probe:mig-1 was left in the source"));
}

// Two files of one network, as an interrupted way from one to the other leaves them.
TEST(NothingInvented, Fails_WhenARecordStandsInAStoreTwice) {
  Story story;
  story.cut_over();
  story.evidence.places.target_kind = "network-json";
  story.after.remove("target/bscmainnet.unified.json");
  story.after.put("target/main.json", R"({"chainId": 56, "contracts": {"Contract1": {"n":1}, "Contract2": {"n":2}}})");
  story.after.put("target/older.json", R"({"chainId": 56, "contracts": {"Contract1": {"n":0}}})");
  EXPECT_THAT(story.verdict(), HasSubstr("2: the target holds a record twice: key 56-Contract1 is there twice"));
  story.after.put("target/older.json", R"({"chainId": 97, "contracts": {"Contract1": {"n":0}}})");
  EXPECT_THAT(story.verdict(), testing::Not(HasSubstr("twice")));
}

// What another program put into a target that did not answer yet: it may stay there, and must not answer.
TEST(NothingInvented, Fails_WhenARecordOfAnotherProgramAnswersBehindASwitch) {
  Story story;
  story.cut_over();
  Map with = Story::records();
  with["56-Theirs"] = "{\"n\":9}";
  Write& theirs = story.write("56-Theirs", "{\"n\":9}", true, 1);
  theirs.store = "target";
  theirs.behind = 3;  // the source answered
  story.put_target(story.after, with);
  EXPECT_THAT(story.verdict(), testing::HasSubstr("the target holds 56-Theirs, which nobody wrote"));
  theirs.behind = story.trail_length();
  EXPECT_EQ(story.verdict(), "") << "it answered already";
}

}  // namespace
}  // namespace rollproof::check
