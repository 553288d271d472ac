// The store that only follows is held by another program, or gone: a user's write goes on, nothing of it is forgotten, and whoever comes next brings the store up to date
// (migration.md, "Writing during a migration").
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "lib/migrate/manual_backup.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

using testing::HasSubstr;

class FollowerAway : public ::testing::Test {
 protected:
  std::unique_ptr<store::Store> held(const std::string& path, bool interrupted = false) {
    auto opened = store::open(given.world(), {"leveldb", path}, {.interrupted = interrupted});
    EXPECT_TRUE(opened) << opened.error().to_string();
    return opened ? std::move(*opened) : nullptr;
  }
  Status write(const record::Change& change) {
    migrate::SessionOptions options;
    options.note = [this](const std::string& line) { notes += line + "\n"; };
    ROLLPROOF_ASSIGN(auto session, Session::open(given.world(), given.config(), options));
    auto router = session->need_router(migrate::Opens::what_answers);
    auto outcome = router ? (*router)->write({change}) : Status(fail(router.error()));
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status put(const std::string& key, const std::string& value) { return write({record::Change::Kind::put, key, value}); }
  Status recover() {
    auto recovered = rollback::recover(given.world(), given.config(), {});
    return recovered ? Status() : Status(fail(recovered.error()));
  }
  Records expected() {
    Records records = given.original;
    records["56-New"] = "{\"n\":1}";
    records.erase("97-SupplyOracle");
    return records;
  }
  // A put and a removal.
  void write_two() {
    ASSERT_TRUE(put("56-New", "{\"n\":1}"));
    ASSERT_TRUE(write({record::Change::Kind::remove, "97-SupplyOracle", ""}));
  }
  // A program that only reads has the store open meanwhile.
  void write_two_beside(const std::string& path) {
    const auto theirs = held(path);
    write_two();
    ASSERT_TRUE(theirs->close());
  }
  void expect_both(const Records& records) {
    EXPECT_EQ(given.read("leveldb", given.source()), records);
    EXPECT_EQ(given.read("leveldb", given.target()), records);
  }

  Workspace given{"leveldb:out"};
  std::string notes;
};

TEST_F(FollowerAway, WritesGoOn_AndRecoverBringsTheTargetUpToDate) {
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  {
    const auto theirs = held(given.target());
    write_two();
    EXPECT_THAT(notes, HasSubstr("the target does not get what is written now"));
    ASSERT_TRUE(given.look().behind);
    EXPECT_EQ(given.look().behind->store, "target");
    EXPECT_FALSE(given.look().in_session) << "nothing was interrupted";
    EXPECT_EQ(given.read("leveldb", given.source()), expected());
    const auto early = recover();
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Code::locked);
    EXPECT_TRUE(given.look().behind);
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(recover());
  expect_both(expected());
  EXPECT_FALSE(given.look().behind);
  const auto again = rollback::recover(given.world(), given.config(), {});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->had_work) << again->did;
}

TEST_F(FollowerAway, TheNextWriteBringsTheSourceUpToDate_BehindTheCutover) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  {
    const auto theirs = held(given.source());
    write_two();
    ASSERT_TRUE(given.look().behind);
    EXPECT_EQ(given.look().behind->store, "source");
    ASSERT_TRUE(theirs->close());
  }
  notes.clear();
  ASSERT_TRUE(put("56-Newer", "{}"));
  EXPECT_THAT(notes, HasSubstr("its records are the same")) << "it was opened, and holds what it held then";
  EXPECT_FALSE(given.look().behind);
  Records records = expected();
  records["56-Newer"] = "{}";
  expect_both(records);
}

TEST_F(FollowerAway, RollbackKeepsEveryWrite) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  write_two_beside(given.source());
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected());
}

TEST_F(FollowerAway, RollbackGoesBack_WhereTheTargetIsBehind) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  write_two_beside(given.target());
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected());
}

TEST_F(FollowerAway, CutsOver_WhereTheTargetIsBehind) {
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  write_two_beside(given.target());
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  expect_both(expected());
}

TEST_F(FollowerAway, WhatItsHolderWroteIsNoticed) {
  for (const bool cut_over : {false, true}) {
    Workspace one("leveldb:out");
    ASSERT_TRUE(one.migrate_through(cut_over ? Phase::cutover : Phase::copy));
    {
      auto theirs = held(cut_over ? one.source() : one.target());
      ASSERT_TRUE(one.put("56-New", "{\"n\":1}"));
      ASSERT_TRUE(theirs->apply({{record::Change::Kind::put, "56-Theirs", "{}"}}));
      ASSERT_TRUE(theirs->close());
    }
    const auto refused = one.put("56-Newer", "{}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_THAT(refused.error().path, HasSubstr(cut_over ? one.source() : one.target()));
  }
}

TEST_F(FollowerAway, TheAnsweringStoreIsNeeded) {
  for (const bool cut_over : {false, true}) {
    Workspace one("leveldb:out");
    ASSERT_TRUE(one.migrate_through(cut_over ? Phase::cutover : Phase::copy));
    const auto theirs = held(cut_over ? one.target() : one.source());
    const auto locked = one.put("56-New", "{}");
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, Code::locked);
    EXPECT_FALSE(one.look().in_session);
    EXPECT_FALSE(one.look().behind);
  }
}

TEST_F(FollowerAway, WritesGoOnBehindAnInterruption) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->need_router());  // and its process dies
  }
  {
    const auto theirs = held(given.target(), true);
    write_two();
    write_two();
    EXPECT_TRUE(given.look().in_session) << "what the dead one left of the target is still to be mended";
    EXPECT_FALSE(recover());
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(recover());
  expect_both(expected());
  EXPECT_FALSE(given.look().in_session);
}

TEST_F(FollowerAway, IsGone_AndComesBack) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  std::filesystem::rename(given.target(), given.target() + "-unmounted");
  write_two();
  EXPECT_THAT(notes, HasSubstr("gone"));
  EXPECT_FALSE(recover());
  std::filesystem::rename(given.target() + "-unmounted", given.target());
  ASSERT_TRUE(recover());
  expect_both(expected());
}

// The same key: what the target holds is none of ours, whatever the journal has for it since.
TEST_F(FollowerAway, WhatItsHolderGaveToARecordOfOursIsKept) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(theirs->apply({{record::Change::Kind::put, "56-New", "{\"theirs\":true}"}}));
    ASSERT_TRUE(theirs->close());
  }
  const auto refused = put("56-Newer", "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_EQ(given.read("leveldb", given.source()), expected());
  EXPECT_EQ(given.read("leveldb", given.target())["56-New"], "{\"theirs\":true}");
}

TEST_F(FollowerAway, IsBroughtUpToDate_WhereNoBackupIsLeft) {
  for (const bool cut_over : {false, true}) {
    Workspace one("leveldb:out");
    ASSERT_TRUE(one.migrate_through(cut_over ? Phase::cutover : Phase::copy));
    {
      const auto theirs = held(cut_over ? one.source() : one.target());
      ASSERT_TRUE(one.put("56-New", "{\"n\":1}"));
      ASSERT_TRUE(theirs->close());
    }
    std::filesystem::remove_all(os::parent_of(one.config()) + "/backups");
    const auto recovered = rollback::recover(one.world(), one.config(), {});
    ASSERT_TRUE(recovered) << recovered.error().to_string();
    EXPECT_EQ(one.read("leveldb", one.source()), one.read("leveldb", one.target()));
    EXPECT_EQ(one.read("leveldb", one.source())["56-New"], "{\"n\":1}");
  }
}

TEST_F(FollowerAway, TheAnsweringTargetIsKnownAgain_WhereTheSourceIsGone) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  std::filesystem::rename(given.source(), given.source() + "-unmounted");
  write_two();
  ASSERT_TRUE(held(given.target())->close());  // a reader
  ASSERT_TRUE(put("56-Newer", "{}"));
  std::filesystem::rename(given.source() + "-unmounted", given.source());
  ASSERT_TRUE(recover());
  Records records = expected();
  records["56-Newer"] = "{}";
  expect_both(records);
}

// Of a copy that was stopped half way the target lacks what has been written since, and that is no other program's work.
TEST_F(FollowerAway, AStoppedCopyGoesOn_WhereAReaderHasOpenedTheTarget) {
  migrate::SessionOptions options;
  options.copy_batch_bytes = 1;
  bool copying = false;
  options.progress = [&](const migrate::Progress& progress) { copying = copying || (progress.step == "copy-records" && progress.records > 0); };
  options.cancelled = [&] { return copying; };
  auto session = Session::open(given.world(), given.config(), options);
  ASSERT_TRUE(session);
  EXPECT_FALSE(migrate::migrate(**session, {Phase::cutover, "test"}));
  ASSERT_TRUE((*session)->close());
  session->reset();
  {
    const auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(put("56-LookCoin", "{\"n\":2}"));
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(put("odd", "{}"));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  Records records = expected();
  records["56-LookCoin"] = "{\"n\":2}";
  records["odd"] = "{}";
  expect_both(records);
}

TEST_F(FollowerAway, VanishesWhileSomethingIsWritten) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    migrate::SessionOptions options;
    options.note = [this](const std::string& line) { notes += line + "\n"; };
    auto session = Session::open(given.world(), given.config(), options);
    ASSERT_TRUE(session);
    auto router = (*session)->need_router(migrate::Opens::what_answers);
    ASSERT_TRUE(router);
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-New", "{\"n\":1}"}}));
    std::filesystem::rename(given.target(), given.target() + "-unmounted");
    const auto closed = (*session)->close();
    EXPECT_TRUE(closed) << closed.error().to_string();
    EXPECT_THAT(notes, HasSubstr("the target does not get what is written now"));
  }
  ASSERT_TRUE(write({record::Change::Kind::remove, "97-SupplyOracle", ""})) << "and behind it as well";
  std::filesystem::rename(given.target() + "-unmounted", given.target());
  ASSERT_TRUE(recover());
  expect_both(expected());
}

TEST_F(FollowerAway, RollbackGoesBack_WhereTheTargetIsALinkToNowhere) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  std::filesystem::rename(given.target(), given.target() + "-disk");
  std::filesystem::create_symlink(given.target() + "-disk", given.target());
  ASSERT_TRUE(put("56-Before", "{}"));
  std::filesystem::rename(given.target() + "-disk", given.target() + "-unmounted");
  write_two();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  Records records = expected();
  records["56-Before"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.source()), records);
  EXPECT_FALSE(given.look().active);
}

TEST_F(FollowerAway, WritesGoOn_WhereAFileLiesInTheSourcesPlace) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  std::filesystem::rename(given.source(), given.source() + "-moved");
  ASSERT_TRUE(os::replace_file(given.world().files, given.source(), "no folder"));
  write_two();
  ASSERT_TRUE(given.rollback_to(std::nullopt)) << "it is made anew, and what lay there is put aside";
  expect_as_before(given, expected());
}

TEST_F(FollowerAway, RollbackGoesBack_WhereAFileLiesInTheTargetsPlace) {
  for (const char* kind : {"leveldb", "unified-json", "network-json"}) {
    Workspace one(std::string(kind) + ":out");
    ASSERT_TRUE(one.migrate_through(Phase::copy));
    std::filesystem::rename(one.target(), one.target() + "-moved");
    ASSERT_TRUE(os::replace_file(one.world().files, one.target(), "no folder"));
    EXPECT_TRUE(one.put("56-New", "{\"n\":1}")) << kind;
    const auto back = one.rollback_to(std::nullopt);
    ASSERT_TRUE(back) << kind << ": " << back.error().to_string();
    EXPECT_EQ(one.read("leveldb", one.source())["56-New"], "{\"n\":1}");
    EXPECT_EQ(*os::read_file(one.world().files, one.target()), "no folder");
  }
}

// Without a backup nobody can tell what was in a record before, and what the journal has never written stays where it is.
TEST_F(FollowerAway, WhatItsHolderGaveToARecordOfOursIsKept_WhereNoBackupIsLeft) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(put("56-New", "{\"n\":0}"));
  {
    auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(theirs->apply({{record::Change::Kind::put, "56-New", "{\"theirs\":true}"}}));
    ASSERT_TRUE(theirs->close());
  }
  std::filesystem::remove_all(os::parent_of(given.config()) + "/backups");
  EXPECT_FALSE(recover());
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_EQ(given.read("leveldb", given.source()), expected());
  EXPECT_EQ(given.read("leveldb", given.target())["56-New"], "{\"theirs\":true}");
}

TEST_F(FollowerAway, DiesWhileItWrites_AndRecoverBringsTheTargetUpToDate) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    const auto theirs = held(given.target());
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    auto router = (*session)->need_router(migrate::Opens::what_answers);
    ASSERT_TRUE(router) << router.error().to_string();
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-New", "{}"}}));
    EXPECT_FALSE((*router)->switch_route(migrate::Route::dual_target_first)) << "a store that is not open has not everything";
    session->reset();
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(recover());
  Records records = given.original;
  records["56-New"] = "{}";
  expect_both(records);
}

TEST_F(FollowerAway, ABackupIsTakenBehindAnInterruption) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->need_router());  // and its process dies
  }
  const auto theirs = held(given.target(), true);
  write_two();
  const auto taken = given.in_session([&](Session& session) -> Status {
    ROLLPROOF_ASSIGN(const migrate::ManualBackup made, migrate::create_backup(session));
    EXPECT_EQ(made.report.records, expected().size());
    return {};
  });
  EXPECT_TRUE(taken) << taken.error().to_string();
}

TEST_F(FollowerAway, ABackupHoldsWhatWasWritten) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    const auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(given.in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(const migrate::ManualBackup made, migrate::create_backup(session));
      EXPECT_EQ(made.report.records, expected().size());
      return {};
    }));
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const auto theirs = held(given.source());
  ASSERT_TRUE(put("56-Newer", "{}"));
  const auto behind = given.in_session([&](Session& session) -> Status {
    ROLLPROOF_ASSIGN(const migrate::ManualBackup made, migrate::create_backup(session));
    return {};
  });
  ASSERT_FALSE(behind) << "of a source that lacks a write no backup is sealed";
  EXPECT_EQ(behind.error().code, Code::locked);
}

}  // namespace
}  // namespace rollproof::rollback
