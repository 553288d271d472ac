#include <gmock/gmock.h>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {


TEST(CleansUp, Fails_WhenSomethingUnfinishedIsLeft) {
  for (const char* path : {"rollproof.json.tmp", "target/bscmainnet.unified.json.tmp", "backups/.rollproof-partial-migration-2/manifest.json", "source.rollproof-restoring/CURRENT",
                           "source/rollproof-obsolete/000003.log", ".rollproof/journal/x.partial", "source/x.rollproof-restoring"}) {
    Story story;
    story.cut_over();
    story.after.put(path, "x");
    EXPECT_EQ(story.broken(), "8") << path;
  }
}

TEST(CleansUp, Fails_WhenAPartOfABackupHasTheNameOfAWholeOne) {
  const std::string folder = "backups/migration-2/";
  Story story;
  story.cut_over();
  story.after.put(folder + "leveldb/current/CURRENT", "x");
  EXPECT_EQ(story.broken(), "8");
  EXPECT_THAT(story.verdict(), testing::HasSubstr("it has no BACKUP_MANIFEST.json"));
  story.after.put(folder + "BACKUP_MANIFEST.json", "{}");
  EXPECT_THAT(story.verdict(), testing::HasSubstr("it has no checksums/SHA256SUMS"));
  const std::string digits(64, '0');
  story.after.put(folder + "checksums/SHA256SUMS", digits + "  BACKUP_MANIFEST.json\n" + digits + "  leveldb/current/000005.ldb\n");
  EXPECT_THAT(story.verdict(), testing::HasSubstr("leveldb/current/000005.ldb is missing"));
  story.evidence.fault_corrupts = true;
  story.evidence.damaged_all = {folder + "leveldb/current/000005.ldb"};
  EXPECT_EQ(story.verdict(), "") << "the disk has lost it";
  story.evidence.damaged_all = {"backups/migration-20"};
  EXPECT_EQ(story.broken(), "8") << "that is another one";
}

TEST(CleansUp, LeavesTheOwnersFilesAlone) {
  Story story;
  story.before.put("source/notes.tmp", "x");
  story.cut_over();
  story.after.put("source/notes.tmp", "x");
  EXPECT_EQ(story.verdict(), "");
}

TEST(CleansUp, LetsAnActiveMigrationKeepItsClaims) {
  Story story;
  story.cut_over();
  story.after.put(".rollproof/lock", "pid 7").put(".rollproof/reserve", "");
  EXPECT_EQ(story.verdict(), "");
}

TEST(CleansUp, Fails_WhenAClaimOutlivesTheMigration) {
  for (const char* path : {".rollproof/lock", ".rollproof/reserve", ".rollproof/cancel"}) {
    Story story;
    story.roll_back();
    story.after.put(path, "x");
    EXPECT_EQ(story.broken(), "8") << path;
  }
  Story story;
  story.roll_back();
  story.after.put("target/.rollproof-migration", "mig-1\n");
  EXPECT_EQ(story.broken(), "3 8");
}

TEST(CleansUp, Fails_WhenTheConfigurationKeepsTheId) {
  Story story;
  story.roll_back();
  story.after.put("rollproof.json", *story.found.read("rollproof.json"));
  EXPECT_EQ(story.broken(), "3 8 9");
}

}  // namespace
}  // namespace rollproof::check
