// What another program does to the source between two commands, from the notice to the rollback that keeps it.
#include <gtest/gtest.h>

#include "lib/migrate/foreign.h"
#include "lib/rollback/ground_test.h"

namespace rollproof::rollback {
namespace {

// As a program does that opens a LevelDB with its own library: the log is replayed into a table, the manifest is written anew.
void another_program(Workspace& given, const record::Batch& writes) {
  auto opened = store::open(given.world(), {"leveldb", given.source()}, {});
  ASSERT_TRUE(opened) << opened.error().to_string();
  if (writes.empty()) {
    // Something has to be written for the files to differ: a record that is gone again.
    ASSERT_TRUE((*opened)->apply({{record::Change::Kind::put, "x", "x"}, {record::Change::Kind::remove, "x", ""}}));
  } else {
    ASSERT_TRUE((*opened)->apply(writes));
  }
  ASSERT_TRUE((*opened)->close());
}

const record::Batch kForeign = {{record::Change::Kind::put, "56-Foreign", "{\"by\":\"somebody else\"}"}, {record::Change::Kind::remove, "97-SupplyOracle", ""}};

Records with_foreign(Records records) {
  records["56-Foreign"] = "{\"by\":\"somebody else\"}";
  records.erase("97-SupplyOracle");
  return records;
}

// As `migrate --phase` gives it.
Status migrate_alone(Workspace& given, Phase phase) {
  auto session = Session::open(given.world(), given.config(), {.take_over_foreign_writes = true});
  if (!session) return fail(std::move(session).error());
  auto outcome = migrate::migrate(**session, {phase, "test"});
  auto closed = (*session)->close();
  return outcome ? closed : outcome;
}

// As `--yes rollback` gives it.
Status roll_back_with_them(Workspace& given) {
  auto session = Session::open(given.world(), given.config(), {.take_over_foreign_writes = true});
  if (!session) return fail(std::move(session).error());
  auto outcome = rollback(**session, {std::nullopt, "test"});
  auto closed = (*session)->close();
  return outcome ? closed : outcome;
}

Status migrate_copy_alone(Workspace& given) { return migrate_alone(given, Phase::copy); }

class ForeignOpens : public ::testing::TestWithParam<Phase> {};

TEST_P(ForeignOpens, AreNoted_WhenTheRecordsAreTheSame) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  another_program(given, {});
  const auto written = given.put("56-New", "{}");
  ASSERT_TRUE(written) << written.error().to_string();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  Records expected = given.original;
  expected["56-New"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
}

INSTANTIATE_TEST_SUITE_P(Phases, ForeignOpens, ::testing::Values(Phase::validate, Phase::dual_write, Phase::copy, Phase::cutover));

TEST(ForeignWrites, AreNamed_WhenTheyAreAroundTheRecords) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  another_program(given, {});
  std::vector<std::string> notes;
  auto session = Session::open(given.world(), given.config(), {.note = [&](const std::string& line) { notes.push_back(line); }});
  ASSERT_TRUE(session);
  ASSERT_TRUE((*session)->need_router());
  ASSERT_TRUE((*session)->close());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("CURRENT"), std::string::npos) << notes[0];
  for (const char* file : {"audit.jsonl", "notifications.jsonl"}) {
    const auto text = os::read_file(given.world().files, given.state(file));
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("\"CURRENT\""), std::string::npos) << file << " does not name the files that were changed";
  }
}

TEST(ForeignWrites, BlockAndAreTakenOver_AndNoRollbackLosesThem) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.put("56-New", "{}"));
  another_program(given, kForeign);
  const auto blocked = given.put("56-Blocked", "{}");
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::refused);
  EXPECT_NE(blocked.error().hint.find("rollproof --yes migrate --phase copy --execute"), std::string::npos) << blocked.error().hint;
  EXPECT_FALSE(given.rollback_to(std::nullopt)) << "a rollback must not take back what it does not know";
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Foreign"));

  const auto taken = migrate_copy_alone(given);
  ASSERT_TRUE(taken) << taken.error().to_string();
  Records expected = with_foreign(given.original);
  expected["56-New"] = "{}";
  EXPECT_EQ(given.read("unified-json", given.target()), expected) << "the target has them too";
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
}

TEST(ForeignWrites, ThatRemoveTheStore_AreCalledDamage_AndTheRollbackMakesItAnew) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  ASSERT_TRUE(os::remove_tree(given.world().files, given.source()));
  ASSERT_TRUE(given.put("56-Newer", "{}")) << "the target answers";
  const auto blocked = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::corruption);
  EXPECT_NE(blocked.error().hint.find("rollproof rollback --execute"), std::string::npos) << blocked.error().hint;
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  Records expected = given.original;
  expected["56-New"] = expected["56-Newer"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
}

TEST(ForeignWrites, AreRefused_AfterTheCutover) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  another_program(given, kForeign);
  const auto blocked = migrate_copy_alone(given);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::refused);
  EXPECT_NE(blocked.error().hint.find("rollproof backup restore"), std::string::npos) << blocked.error().hint;
  const auto put = given.put("56-Blocked", "{}");
  ASSERT_FALSE(put);
  const std::string path = given.look().seals.at("backup").facts.at("path").get<std::string>();
  EXPECT_NE(put.error().hint.find("rollproof backup restore " + os::name_of_path(path) + " --execute"), std::string::npos) << put.error().hint;
}

TEST(ForeignWrites, AreSealedByANewValidate_BeforeAnythingHasStarted) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  another_program(given, kForeign);
  const auto blocked = given.migrate_through(Phase::dual_write);
  ASSERT_FALSE(blocked);
  EXPECT_NE(blocked.error().hint.find("rollproof validate"), std::string::npos) << blocked.error().hint;
}

// Without a backup nobody can tell our own writes since validate from those of others: that must not be the end of it.
TEST(ForeignWrites, AreSealedByANewValidate_AfterAWriteOfOurOwn) {
  for (const bool wrote : {false, true}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(Phase::validate));
    ASSERT_TRUE(given.put("56-New", "{}"));
    another_program(given, wrote ? kForeign : record::Batch{});
    const auto blocked = given.migrate_through(Phase::cutover);  // gets as far as the first look at the source
    ASSERT_FALSE(blocked);
    EXPECT_NE(blocked.error().hint.find("rollproof validate"), std::string::npos) << blocked.error().to_string() << blocked.error().hint;
    ASSERT_TRUE(given.in_session([](Session& session) -> Status {
      ROLLPROOF_ASSIGN(const bool sealed, migrate::validate(session));
      return sealed ? Status() : fail(Code::internal, "not sealed");
    }));
    ASSERT_TRUE(given.migrate_through(Phase::cutover));
    ASSERT_TRUE(given.rollback_to(std::nullopt));
    Records expected = wrote ? with_foreign(given.original) : given.original;
    expected["56-New"] = "{}";
    expect_as_before(given, expected);
  }
}

TEST(ForeignWrites, AreNamedByProve_AndNotTakenForADifferenceOfTheCopy) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  another_program(given, kForeign);
  const auto blocked = given.migrate_through(Phase::prove);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::refused) << blocked.error().to_string();
  EXPECT_NE(blocked.error().hint.find("rollproof --yes migrate --phase copy --execute"), std::string::npos) << blocked.error().hint;
}

// The migration stops behind a step of dual-write, then another program writes: the target does not follow yet, or has only begun to.
class ForeignWritesWithinDualWrite : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(given.migrate_through(Phase::validate));
    std::unique_ptr<Session> session;
    auto opened = Session::open(given.world(), given.config(), {.cancelled = [&] { return session && session->state().steps_done.contains(std::string("dual-write/") + GetParam()); }});
    ASSERT_TRUE(opened);
    session = std::move(*opened);
    ASSERT_FALSE(migrate::migrate(*session, {Phase::cutover, "test"})) << "it was to stop behind " << GetParam();
    ASSERT_TRUE(session->close());
    another_program(given, kForeign);
  }
  Workspace given;
};

TEST_P(ForeignWritesWithinDualWrite, AreTakenOver_ByThePhaseThatTheHintNames) {
  const auto blocked = given.migrate_through(Phase::copy);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::refused);
  EXPECT_NE(blocked.error().hint.find("rollproof --yes migrate --phase dual-write --execute"), std::string::npos) << blocked.error().hint;
  const auto taken = migrate_alone(given, Phase::dual_write);
  ASSERT_TRUE(taken) << taken.error().to_string();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  const Records expected = with_foreign(given.original);
  EXPECT_EQ(given.read("unified-json", given.target()), expected);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected);
}

// Nobody can tell a write from a log that was cut off: without a word the rollback takes neither for granted.
TEST_P(ForeignWritesWithinDualWrite, StayInTheSource_WhenItIsRolledBackWithThem) {
  const auto blocked = given.rollback_to(std::nullopt);
  ASSERT_FALSE(blocked);
  EXPECT_NE(blocked.error().hint.find("rollproof --yes rollback --execute"), std::string::npos) << blocked.error().hint;
  const auto rolled_back = roll_back_with_them(given);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  expect_as_before(given, with_foreign(given.original));
}

INSTANTIATE_TEST_SUITE_P(Steps, ForeignWritesWithinDualWrite, ::testing::Values("backup", "open-target", "write-both"));

TEST(ForeignWrites, StayInTheSource_WhenCopyIsRolledBackWithThem) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.put("56-New", "{}"));
  another_program(given, kForeign);
  const auto rolled_back = roll_back_with_them(given);
  ASSERT_TRUE(rolled_back) << rolled_back.error().to_string();
  Records expected = with_foreign(given.original);
  expected["56-New"] = "{}";
  expect_as_before(given, expected);
}

// Before there is a backup the ways on are others, and they have to work as well.
TEST(ForeignWrites, AreSealedByANewValidateOrLeft_WithinDualWriteBeforeTheBackup) {
  for (const bool back : {false, true}) {
    Workspace given;
    ASSERT_TRUE(given.migrate_through(Phase::validate));
    std::unique_ptr<Session> session;
    auto opened = Session::open(given.world(), given.config(), {.cancelled = [&] { return session && session->state().steps_done.contains("dual-write/claim"); }});
    ASSERT_TRUE(opened);
    session = std::move(*opened);
    ASSERT_FALSE(migrate::migrate(*session, {Phase::cutover, "test"}));
    ASSERT_TRUE(session->close());
    session.reset();
    another_program(given, kForeign);
    const auto blocked = back ? given.rollback_to(std::nullopt) : given.migrate_through(Phase::dual_write);
    ASSERT_FALSE(blocked);
    if (!back) {
      EXPECT_NE(blocked.error().hint.find("rollproof validate"), std::string::npos) << blocked.error().hint;
      ASSERT_TRUE(given.in_session([](Session& again) -> Status {
        ROLLPROOF_ASSIGN(const bool sealed, migrate::validate(again));
        return sealed ? Status() : fail(Code::internal, "not sealed");
      }));
      ASSERT_TRUE(given.migrate_through(Phase::cutover));
    }
    const auto rolled_back = back ? roll_back_with_them(given) : given.rollback_to(std::nullopt);
    ASSERT_TRUE(rolled_back) << rolled_back.error().to_string() << rolled_back.error().hint;
    expect_as_before(given, with_foreign(given.original));
  }
}

// The phase that the hint names is done already, and its command looks all the same.
TEST(ForeignWrites, AreTakenOverByCopy_WhenCopyIsDone_AndAnotherOperationIsOpen) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  // As a migration leaves it that dies in `prove` while the stores are closed.
  ASSERT_TRUE(given.in_session([](Session& session) {
    return session.ledger().record({migrate::Json{{"type", "operation_begin"}, {"operation", "migrate"}, {"operation_id", "op-1"}, {"through", "prove"}, {"reason", "test"}}});
  }));
  another_program(given, kForeign);
  const auto taken = migrate_copy_alone(given);
  ASSERT_TRUE(taken) << taken.error().to_string();
  EXPECT_EQ(given.read("unified-json", given.target()), with_foreign(given.original));
}

}  // namespace
}  // namespace rollproof::rollback
