#include "lib/rollback/rollback.h"

#include <gtest/gtest.h>

#include "lib/backup/list.h"
#include "lib/incident/audit.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

class FromEveryPhase : public ::testing::TestWithParam<Phase> {};

TEST_P(FromEveryPhase, RestoresTheSource_AndKeepsTheWritesMadeSince) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  ASSERT_TRUE(given.put("56-New", "{}"));
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
}

TEST_P(FromEveryPhase, CanBeMigratedAgain_AfterTheWayBack) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  auto again = given.migrate_through(Phase::cutover);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(given.read("unified-json", given.target()), given.original);
}

INSTANTIATE_TEST_SUITE_P(Phases, FromEveryPhase, ::testing::Values(Phase::validate, Phase::dual_write, Phase::copy, Phase::prove, Phase::cutover));

TEST(Rollback, GoesBackToDualWrite_AndForwardAgain) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-AfterCutover", "1"));
  auto outcome = given.rollback_to(Phase::dual_write);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(given.look().route, migrate::Route::dual_source_first);
  EXPECT_EQ(given.look().reached(), Phase::dual_write);
  ASSERT_TRUE(given.put("56-Between", "2"));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  Records expected = given.original;
  expected["56-AfterCutover"] = "1";
  expected["56-Between"] = "2";
  EXPECT_EQ(given.read("unified-json", given.target()), expected);
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
}

TEST(Rollback, NeedsNoTarget_WhenTheTargetIsWhatIsBroken) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  auto names = given.world().files.list(given.target());
  for (const std::string& name : *names) {
    if (name.ends_with(".json")) {
      ASSERT_TRUE(os::replace_file(given.world().files, os::join(given.target(), name), "garbage"));
    }
  }
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-New"));
}

TEST(Rollback, StopsSafely_WhenTheSourceLostARecordBehindOurBack) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  {
    auto foreign = store::open(given.world(), {"leveldb", given.source()}, {});
    ASSERT_TRUE(foreign);
    ASSERT_TRUE((*foreign)->apply({{record::Change::Kind::remove, "56-LookCoin", ""}}));
    ASSERT_TRUE((*foreign)->close());
  }
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::refused) << outcome.error().to_string();
  EXPECT_EQ(given.read("unified-json", given.target()), given.original) << "the target is the good copy and must not be cleared";
}

// The bytes of the largest table or log of a LevelDB change, or of the largest file of a folder: damage that a disk does.
std::string flip_in_largest(Workspace& given, const std::string& folder, const std::string& ending = "") {
  std::string largest;
  uint64_t size = 0;
  const auto names = os::files_below(given.world().files, folder);
  EXPECT_TRUE(names);
  for (const std::string& name : *names) {
    const auto info = given.world().files.stat(os::join(folder, name));
    if (!name.ends_with(ending) || name.starts_with("LOG") || info->size <= size) continue;
    largest = name;
    size = info->size;
  }
  EXPECT_FALSE(largest.empty()) << folder;
  std::string bytes = *os::read_file(given.world().files, os::join(folder, largest));
  bytes[bytes.size() / 3] ^= 0x10;
  EXPECT_TRUE(os::replace_file(given.world().files, os::join(folder, largest), bytes));
  return largest;
}

std::string set_aside(Workspace& given) {
  const auto state = given.look();
  return state.set_aside.size() == 1 ? os::join(os::parent_of(given.config()), state.set_aside[0]) : std::string("none or several");
}

class DamagedSource : public ::testing::TestWithParam<Phase> {};

TEST_P(DamagedSource, IsReplaced_FromBackupAndJournal) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  ASSERT_TRUE(given.put("56-New", "{}"));
  flip_in_largest(given, given.source());
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
  EXPECT_TRUE(given.is_there(set_aside(given))) << "the damaged files are evidence";
  EXPECT_FALSE(given.is_there(given.source() + ".rollproof-restoring"));
}

TEST_P(DamagedSource, IsReplaced_WhenItIsGone) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  ASSERT_TRUE(given.put("56-New", "{}"));
  ASSERT_TRUE(os::remove_tree(given.world().files, given.source()));
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
}

INSTANTIATE_TEST_SUITE_P(Phases, DamagedSource, ::testing::Values(Phase::dual_write, Phase::copy, Phase::prove, Phase::cutover));

TEST(Rollback, ReplacesADamagedSourceFromTheTarget_WhenTheBackupIsDamagedToo) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  flip_in_largest(given, given.source());
  flip_in_largest(given, os::parent_of(given.source()) + "/backups");
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
}

TEST(Rollback, StopsSafely_WhenSourceBackupAndTargetAreDamaged_AndGoesOnWhenOneIsMended) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  const std::string backups = os::parent_of(given.source()) + "/backups";
  flip_in_largest(given, given.source());
  flip_in_largest(given, given.target(), ".json");
  const std::string name = flip_in_largest(given, backups);
  const auto source_before = *os::files_below(given.world().files, given.source());
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::needs_person) << outcome.error().to_string();
  EXPECT_NE(outcome.error().to_string().find("backup"), std::string::npos);
  EXPECT_TRUE(given.look().safe_stop);
  EXPECT_EQ(*os::files_below(given.world().files, given.source()), source_before) << "a stop leaves the damaged source where it was";
  EXPECT_TRUE(given.is_there(given.target()));
  // A person puts the backup's file back; the same command then works.
  std::string bytes = *os::read_file(given.world().files, os::join(backups, name));
  bytes[bytes.size() / 3] ^= 0x10;
  ASSERT_TRUE(os::replace_file(given.world().files, os::join(backups, name), bytes));
  outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
}

TEST(Rollback, EndsAMigrationThatStartedNothing_WhateverTheSourceLooksLike) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  const std::string damaged = flip_in_largest(given, given.source());
  const std::string bytes = *os::read_file(given.world().files, os::join(given.source(), damaged));
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_FALSE(outcome) << "damage must not go unsaid";
  EXPECT_EQ(outcome.error().code, Code::corruption);
  EXPECT_NE(outcome.error().message.find(damaged), std::string::npos) << outcome.error().message;
  EXPECT_FALSE(given.look().active);
  EXPECT_EQ(*os::read_file(given.world().files, os::join(given.source(), damaged)), bytes) << "what it has not written it does not touch";
}

TEST(Recover, SaysASafeStopAgain_AsLongAsNobodyHasMendedIt) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  flip_in_largest(given, given.source());
  flip_in_largest(given, os::parent_of(given.source()) + "/backups");
  const auto stopped = given.rollback_to(std::nullopt);
  ASSERT_FALSE(stopped);
  const std::string trail = *os::read_file(given.world().files, given.state("audit.jsonl"));
  EXPECT_LT(trail.find("\"looked_again\""), trail.find("\"safe_stop\"")) << "what it saw first is said, whatever the second look finds";
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_FALSE(recovered) << "a person has to act: " << recovered->did;
  EXPECT_EQ(recovered.error().code, Code::needs_person);
  EXPECT_EQ(recovered.error().hint, stopped.error().hint);
  ASSERT_TRUE(os::replace_file(given.world().files, given.state("audit.jsonl"), "damaged"));
  const auto rendered = recover(given.world(), given.config(), {});
  ASSERT_FALSE(rendered) << "what else there was to do does not cover it: " << rendered->did;
  EXPECT_EQ(rendered.error().hint, stopped.error().hint);
  EXPECT_EQ(*os::read_file(given.world().files, given.state("audit.jsonl")), trail);
}

TEST(Rollback, StopsForAPerson_WhereSomethingStandsInItsWayHalfWayBack_AndNothingGoesForwardThen) {
  Workspace given;
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(),
                               R"({"source": "leveldb:db", "target": "unified-json:out", "checks": [{"name": "mine", "command": "test -e mended", "when": ["rollback"]}]})"));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const auto stopped = given.rollback_to(std::nullopt);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::needs_person) << "\"nothing changed\" would be wrong: the source answers already";
  EXPECT_NE(stopped.error().hint, "");
  EXPECT_TRUE(given.look().is_half_rolled_back());
  const auto forward = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(forward) << "the source answers, and it says that cutover is reached";
  EXPECT_EQ(forward.error().code, Code::refused);
  EXPECT_EQ(forward.error().hint, stopped.error().hint);
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_FALSE(recovered) << "a refused migration covers no safe stop";
  EXPECT_EQ(recovered.error().code, Code::needs_person);
  ASSERT_TRUE(os::replace_file(given.world().files, os::join(os::parent_of(given.config()), "mended"), ""));
  const auto back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_FALSE(given.look().active);
  EXPECT_TRUE(given.migrate_through(Phase::cutover)) << "and from there everything is open again";
}

TEST(Rollback, NeedsNoBackup_WhenTheSourceIsWhatItWas) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  flip_in_largest(given, os::parent_of(given.source()) + "/backups");
  auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  expect_as_before(given, given.original);
}

TEST(Rollback, IsRefused_WithoutAMigrationAndBeyondWhatIsReached) {
  Workspace given;
  auto nothing = given.rollback_to(std::nullopt);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::not_found);
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  auto beyond = given.rollback_to(Phase::prove);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, Code::refused);
}

TEST(Recover, WritesNothing_WhenNothingWasInterrupted) {
  Workspace given;
  auto before = recover(given.world(), given.config(), {});
  ASSERT_TRUE(before);
  EXPECT_FALSE(before->had_work);
  EXPECT_FALSE(given.is_there(given.state("")));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  auto after = recover(given.world(), given.config(), {});
  ASSERT_TRUE(after);
  EXPECT_FALSE(after->had_work);
}

TEST(Recover, RendersADamagedTrailAnew_WhereNothingElseIsLeftToDo) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  for (const char* name : {"audit.jsonl", "notifications.jsonl"}) {
    const std::string sound = *os::read_file(given.world().files, given.state(name));
    std::string damaged = sound;
    damaged[damaged.size() / 2] ^= 1;
    for (const std::string& there : {damaged, sound.substr(0, sound.size() / 2), std::string()}) {
      ASSERT_TRUE(os::replace_file(given.world().files, given.state(name), there));
      const auto recovered = recover(given.world(), given.config(), {});
      ASSERT_TRUE(recovered) << recovered.error().to_string();
      EXPECT_TRUE(recovered->had_work);
      EXPECT_EQ(*os::read_file(given.world().files, given.state(name)), sound);
      EXPECT_FALSE(recover(given.world(), given.config(), {})->had_work);
    }
  }
}

TEST(Recover, NeverTakesAnIdWithoutItsJournalForAFreshStart) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(os::remove_tree(given.world().files, given.state("journal")));
  for (const auto& attempt : {given.migrate_through(Phase::cutover), given.rollback_to(std::nullopt), given.put("a", "1")}) {
    ASSERT_FALSE(attempt);
    EXPECT_EQ(attempt.error().code, Code::needs_person);
    EXPECT_FALSE(attempt.error().hint.empty());
  }
  EXPECT_EQ(given.read("unified-json", given.target()), given.original);
}

TEST(Recover, CarriesOn_WhenASessionWasLeftOpen) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    auto router = (*session)->need_router();
    ASSERT_TRUE(router);
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-Unclosed", "{}"}}));
  }  // destroyed without close(): what a killed process leaves
  auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_TRUE(recovered->had_work);
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Unclosed"));
  EXPECT_TRUE(given.read("unified-json", given.target()).contains("56-Unclosed"));
}

TEST(Recover, MendsAStoreThatWasLeftOpen_WithoutAnyMigration) {
  Workspace given;
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    auto router = (*session)->need_router();
    ASSERT_TRUE(router);
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-Plain", "{}"}}));
  }
  EXPECT_TRUE(given.is_there(given.source() + "/rollproof-obsolete"));
  auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_FALSE(given.is_there(given.source() + "/rollproof-obsolete"));
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Plain"));
  ASSERT_TRUE(given.put("56-Next", "{}"));
}

TEST(Audit, HoldsTheWholeStory_AndItsChainHolds) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  auto verdict = incident::verify_audit(given.world().files, given.state("audit.jsonl"));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->broken_line.has_value()) << verdict->why;
  const std::string text = *os::read_file(given.world().files, given.state("audit.jsonl"));
  for (const char* event : {"migration_begin", "operation_begin", "\"route\":\"dual_target_first\"", "\"route\":\"source_only\"", "migration_end"}) {
    EXPECT_NE(text.find(event), std::string::npos) << event;
  }
}

TEST(LevelDbToLevelDb, MigratesAndComesBack) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  Records expected = given.original;
  expected["56-New"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.target()), expected);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected);
}

}  // namespace
}  // namespace rollproof::rollback
