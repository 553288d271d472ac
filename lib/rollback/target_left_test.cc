// What is in the target and is not the migration's own stays there, whatever is rolled back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/migrate/phases.h"
#include "lib/migrate/target_claim.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

using testing::HasSubstr;

constexpr const char* kAnothersId = "mig-2025-01-01T00-00-00-000Z-abcdef";

void write_into(Workspace& given, const std::string& path, const record::Batch& writes) {
  auto opened = store::open(given.world(), {"leveldb", path}, {.create = true, .interrupted = true});
  ASSERT_TRUE(opened) << opened.error().to_string();
  ASSERT_TRUE((*opened)->apply(writes));
  ASSERT_TRUE((*opened)->close());
}

void claim_for_another(Workspace& given) {
  const auto config = migrate::read_config(given.world().files, given.config());
  ASSERT_TRUE(os::make_directories(given.world().files, given.target()));
  ASSERT_TRUE(migrate::write_marker(given.world().files, *config, kAnothersId));
}

void die_with_open_stores(Workspace& given) {
  auto session = Session::open(given.world(), given.config(), {});
  ASSERT_TRUE(session) << session.error().to_string();
  ASSERT_TRUE((*session)->need_router());
}

Status rollback_with_yes(Workspace& given) {
  ROLLPROOF_ASSIGN(auto session, Session::open(given.world(), given.config(), {.take_over_foreign_writes = true}));
  auto outcome = rollback(*session, {std::nullopt, "test"});
  auto closed = session->close();
  return outcome ? closed : outcome;
}

const record::Batch kTheirs = {{record::Change::Kind::put, "56-Theirs", "{\"by\":\"somebody else\"}"}};

void expect_source(Workspace& given, const Records& expected) {
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
  EXPECT_EQ(*os::read_file(given.world().files, given.config()), given.config_text);
  EXPECT_FALSE(given.look().active);
}

// As when the end of a log is lost: nobody else's value, and nothing that is nowhere else.
TEST(TargetLeft, IsNotLeftForAnOlderValueOfOurs) {
  for (const bool ours : {true, false}) {
    Workspace given("leveldb:out");
    ASSERT_TRUE(given.migrate_through(Phase::copy));
    const std::string key = given.original.begin()->first, before = given.original.begin()->second;
    ASSERT_TRUE(given.put("56-Twice", "{\"n\":1}"));
    ASSERT_TRUE(given.put("56-Twice", "{\"n\":2}"));
    ASSERT_TRUE(given.put(key, "{}"));
    write_into(given, given.target(), {{record::Change::Kind::put, key, before}, {record::Change::Kind::put, "56-Twice", ours ? "{\"n\":1}" : "{\"n\":3}"}});
    const auto rolled_back = given.rollback_to(std::nullopt);
    ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
    EXPECT_EQ(*os::exists(given.world().files, given.target()), !ours);
  }
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

std::string folder_beside(Workspace& given, const std::string& beginning) {
  const auto names = given.world().files.list(os::parent_of(given.target()));
  for (const std::string& name : *names) {
    if (name.starts_with(beginning)) return os::join(os::parent_of(given.target()), name);
  }
  return "";
}

// As an ordinary writer of JSON does, which knows of no checksum.
std::string spoil_unified_file(Workspace& given) {
  const auto names = os::files_below(given.world().files, given.target());
  for (const std::string& name : *names) {
    if (!name.ends_with(".unified.json")) continue;
    const std::string path = given.target() + "/" + name;
    std::string text = *os::read_file(given.world().files, path);
    text.insert(text.find("\"core\": {") + 9, "\"Order\": {\"key\": \"56-Order\", \"value\": {\"paid\": true}}, ");
    EXPECT_TRUE(os::replace_file(given.world().files, path, text));
    return name;
  }
  return "";
}

// Damage, or a program that does not know our checksum: nobody can tell, so it is moved out of the way and not removed.
TEST(TargetLeft, IsMovedAside_WhenItCanNotBeRead_AlsoWhenTheRollbackDiesAndIsRecovered) {
  for (const bool dies : {false, true}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    const std::string spoiled = spoil_unified_file(given);
    ASSERT_NE(spoiled, "");
    if (dies) {
      auto session = Session::open(given.world(), given.config(), {});
      ASSERT_TRUE(session);
      ASSERT_TRUE(migrate::begin_operation(**session, {{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op"}, {"to", "source"}, {"reason", "test"}}));
      ASSERT_TRUE((*session)->need_router(migrate::Opens::source_only));
      session->reset();
      ASSERT_TRUE(recover(given.world(), given.config(), {}));
    } else {
      const auto rolled_back = given.rollback_to(std::nullopt);
      ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
    }
    expect_as_before(given, given.original);
    const std::string aside = folder_beside(given, os::name_of_path(given.target()) + ".damaged-");
    ASSERT_NE(aside, "");
    EXPECT_THAT(*os::read_file(given.world().files, aside + "/" + spoiled), HasSubstr("56-Order"));
    EXPECT_FALSE(given.is_there(aside + "/" + migrate::kMarkerFile));
    ASSERT_TRUE(given.migrate_through(Phase::cutover)) << "nothing stands in the way";
  }
}

TEST(TargetLeft, IsCopiedAside_WhenItCanNotBeRead_AndItsFolderIsSomebodyElses) {
  Workspace given;
  ASSERT_TRUE(os::make_directories(given.world().files, given.target()));
  ASSERT_TRUE(os::replace_file(given.world().files, given.target() + "/notes.txt", "theirs"));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const std::string spoiled = spoil_unified_file(given);
  const auto rolled_back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  expect_source(given, given.original);
  EXPECT_FALSE(given.is_there(given.target() + "/" + spoiled));
  EXPECT_TRUE(given.is_there(given.target() + "/notes.txt"));
  const std::string aside = folder_beside(given, os::name_of_path(given.target()) + ".damaged-");
  EXPECT_THAT(*os::read_file(given.world().files, aside + "/" + spoiled), HasSubstr("56-Order"));
}

// What differed may be another program's, and is nowhere else.
TEST(TargetLeft, IsKeptAside_WhenItDiffers_AndIsCopiedAnew) {
  for (const bool existed : {false, true}) {
    Workspace given("leveldb:out");
    if (existed) {
      ASSERT_TRUE(os::make_directories(given.world().files, given.target()));
    }
    ASSERT_TRUE(given.migrate_through(Phase::dual_write));
    die_with_open_stores(given);
    write_into(given, given.target(), kTheirs);
    ASSERT_TRUE(recover(given.world(), given.config(), {}));
    const auto differs = given.migrate_through(Phase::cutover);
    ASSERT_FALSE(differs);
    EXPECT_EQ(differs.error().code, Code::differs);
    const auto again = given.migrate_through(Phase::cutover);
    ASSERT_TRUE(again) << again.error().to_string();
    const std::string aside = folder_beside(given, os::name_of_path(given.target()) + ".differs-");
    ASSERT_NE(aside, "");
    EXPECT_TRUE(given.read("leveldb", aside).contains("56-Theirs"));
    EXPECT_FALSE(given.is_there(aside + "/" + migrate::kMarkerFile));
    EXPECT_TRUE(given.is_there(given.target() + "/" + migrate::kMarkerFile));
    EXPECT_FALSE(given.read("leveldb", given.target()).contains("56-Theirs"));
  }
}

TEST(TargetLeft, IsComparedAgainBeforeTheCutover_WhenASessionDiedWithItOpen) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  die_with_open_stores(given);
  const std::string lost = given.original.begin()->first;
  write_into(given, given.target(), {{record::Change::Kind::remove, lost, ""}});
  ASSERT_TRUE(recover(given.world(), given.config(), {}));
  const auto differs = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().code, Code::differs);
  EXPECT_TRUE(migrate::answers_from_source(given.look().route));
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  EXPECT_TRUE(given.read("leveldb", given.target()).contains(lost));
}

// What an interrupted command of ours has left in it is ours all the same.
TEST(TargetLeft, IsNotCopiedAnew_WhenAnotherProgramWroteToItBehindTheCommitRecord) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  {
    auto session = Session::open(given.world(), given.config(), {.progress = [held = false](const migrate::Progress& at) mutable {
      held |= at.step == "hold";
      if (held && at.step == "switch") throw std::runtime_error("the process dies");
    }});
    ASSERT_TRUE(session);
    EXPECT_THROW((void)migrate::migrate(**session, {Phase::cutover, "test"}), std::runtime_error);
  }
  ASSERT_FALSE(answers_from_source(given.look().route));
  write_into(given, given.target(), kTheirs);
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_TRUE(given.look().is_done(Phase::cutover));
  EXPECT_TRUE(given.look().is_done(Phase::copy));
  EXPECT_TRUE(given.read("leveldb", given.target()).contains("56-Theirs"));
}

TEST(TargetLeft, KeepsNothingOfOurs_WhereASessionDiedWithItOpen) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  die_with_open_stores(given);
  record::Batch theirs = kTheirs;
  theirs.push_back({record::Change::Kind::put, migrate::probe_key(given.look()), "{}"});
  write_into(given, given.target(), theirs);
  ASSERT_TRUE(os::make_directories(given.world().files, given.target() + "/rollproof-obsolete"));
  ASSERT_TRUE(os::replace_file(given.world().files, given.target() + "/rollproof-obsolete/000003.log", ""));
  const auto rolled_back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  const Records left = given.read("leveldb", given.target());
  EXPECT_TRUE(left.contains("56-Theirs"));
  for (const auto& [key, value] : left) EXPECT_FALSE(key.starts_with("rollproof:")) << key;
  EXPECT_FALSE(given.is_there(given.target() + "/rollproof-obsolete"));
}

TEST(ReachedPhase, IsNotSaidToBeReached_OverAStoreThatOthersChanged) {
  for (const bool target : {true, false}) {
    Workspace given("leveldb:out");
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    ASSERT_TRUE(given.migrate_through(Phase::cutover)) << "nothing is to be done";
    write_into(given, target ? given.target() : given.source(), kTheirs);
    const auto again = given.migrate_through(Phase::cutover);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Code::refused);
  }
}

// The source is sound, answers, and holds every write; whoever says --yes takes it as it is.
TEST(SourceOfOthers, IsTakenAsItIs_WhereTheBackupIsDamagedAndNothingElseIsThere) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  const auto files = os::files_below(given.world().files, os::parent_of(given.source()) + "/backups");
  for (const std::string& name : *files) {
    if (name.find(".ldb") == std::string::npos && name.find(".log") == std::string::npos) continue;
    ASSERT_TRUE(os::replace_file(given.world().files, os::parent_of(given.source()) + "/backups" + "/" + name, "damaged"));
  }
  write_into(given, given.source(), kTheirs);
  EXPECT_FALSE(given.rollback_to(std::nullopt));
  const auto rolled_back = rollback_with_yes(given);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Theirs"));
}

// The source's value is taken over, and would be written over the one in the target.
TEST(TargetLeft, HoldsWhatAnotherProgramWrote_AlsoWhereTheSameRecordOfTheSourceIsTakenOver) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  write_into(given, given.target(), {{record::Change::Kind::put, "56-Both", "{\"in\":\"target\"}"}});
  write_into(given, given.source(), {{record::Change::Kind::put, "56-Both", "{\"in\":\"source\"}"}});
  const auto rolled_back = rollback_with_yes(given);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()).at("56-Both"), "{\"in\":\"source\"}");
  EXPECT_EQ(given.read("leveldb", given.target()).at("56-Both"), "{\"in\":\"target\"}");
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
