// What is in the target and is not the migration's own stays there, whatever is rolled back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/migrate/target_claim.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

using testing::HasSubstr;

constexpr const char* kAnothersId = "mig-2025-01-01T00-00-00-000Z-abcdef";

void write_into(Workspace& given, const std::string& path, const record::Batch& writes) {
  auto opened = store::open(given.world(), {"leveldb", path}, {.create = true});
  ASSERT_TRUE(opened) << opened.error().to_string();
  ASSERT_TRUE((*opened)->apply(writes));
  ASSERT_TRUE((*opened)->close());
}

void claim_for_another(Workspace& given) {
  const auto config = migrate::read_config(given.world().files, given.config());
  ASSERT_TRUE(os::make_directories(given.world().files, given.target()));
  ASSERT_TRUE(migrate::write_marker(given.world().files, *config, kAnothersId));
}

const record::Batch kTheirs = {{record::Change::Kind::put, "56-Theirs", "{\"by\":\"somebody else\"}"}};

void expect_source(Workspace& given, const Records& expected) {
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
  EXPECT_EQ(*os::read_file(given.world().files, given.config()), given.config_text);
  EXPECT_FALSE(given.look().active);
}

TEST(TargetLeft, HoldsWhatAnotherProgramWroteBehindTheCutover) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  write_into(given, given.target(), kTheirs);
  const auto rolled_back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  expect_source(given, expected);
  expected["56-Theirs"] = "{\"by\":\"somebody else\"}";
  EXPECT_EQ(given.read("leveldb", given.target()), expected);
  EXPECT_FALSE(given.is_there(given.target() + "/" + migrate::kMarkerFile));
  const auto again = given.migrate_through(Phase::validate);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "the target already holds a store");
}

// The rollback opens the source alone: what it left open when it died says nothing about the target.
TEST(TargetLeft, HoldsWhatAnotherProgramWrote_WhenTheRollbackDiesAndIsRecovered) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  write_into(given, given.target(), kTheirs);
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE(migrate::begin_operation(**session, {{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op"}, {"to", "source"}, {"reason", "test"}}));
    ASSERT_TRUE((*session)->need_router(migrate::Opens::source_only));
  }
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  expect_source(given, given.original);
  EXPECT_TRUE(given.read("leveldb", given.target()).contains("56-Theirs"));
}

TEST(TargetLeft, WasMadeByAnother_AfterTheMigratedRecordsWereRemoved) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  {
    auto session = Session::open(given.world(), given.config(), {.progress = [](const migrate::Progress& at) {
      if (at.step == "release") throw std::runtime_error("the process dies");
    }});
    ASSERT_TRUE(session);
    EXPECT_ANY_THROW((void)rollback(**session, {std::nullopt, "test"}));
  }
  ASSERT_FALSE(*store::is_there(given.world(), {"leveldb", given.target()}));
  write_into(given, given.target(), kTheirs);
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  expect_source(given, given.original);
  EXPECT_EQ(given.read("leveldb", given.target()), (Records{{"56-Theirs", "{\"by\":\"somebody else\"}"}}));
}

// It holds until it is removed, and not only until that is decided.
TEST(TargetLeft, HoldsWhatAnotherProgramWrites_WhileTheRollbackIsUnderWay) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  auto session = Session::open(given.world(), given.config(), {.progress = [&](const migrate::Progress& at) {
    if (at.step == "remove-migrated") write_into(given, given.target(), kTheirs);
  }});
  ASSERT_TRUE(session);
  const auto rolled_back = rollback(**session, {std::nullopt, "test"});
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  ASSERT_TRUE((*session)->close());
  expect_source(given, given.original);
  EXPECT_TRUE(given.read("leveldb", given.target()).contains("56-Theirs"));
}

TEST(TargetLeft, HoldsWhatAnotherProgramWrote_WhereACopyWasStopped) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.in_session([](Session& session) -> Status {
    ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
    return router->pause_following();
  }));
  write_into(given, given.target(), kTheirs);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_source(given, given.original);
  EXPECT_TRUE(given.read("leveldb", given.target()).contains("56-Theirs"));
}

TEST(TargetLeft, IsRemoved_WhenItWasOnlyOpenedAndTheSourceWasWrittenTo) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  write_into(given, given.target(), {{record::Change::Kind::put, "x", "x"}, {record::Change::Kind::remove, "x", ""}});
  write_into(given, given.source(), {{record::Change::Kind::put, "56-LookCoin", "{}"}});
  auto session = Session::open(given.world(), given.config(), {.take_over_foreign_writes = true});
  ASSERT_TRUE(session);
  ASSERT_TRUE(rollback(**session, {std::nullopt, "test"}));
  ASSERT_TRUE((*session)->close());
  EXPECT_FALSE(given.is_there(given.target()));
}

TEST(TargetLeft, IsRemoved_WhenAnotherProgramOnlyOpenedIt) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  write_into(given, given.target(), {{record::Change::Kind::put, "x", "x"}, {record::Change::Kind::remove, "x", ""}});
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, given.original);
}

TEST(TargetLeft, StandsInNobodysWay_WhenAnotherProgramOpenedItBeforeTheCopy) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.put("56-New", "{}"));
  write_into(given, given.target(), {{record::Change::Kind::put, "x", "x"}, {record::Change::Kind::remove, "x", ""}});
  const auto written = given.put("56-More", "{}");
  ASSERT_TRUE(written) << written.error().to_string();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  Records expected = given.original;
  expected["56-New"] = expected["56-More"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.target()), expected);
}

TEST(TargetLeft, StandsInNobodysWay_WhenAnotherProgramOpenedItWhileACopyWasStopped) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.in_session([](Session& session) -> Status {
    ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
    return router->pause_following();
  }));
  write_into(given, given.target(), {{record::Change::Kind::put, "x", "x"}, {record::Change::Kind::remove, "x", ""}});
  const auto written = given.put("56-New", "{}");
  ASSERT_TRUE(written) << written.error().to_string();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
}

TEST(TargetLeft, IsRemoved_WhenItIsDamaged) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const auto names = os::files_below(given.world().files, given.target());
  ASSERT_TRUE(names);
  for (const std::string& name : *names) {
    if (!name.ends_with(".unified.json")) continue;
    const std::string path = given.target() + "/" + name;
    std::string text = *os::read_file(given.world().files, path);
    text[text.size() / 2] ^= 1;
    ASSERT_TRUE(os::replace_file(given.world().files, path, text));
    break;
  }
  const auto rolled_back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  expect_as_before(given, given.original);
}

TEST(TargetLeft, IsNeverTouched_WhenSomebodyFilledItBehindValidate) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  write_into(given, given.target(), kTheirs);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto refused = given.migrate_through(Phase::cutover);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
    EXPECT_EQ(refused.error().message, "the target already holds a store");
  }
  const auto rolled_back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  expect_source(given, given.original);
  EXPECT_EQ(given.read("leveldb", given.target()), (Records{{"56-Theirs", "{\"by\":\"somebody else\"}"}}));
}

TEST(TargetLeft, IsNeverTouched_WhenSomebodyFilledItBehindTheClaim) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  const auto stopped = given.in_session([&](Session& session) -> Status {
    ROLLPROOF_TRY(migrate::claim_target(session.ledger()));
    write_into(given, given.target(), kTheirs);
    return migrate::migrate(session, {Phase::dual_write, "test"});
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().message, "the target already holds a store");
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_source(given, given.original);
  EXPECT_EQ(given.read("leveldb", given.target()), (Records{{"56-Theirs", "{\"by\":\"somebody else\"}"}}));
}

TEST(TargetLeft, IsAnothers_WhoseMigrationHasClaimedIt) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  claim_for_another(given);
  ASSERT_TRUE(os::replace_file(given.world().files, given.target() + "/theirs.json.partial", "x"));
  const auto refused = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_THAT(refused.error().message, HasSubstr(kAnothersId));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_source(given, given.original);
  EXPECT_TRUE(given.is_there(given.target() + "/" + migrate::kMarkerFile));
  EXPECT_TRUE(given.is_there(given.target() + "/theirs.json.partial"));
  EXPECT_FALSE(given.migrate_through(Phase::validate)) << "it still is";
}

TEST(TargetLeft, IsAnothers_WhoTookItOver) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  claim_for_another(given);
  const auto refused = given.put("56-New", "{}");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(kAnothersId));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_source(given, given.original);
  EXPECT_FALSE(given.read("unified-json", given.target()).empty());
}

TEST(TargetLeft, IsNotTheSourceUnderAnotherName) {
  Workspace given("leveldb:out");
  ASSERT_EQ(::symlink("db", given.target().c_str()), 0);
  const auto refused = given.migrate_through(Phase::validate);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("one folder"));
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
}

TEST(TargetLeft, IsOurs_WhenItsMarkerIsDamagedOrFromAnEarlierVersion) {
  for (const bool damaged : {false, true}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    const std::string marker = given.target() + "/" + migrate::kMarkerFile;
    std::string text = *os::read_file(given.world().files, marker);
    if (damaged) text[8] ^= 1;
    ASSERT_TRUE(os::replace_file(given.world().files, marker, damaged ? text : text.substr(0, text.find(' ')) + "\n"));
    ASSERT_TRUE(given.put("56-New", "{}"));
    ASSERT_TRUE(given.rollback_to(std::nullopt));
    EXPECT_FALSE(given.is_there(given.target()));
  }
}

// What another program wrote to the source decides nothing any more, and stands in nobody's way.
TEST(SourceSetAside, WhenAnotherProgramWroteToItBehindTheCutover_AlsoWithoutABackup) {
  for (const bool backup_lost : {false, true}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    ASSERT_TRUE(given.put("56-New", "{}"));
    write_into(given, given.source(), kTheirs);
    if (backup_lost) {
      ASSERT_TRUE(os::remove_tree(given.world().files, os::parent_of(given.source()) + "/backups"));
    }
    const auto refused = given.put("56-More", "{}");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().hint, HasSubstr("rollproof --yes rollback --execute"));
    EXPECT_EQ(refused.error().hint.find("backup restore") == std::string::npos, backup_lost) << refused.error().hint;
    auto session = Session::open(given.world(), given.config(), {.take_over_foreign_writes = true});
    ASSERT_TRUE(session);
    const auto rolled_back = rollback(**session, {std::nullopt, "test"});
    ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
    ASSERT_TRUE((*session)->close());
    Records expected = given.original;
    expected["56-New"] = "{}";
    expect_source(given, expected);
    const auto beside = given.world().files.list(os::parent_of(given.source()));
    const auto aside = std::find_if(beside->begin(), beside->end(), [](const std::string& name) { return name.starts_with("db."); });
    ASSERT_NE(aside, beside->end()) << "what they wrote is set aside, and not gone";
    EXPECT_TRUE(given.read("leveldb", os::parent_of(given.source()) + "/" + *aside).contains("56-Theirs"));
  }
}

}  // namespace
}  // namespace rollproof::rollback
