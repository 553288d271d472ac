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

TEST(WayBackKept, Fails_WhenTheSourceIsWrittenToBeforeThereIsABackup) {
  Story story;
  story.evidence.goal = Goal::migrate;
  story.evidence.goal_phase = "validate";
  story.trail.add(R"("type":"migration_begin","migration":"mig-1")");
  story.trail.begin("migrate", "validate", "op-1");
  story.trail.end("migrate", "op-1");
  story.put_trail();
  EXPECT_EQ(story.verdict(), "");
  story.after.put("source/000003.log", "");
  EXPECT_THAT(story.verdict(), HasSubstr("7: the source was changed, and there is no proven backup"));
  story.evidence.goal = Goal::none;
  EXPECT_THAT(story.verdict(), testing::Not(HasSubstr("no proven backup"))) << "a write of the user opens it";
}

TEST(WayBackKept, LetsAPartialBackupGo) {
  Story story;
  story.cut_over();
  story.found.put("backups/.rollproof-partial-migration-2/leveldb/current/CURRENT", "x");
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
  story.evidence.fault_corrupts = true;
  story.evidence.damaged_all = {"backups/migration-1/BACKUP_MANIFEST.json"};
  const sim::Image whole = story.found;
  for (const std::string& path : whole.files()) {
    if (path.find("source/MANIFEST-") == std::string::npos) continue;
    story.found.put("source/rollproof-obsolete/" + path.substr(path.find("MANIFEST-")), *whole.read(path)).remove(path);
  }
  EXPECT_EQ(story.verdict(), "");
}

// What was in it may be nowhere else.
TEST(WayBackKept, Fails_WhenTheSourceThatWasReplacedIsNotWhereItWasSetAside) {
  Story story;
  story.cut_over();
  story.trail.add(R"("type":"source_replacing","ready":"source.ready","aside":"source.damaged-1","from":"target","position":1,"mark":"")");
  story.trail.add(R"("type":"source_replaced","position":1,"mark":"")");
  story.put_trail();
  put_leveldb(story.after, "source.damaged-1", Story::records());
  story.found = story.after;
  EXPECT_EQ(story.verdict(), "");
  const sim::Image whole = story.after;
  for (const std::string& path : whole.files()) {
    if (path.starts_with("source.damaged-1/")) story.after.remove(path);
  }
  story.after.make_directory("source.damaged-1");
  EXPECT_THAT(story.verdict(), HasSubstr("nothing is left in the folder"));
  story.after.remove("source.damaged-1");
  EXPECT_THAT(story.verdict(), HasSubstr("not where it was set aside"));
}

TEST(WayBackKept, Fails_WhenASealedBackupIsNoneAfterAPowerLoss) {
  for (const char* lost : {"BACKUP_MANIFEST.json", "checksums/SHA256SUMS", "leveldb/current/CURRENT", "leveldb", ""}) {
    Story story;
    story.cut_over();
    story.found.remove(std::string("backups/migration-1/") + lost);
    story.after = story.found;
    story.evidence.last = story.evidence.second = Answer{false, Code::needs_person, "the backup is gone", "backups/migration-1"};
    story.evidence.fault_fails_calls = true;
    EXPECT_EQ(story.broken(), "7") << lost;
    story.evidence.fault_corrupts = true;
    story.evidence.damaged_all = {"source/CURRENT"};
    EXPECT_EQ(story.broken(), "7") << "the fault has hit something else: " << lost;
    story.evidence.damaged_all = {"source/CURRENT", "backups/migration-1/leveldb/current/CURRENT"};
    EXPECT_EQ(story.broken(), "") << "the fault has taken it: " << lost;
  }
}

TEST(WayBackKept, Fails_WhenASealedBackupIsNotTheSource) {
  Story story;
  story.cut_over();
  Map map = Story::records();
  map["56-Contract9"] = "{}";
  for (sim::Image* image : {&story.found, &story.after}) story.put_backup(*image, map);
  EXPECT_THAT(story.verdict(), HasSubstr("7: afterwards the backup that the journal calls proven is none, backups/migration-1: its copy of the source holds 7 records"));
}

TEST(WayBackKept, Fails_WhenTheTargetIsClearedBeforeTheSourceIsProven) {
  Story story;
  story.cut_over();
  story.evidence.goal = Goal::rollback;
  story.evidence.goal_phase = "source";
  story.evidence.goal_acknowledged = false;
  story.trail.begin("rollback", "source", "op-2");
  story.trail.end("rollback", "op-2", "failed");
  story.put_trail();
  story.evidence.last = story.evidence.second = Answer{false, Code::needs_person, "stopped", "source"};
  story.evidence.fault_fails_calls = true;
  EXPECT_EQ(story.verdict(), "");
  story.after.remove("target");
  EXPECT_THAT(story.verdict(), HasSubstr("7: afterwards the target does not hold every sealed record any more"));
  story.trail.add(R"("type":"step_done","phase":"rollback","step":"prove-source","facts":{})");
  story.put_trail();
  EXPECT_EQ(story.verdict(), "") << "the source is the good copy now";
}

// The trail is written from the journal and is behind it where power was lost: the last command, which began at 100, has written down the rest.
TEST(WayBackKept, KnowsFromALaterTrailWhatWasDoneBeforeThePowerLoss) {
  Story story;
  story.roll_back();
  story.found.remove("target");
  story.evidence.last_began_ms = 0;
  EXPECT_EQ(story.broken(), "7");
  Trail whole;
  const auto upto_copy = [&] {
    whole.add(R"("type":"migration_begin")");
    whole.add(R"("type":"step_done","phase":"copy","step":"drain","facts":{})");
    whole.begin("rollback", "source", "op-2");
  };
  upto_copy();
  story.found.put(".rollproof/audit.jsonl", whole.audit);
  whole.add(R"("type":"step_done","phase":"rollback","step":"prove-source","time_ms":99,"facts":{})");
  whole.end("rollback", "op-2");
  whole.add(R"("type":"migration_end","outcome":"rolled_back","time_ms":100)");
  story.trail = whole;
  story.put_trail();
  story.evidence.last_began_ms = 100;
  EXPECT_EQ(story.verdict(), "");
  story.evidence.last_began_ms = 99;
  EXPECT_EQ(story.broken(), "7") << "it proved the source when the target was gone already";
}

TEST(WayBackKept, LetsDamageHaveTheTarget) {
  Story story;
  story.cut_over();
  story.found.remove("target");
  story.after = story.found;
  story.evidence.fault_corrupts = true;
  story.evidence.damaged_all = {"target/bscmainnet.unified.json"};
  story.evidence.last_began_ms = 100;  // and nothing was written down
  story.evidence.last = story.evidence.second = Answer{false, Code::corruption, "bscmainnet.unified.json is gone", "target/bscmainnet.unified.json"};
  EXPECT_EQ(story.verdict(), "");
}

TEST(WayBackKept, Fails_WhenTheTargetOfACopyIsGoneAtTheFault) {
  Story story;
  story.cut_over();
  story.found.remove("target");
  story.evidence.last_began_ms = 100;
  EXPECT_THAT(story.verdict(), HasSubstr("7: at the fault the target does not hold every sealed record any more"));
}

}  // namespace
}  // namespace rollproof::check
