#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

void damage(sim::Image& image, const std::string& folder) {
  for (const std::string& path : image.files()) {
    if (path.find(folder) != std::string::npos && path.find("MANIFEST-") != std::string::npos) image.put(path, "not a manifest");
  }
}

TEST(WayBackKept, Holds_WhenTheSourceIsDestroyedAndTheBackupIsGood) {
  Story story;
  story.cut_over();
  story.evidence.fault_corrupts = true;
  damage(story.found, "source");
  story.after = story.found;
  story.evidence.last = Answer{false, Code::corruption, "source MANIFEST: not a manifest", "source/MANIFEST-000002"};
  EXPECT_EQ(story.verdict(), "");
}

TEST(WayBackKept, Fails_WhenABackupIsDeletedOrChanged) {
  Story story;
  story.cut_over();
  story.after.remove("backups/migration-1");
  EXPECT_EQ(story.broken(), "7");
  EXPECT_THAT(story.verdict(), HasSubstr("backup migration-1 was deleted"));
  story.after = story.found;
  story.after.put("backups/migration-1/leveldb/current/CURRENT", "MANIFEST-000009\n");
  EXPECT_THAT(story.verdict(), HasSubstr("backup migration-1 was changed"));
}

TEST(WayBackKept, LetsAPartialBackupGo) {
  Story story;
  story.cut_over();
  story.found.put("backups/.partial-migration-2/leveldb/current/CURRENT", "x");
  EXPECT_EQ(story.verdict(), "");
}

TEST(WayBackKept, Fails_WhenNoCopyIsLeftAtTheFault) {
  Story story;
  story.cut_over();
  damage(story.found, "source");
  damage(story.found, "backups");
  story.after = story.found;
  story.evidence.fault_fails_calls = true;
  story.evidence.last = Answer{false, Code::io, "read failed", "source"};
  EXPECT_EQ(story.broken(), "7");
}

TEST(WayBackKept, Fails_WhenTheOnlyCopyIsBurntAfterwards) {
  Story story;
  story.cut_over();
  story.evidence.fault_corrupts = true;
  story.found.remove("backups");
  story.after = story.found;
  damage(story.after, "source");
  story.evidence.last = Answer{false, Code::corruption, "source MANIFEST: not a manifest", "source/MANIFEST-000002"};
  EXPECT_EQ(story.broken(), "7");
  story.found = story.after;
  EXPECT_EQ(story.broken(), "") << "the fault has taken it, not the recovery";
}

TEST(WayBackKept, FindsTheCopyInFilesThatWereSetAside) {
  Story story;
  story.cut_over();
  story.found.remove("backups");
  const sim::Image whole = story.found;
  for (const std::string& path : whole.files()) {
    if (path.find("source/MANIFEST-") == std::string::npos) continue;
    story.found.put("source/rollproof-obsolete/" + path.substr(path.find("MANIFEST-")), *whole.read(path)).remove(path);
  }
  EXPECT_EQ(story.verdict(), "");
}

}  // namespace
}  // namespace rollproof::check
