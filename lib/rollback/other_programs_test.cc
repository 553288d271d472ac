// Another program has a store open, or writes to it where no fingerprint shows: nothing of its work is lost, and nothing of ours rests on it unsaid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/migrate/target_claim.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {
namespace {

using testing::HasSubstr;

const record::Batch kTheirs = {{record::Change::Kind::put, "56-Theirs", "{\"by\":\"somebody else\"}"}};

std::unique_ptr<store::Store> open_elsewhere(Workspace& given, const std::string& path, bool interrupted = false) {
  auto opened = store::open(given.world(), {"leveldb", path}, {.create = true, .interrupted = interrupted});
  EXPECT_TRUE(opened) << opened.error().to_string();
  return opened ? std::move(*opened) : nullptr;
}

void write_and_close(std::unique_ptr<store::Store> store) {
  ASSERT_TRUE(store->apply(kTheirs));
  ASSERT_TRUE(store->close());
}

// As a process that dies while it has the stores open.
void die_with_open_stores(Workspace& given) {
  auto session = Session::open(given.world(), given.config(), {});
  ASSERT_TRUE(session) << session.error().to_string();
  ASSERT_TRUE((*session)->need_router());
}

Status with_yes(Workspace& given, const std::function<Status(Session&)>& work) {
  ROLLPROOF_ASSIGN(auto session, Session::open(given.world(), given.config(), {.take_over_foreign_writes = true}));
  auto outcome = work(*session);
  auto closed = session->close();
  return outcome ? closed : outcome;
}

TEST(OpenElsewhere, IsNoInterruption_AndWhatWasWrittenMeanwhileIsNamed) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  auto theirs = open_elsewhere(given, given.source());
  const auto locked = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, Code::locked);
  EXPECT_FALSE(given.look().in_session);
  write_and_close(std::move(theirs));
  const auto refused = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_THAT(refused.error().message, HasSubstr("other records"));
}

TEST(OpenElsewhere, ClosesTheSourceInOrder_WhereItIsTheTarget) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  {
    const auto theirs = open_elsewhere(given, given.target());
    const auto locked = given.put("56-New", "{}");
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, Code::locked);
    EXPECT_FALSE(given.look().in_session);
    ASSERT_TRUE(theirs->close());
  }
  EXPECT_TRUE(given.put("56-New", "{}"));
  EXPECT_TRUE(given.rollback_to(std::nullopt));
}

TEST(OpenElsewhere, KeepsItsStores) {
  Workspace given("leveldb:out");
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  {
    const auto theirs = open_elsewhere(given, given.target());
    const auto locked = given.rollback_to(std::nullopt);
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, Code::locked);
    EXPECT_FALSE(store::destroy(given.world(), {"leveldb", given.target()}));
    EXPECT_FALSE(given.look().operation) << "nothing was begun";
    ASSERT_TRUE(theirs->close());
  }
  {
    const auto theirs = open_elsewhere(given, given.source());
    const auto locked = given.in_session([](Session& session) { return decide_replacement(session, "test", "", session.config().source.path + ".aside", "test"); });
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, Code::locked);
    ASSERT_TRUE(theirs->close());
  }
  EXPECT_TRUE(given.rollback_to(std::nullopt));
}

TEST(DamageRefusedOnce, IsRefusedAgain_WithoutAMigration) {
  Workspace given;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(given.put("56-" + std::to_string(i), "{\"some\":\"record\"}"));
  write_and_close(open_elsewhere(given, given.source()));
  std::string log;
  const auto names = given.world().files.list(given.source());
  for (const std::string& name : *names) {
    if (name.ends_with(".log")) log = given.source() + "/" + name;
  }
  auto opened = open_elsewhere(given, given.source());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(opened->apply({{record::Change::Kind::put, "97-" + std::to_string(i), "{}"}}));
  ASSERT_TRUE(opened->checkpoint());
  opened.reset();  // its program dies; the log holds them
  const auto again = given.world().files.list(given.source());
  for (const std::string& name : *again) {
    if (name.ends_with(".log")) log = given.source() + "/" + name;
  }
  std::string bytes = *os::read_file(given.world().files, log);
  ASSERT_GT(bytes.size(), 200u);
  bytes[bytes.size() / 2] ^= 0x20;
  ASSERT_TRUE(os::replace_file(given.world().files, log, bytes));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto refused = given.put("56-New", "{}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::corruption);
    EXPECT_EQ(*os::read_file(given.world().files, log), bytes) << "nothing was mended";
    const auto recovered = recover(given.world(), given.config(), {});
    EXPECT_TRUE(!recovered || recovered->did.starts_with("nothing to do"));
  }
}

TEST(DamageBehindAKilledWrite, IsNoTail) {
  Workspace given;
  ASSERT_TRUE(given.put("56-New", "{}"));
  die_with_open_stores(given);
  {
    auto theirs = open_elsewhere(given, given.source(), true);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(theirs->apply({{record::Change::Kind::put, "97-" + std::to_string(i), "{}"}}));
    ASSERT_TRUE(theirs->checkpoint());
  }
  const auto names = given.world().files.list(given.source());
  std::string log;
  for (const std::string& name : *names) {
    if (name.ends_with(".log")) log = given.source() + "/" + name;
  }
  std::string bytes = *os::read_file(given.world().files, log);
  bytes[bytes.size() / 2] ^= 0x20;
  ASSERT_TRUE(os::replace_file(given.world().files, log, bytes));
  const auto refused = given.put("56-More", "{}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::corruption);
  EXPECT_FALSE(recover(given.world(), given.config(), {}));
  EXPECT_EQ(*os::read_file(given.world().files, log), bytes) << "nothing was mended";
}

TEST(WrittenWhileInterrupted, IsFoundBeforeTheCutover_AndTakenOver) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  die_with_open_stores(given);
  write_and_close(open_elsewhere(given, given.source(), true));
  // The follower does not have it either: the first comparison says so, and copies it.
  auto cut_over = given.migrate_through(Phase::cutover);
  for (int attempt = 0; attempt < 3 && !cut_over && cut_over.error().message.find("backup and journal") == std::string::npos; ++attempt) cut_over = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(cut_over);
  EXPECT_EQ(cut_over.error().code, Code::differs) << cut_over.error().to_string();
  EXPECT_THAT(cut_over.error().hint, HasSubstr("migrate --phase copy"));
  ASSERT_TRUE(with_yes(given, [](Session& session) { return migrate::migrate(session, {Phase::copy, "test"}); }));
  const auto through = given.migrate_through(Phase::cutover);
  ASSERT_TRUE(through) << through.error().to_string();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Theirs"));
}

TEST(WrittenWhileInterrupted, StopsTheCutover_WhereEverythingWasProvenBefore) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::prove));
  die_with_open_stores(given);
  write_and_close(open_elsewhere(given, given.source(), true));
  const auto stopped = given.migrate_through(Phase::cutover);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::differs);
  EXPECT_THAT(stopped.error().message, HasSubstr("backup and journal"));
  ASSERT_TRUE(with_yes(given, [](Session& session) { return migrate::migrate(session, {Phase::copy, "test"}); }));
  const auto through = given.migrate_through(Phase::cutover);
  ASSERT_TRUE(through) << through.error().to_string();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Theirs"));
}

TEST(WrittenWhileInterrupted, StopsARollback_UntilItIsTakenOver) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  die_with_open_stores(given);
  write_and_close(open_elsewhere(given, given.source(), true));
  const auto stopped = given.rollback_to(std::nullopt);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::needs_person);
  EXPECT_THAT(stopped.error().hint, HasSubstr("rollproof --yes rollback --execute"));
  const auto back = with_yes(given, [](Session& session) { return rollback(session, {std::nullopt, "test"}); });
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Theirs"));
  EXPECT_FALSE(given.look().active);
}

// The target has what was acknowledged: where the source can not be proven it goes on answering, and nobody is led to take the source's word.
TEST(WrittenWhileInterrupted, LeavesTheAnswerToTheTarget_BehindTheCutover) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-LookCoin", "{\"acknowledged\":true}"));
  die_with_open_stores(given);
  auto theirs = open_elsewhere(given, given.source(), true);
  ASSERT_TRUE(theirs->apply({{record::Change::Kind::put, "56-LookCoin", "{\"old\":true}"}}));
  ASSERT_TRUE(theirs->close());
  ASSERT_TRUE(recover(given.world(), given.config(), {}));
  const auto stopped = given.rollback_to(std::nullopt);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::needs_person);
  EXPECT_FALSE(migrate::answers_from_source(given.look().route));
  EXPECT_EQ(given.read("unified-json", given.target()).at("56-LookCoin"), "{\"acknowledged\":true}");
  // As the message says: the source is made anew, and what the other program wrote stays where it was set aside.
  EXPECT_THAT(stopped.error().hint, HasSubstr("rollproof --yes rollback --execute"));
  const auto taken = with_yes(given, [](Session& session) { return rollback(session, {std::nullopt, "test"}); });
  ASSERT_TRUE(taken) << taken.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()).at("56-LookCoin"), "{\"acknowledged\":true}");
  ASSERT_EQ(given.look().set_aside.size(), 1u);
}

TEST(SafeStop, IsSaidByTheNextRecovery_AlsoBehindACommandThatDiedWithItsLastWord) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  {
    auto session = Session::open(given.world(), given.config(), {});
    ASSERT_TRUE(session);
    ASSERT_TRUE((*session)->ledger().record({migrate::Json{{"type", "safe_stop"}, {"code", "differs"}, {"message", "the source differs"}, {"path", ""}, {"next", "look at it"}}}));
  }
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto recovered = recover(given.world(), given.config(), {});
    ASSERT_FALSE(recovered) << attempt;
    EXPECT_EQ(recovered.error().code, Code::needs_person);
    EXPECT_THAT(recovered.error().message, HasSubstr("the source differs"));
  }
}

TEST(TornTail, OfAnApplicationThatDied_IsMended_WhereTheRecordsAreTheSame) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  const auto names = given.world().files.list(given.source());
  for (const std::string& name : *names) {
    if (!name.ends_with(".log")) continue;
    const std::string path = given.source() + "/" + name;
    ASSERT_TRUE(os::replace_file(given.world().files, path, *os::read_file(given.world().files, path) + "abc"));
  }
  const auto written = given.put("56-New", "{}");
  ASSERT_TRUE(written) << written.error().to_string();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-New"));
}

TEST(HalfEmptiedTarget, IsNoRollback) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.in_session([](Session& session) -> Status {
    ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
    return router->stop_following();
  }));
  EXPECT_FALSE(given.look().is_half_rolled_back());
}

// As where the disk has lost the decision that had moved the source away.
TEST(RestoredSource, IsNotRemoved_WhereTheSourceIsGoneAndNobodyKnowsOfIt) {
  Workspace given;
  ASSERT_TRUE(given.put("56-New", "{}"));
  const std::string ready = given.source() + ".rollproof-restoring";
  ASSERT_TRUE(given.world().files.rename(given.source(), ready));
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto recovered = recover(given.world(), given.config(), {});
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, Code::needs_person);
    EXPECT_TRUE(given.read("leveldb", ready).contains("56-New"));
  }
}

TEST(ReplacementForAnotherSource, IsNotPutIntoThePlaceOfThisOne) {
  Workspace given;
  ASSERT_TRUE(given.put("56-New", "{}"));
  ASSERT_TRUE(given.in_session([](Session& session) {
    return session.ledger().record({migrate::Json{{"type", "source_replacing"}, {"ready", "other.rollproof-restoring"}, {"aside", "other.aside"}, {"from", "test"}, {"source", "leveldb:other"}, {"position", 1}, {"mark", ""}}});
  }));
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_FALSE(recovered);
  EXPECT_EQ(recovered.error().code, Code::needs_person);
  EXPECT_THAT(recovered.error().message, HasSubstr("leveldb:other"));
  EXPECT_EQ(given.read("leveldb", given.source()).size(), given.original.size() + 1);
}

TEST(TargetWithoutAJournal, IsTheSafeStop) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(os::remove_tree(given.world().files, os::parent_of(given.state("lock"))));
  ASSERT_TRUE(os::replace_file(given.world().files, given.config(), given.config_text));
  const auto stopped = given.put("56-New", "{}");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::needs_person);
  EXPECT_THAT(stopped.error().message, HasSubstr("there is no journal"));
  const auto config = migrate::read_config(given.world().files, given.config());
  EXPECT_FALSE(migrate::view_ledger(given.world(), *config)) << "nor does who only looks take the source for the one that answers";
}

TEST(FoldersOfOthers, AreNotTakenForLeftovers) {
  Workspace given;
  const std::string copy = given.source() + ".restoring", upload = os::parent_of(given.source()) + "/backups/.partial-upload";
  for (const std::string& folder : {copy, upload}) {
    ASSERT_TRUE(os::make_directories(given.world().files, folder));
    ASSERT_TRUE(os::replace_file(given.world().files, folder + "/theirs", "x"));
  }
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  ASSERT_TRUE(recover(given.world(), given.config(), {}));
  for (const std::string& folder : {copy, upload}) EXPECT_TRUE(given.is_there(folder + "/theirs"));
}

TEST(SourceThatWasAcceptedUnclosed, IsMadeAnewFromItsBackup) {
  Workspace given;
  const auto names = given.world().files.list(given.source());
  for (const std::string& name : *names) {
    if (!name.ends_with(".log")) continue;
    const std::string path = given.source() + "/" + name;
    ASSERT_TRUE(os::replace_file(given.world().files, path, *os::read_file(given.world().files, path) + "ab"));
  }
  auto session = Session::open(given.world(), given.config(), {.accept_ordinary_damage = true});
  ASSERT_TRUE(session);
  const auto through = migrate::migrate(**session, {Phase::cutover, "test"});
  ASSERT_TRUE(through) << through.error().to_string();
  ASSERT_TRUE((*session)->close());
  ASSERT_TRUE(os::remove_tree(given.world().files, given.source()));
  const auto back = given.rollback_to(std::nullopt);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
}

}  // namespace
}  // namespace rollproof::rollback
