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
  EXPECT_EQ(story.broken(), "1 6");
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
  story.after.put("backups/migration-1/manifest.json", "{}");
  EXPECT_EQ(story.broken(), "6 7");
}

}  // namespace
}  // namespace rollproof::check
