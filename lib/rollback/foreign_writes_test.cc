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

Status migrate_copy_alone(Workspace& given) {
  auto session = Session::open(given.world(), given.config(), {.take_over_foreign_writes = true});
  if (!session) return fail(std::move(session).error());
  ROLLPROOF_TRY((*session)->need_router());
  auto outcome = migrate::migrate(**session, {Phase::copy, "test"});
  auto closed = (*session)->close();
  return outcome ? closed : outcome;
}

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
  EXPECT_NE(blocked.error().hint.find("rollproof migrate --phase copy --execute"), std::string::npos) << blocked.error().hint;
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
  const auto blocked = given.put("56-Blocked", "{}");
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().code, Code::corruption);
  EXPECT_NE(blocked.error().hint.find("rollproof rollback --execute"), std::string::npos) << blocked.error().hint;
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  Records expected = given.original;
  expected["56-New"] = "{}";
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
  EXPECT_NE(blocked.error().hint.find("rollproof migrate --phase copy --execute"), std::string::npos) << blocked.error().hint;
}

}  // namespace
}  // namespace rollproof::rollback
