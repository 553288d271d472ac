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
    EXPECT_THAT(notes, HasSubstr("the target could not be opened"));
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
  {
    const auto theirs = held(given.source());
    write_two();
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected());
}

TEST_F(FollowerAway, RollbackGoesBack_WhereTheTargetIsBehind) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    const auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(theirs->close());
  }
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected());
}

TEST_F(FollowerAway, CutsOver_WhereTheTargetIsBehind) {
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  {
    const auto theirs = held(given.target());
    write_two();
    ASSERT_TRUE(theirs->close());
  }
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

TEST_F(FollowerAway, AnInterruptionIsMendedFirst) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->need_router());  // and its process dies
  }
  const auto theirs = held(given.target(), true);
  const auto locked = put("56-New", "{}");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Code::locked);
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
