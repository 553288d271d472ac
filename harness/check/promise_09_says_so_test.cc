#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

TEST(SaysSo, Fails_WhenAByteOfTheTrailIsChanged) {
  Story story;
  story.cut_over();
  std::string text = *story.after.read(".rollproof/audit.jsonl");
  text[text.find("\"facts\":{}") + 2] = 'F';
  story.after.put(".rollproof/audit.jsonl", text);
  EXPECT_THAT(story.verdict(), HasSubstr("9: audit.jsonl, line 6: its hash does not fit its content"));
}

TEST(SaysSo, Fails_WhenALineIsMissingOrTorn) {
  Story story;
  story.roll_back();
  const std::string text = *story.after.read(".rollproof/audit.jsonl");
  story.after.put(".rollproof/audit.jsonl", text.substr(text.find('\n') + 1));
  EXPECT_THAT(story.verdict(), HasSubstr("line 1: it does not follow the line before"));
  story.after.put(".rollproof/audit.jsonl", text.substr(0, text.size() - 1));
  EXPECT_THAT(story.verdict(), HasSubstr("it has no end"));
}

TEST(SaysSo, Fails_WhenTheEndOfAnOperationIsMissing) {
  Story story;
  story.cut_over();
  story.evidence.goal_acknowledged = false;
  story.trail.begin("migrate", "cutover", "op-9");
  story.put_trail();
  EXPECT_EQ(story.broken(), "9");
  EXPECT_THAT(story.verdict(), HasSubstr("op-9 was begun at position 9 and its end is not in the audit trail"));
}

TEST(SaysSo, Fails_WhenTrailAndAnswerDisagree) {
  Story story;
  story.cut_over();
  story.trail.begin("migrate", "cutover", "op-9");
  story.trail.end("migrate", "op-9", "failed");
  story.put_trail();
  EXPECT_EQ(story.broken(), "9");
}

TEST(SaysSo, Fails_WhenASucceededOperationIsNotInIt) {
  Story story;
  story.evidence.goal = Goal::migrate;
  story.evidence.goal_phase = "validate";
  EXPECT_EQ(story.broken(), "9");
  story.evidence.goal_begun = false;
  EXPECT_EQ(story.broken(), "");
}

TEST(SaysSo, Fails_WhenARollbackIsNoIncident_OrTwoAreTheSame) {
  Story story;
  story.roll_back();
  EXPECT_EQ(story.broken(), "");
  story.trail.begin("rollback", "source", "op-2");  // the id of its incident as well
  story.trail.end("rollback", "op-2");
  story.put_trail();
  EXPECT_THAT(story.verdict(), HasSubstr("rollbacks op-2 and op-2 are the same incident, INC-op-2"));
  Story older;
  older.roll_back();
  older.trail.add(R"("type":"operation_begin","operation":"rollback","operation_id":"op-3","to":"source")");
  older.put_trail();
  EXPECT_THAT(older.verdict(), HasSubstr("rollback op-3 opened no incident"));
}

TEST(SaysSo, Fails_WhenANotificationIsMissingDoubledStrangeOrFalse) {
  Story story;
  story.cut_over();
  const std::string lines = *story.after.read(".rollproof/notifications.jsonl");
  const auto with = [&](const std::string& text) {
    story.after.put(".rollproof/notifications.jsonl", text);
    return story.verdict();
  };
  EXPECT_THAT(with(lines.substr(lines.find('\n') + 1)), HasSubstr("nobody was notified of START at position 2"));
  EXPECT_THAT(with(lines + lines.substr(lines.find('\n') + 1)), HasSubstr("notification 8 went out twice"));
  EXPECT_THAT(with(lines + "{\"id\":99,\"type\":\"START\"}\n"), HasSubstr("belongs to no event"));
  EXPECT_THAT(with(lines + "{\"id\":"), HasSubstr("it has no end"));
  std::string wrong = lines;
  wrong.replace(wrong.find("\"result\":\"SUCCESS\""), 18, "\"result\":\"FAILED\"");
  EXPECT_THAT(with(wrong), HasSubstr("notification 8 says FAILED, the audit trail SUCCESS"));
  EXPECT_EQ(with(lines), "");
}

TEST(SaysSo, TellsAStopOnRequestFromAFailure) {
  Story story;
  story.cut_over();
  story.trail.begin("migrate", "cutover", "op-9");
  story.trail.end("migrate", "op-9", "stopped");
  story.put_trail();
  story.evidence.fault_fails_calls = true;
  const std::string lines = *story.after.read(".rollproof/notifications.jsonl");
  EXPECT_THAT(lines, HasSubstr("STOPPED"));
  EXPECT_EQ(story.verdict(), "");
}

}  // namespace
}  // namespace rollproof::check
