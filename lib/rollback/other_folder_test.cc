// Commands of one migration that are typed in different folders, and journals of versions that recorded paths as such a folder sees them.
#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/migrate/events.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/recorded_path.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"
#include "lib/rollback/restore_backup.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {
namespace {

// A person who types commands in one folder and then in another.
class OtherFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string buffer(4096, '\0');
    ASSERT_NE(::getcwd(buffer.data(), buffer.size()), nullptr);
    began_in_ = buffer.c_str();
  }
  void TearDown() override { go_to(began_in_); }

  void go_to(const std::string& folder) { ASSERT_EQ(::chdir(folder.c_str()), 0) << folder; }
  std::string project() const { return os::parent_of(given.config()); }
  // The configuration as seen from the folder above it.
  std::string from_above() {
    go_to(os::parent_of(project()));
    return os::name_of_path(project()) + "/rollproof.json";
  }
  std::string from_within() {
    go_to(project());
    return "rollproof.json";
  }
  Status in_session(const std::string& config, const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(given.world(), config, {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status migrate_through(const std::string& config, Phase phase) {
    return in_session(config, [&](Session& session) { return migrate::migrate(session, {phase, "test"}); });
  }
  void damage_source() {
    ASSERT_TRUE(os::replace_file(given.world().files, os::join(given.source(), "CURRENT"), "MANIFEST-000777\n"));
  }
  // Dies behind the decision, before the first rename.
  Status decide(Session& session) {
    std::vector<std::string> why_not;
    ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
    if (!expected || !expected->backup_path()) return fail(Code::internal, "the backup was not found");
    ROLLPROOF_ASSIGN(const store::Mark mark, make_ready(session, *expected));
    return decide_replacement(session, expected->name(), mark, session.config().source.path + ".damaged-1", "test");
  }

  Workspace given;

 private:
  std::string began_in_;
};

TEST_F(OtherFolder, FindsTheSealedBackup_AndTheProofComparesWithIt) {
  ASSERT_TRUE(migrate_through(from_above(), Phase::copy));
  EXPECT_TRUE(given.look().seals.at("backup").facts.at("path").get<std::string>().starts_with("backups/migration-"));
  ASSERT_TRUE(in_session(from_within(), [&](Session& session) -> Status {
    std::vector<std::string> why_not;
    ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
    EXPECT_TRUE(expected && expected->backup_path()) << "the backup counts, not the target";
    return {};
  }));
  ASSERT_TRUE(in_session(from_within(), [](Session& session) { return rollback(session, {std::nullopt, "test"}); }));
  EXPECT_TRUE(given.look().facts.at("rollback/prove-source").at("compared_with").get<std::string>().starts_with("backup backups/"));
  expect_as_before(given, given.original);
}

TEST_F(OtherFolder, CutsOver_AfterAPhaseThatWasTypedElsewhere) {
  ASSERT_TRUE(migrate_through(from_above(), Phase::copy));
  const auto outcome = migrate_through(from_within(), Phase::cutover);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
}

TEST_F(OtherFolder, PutsTheRestoredSourceInPlace_WhenRecoverIsTypedElsewhere) {
  ASSERT_TRUE(migrate_through(from_above(), Phase::dual_write));
  damage_source();
  ASSERT_TRUE(in_session(from_above(), [&](Session& session) { return decide(session); }));
  const auto recovered = recover(given.world(), from_within(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_EQ(recovered->did, "put the restored source into its place");
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
  EXPECT_TRUE(given.is_there(given.source() + ".damaged-1"));
  EXPECT_FALSE(given.is_there(given.source() + ".rollproof-restoring"));
}

// As versions before recorded it: the paths as the command saw them, and no fingerprint.
TEST_F(OtherFolder, PutsTheRestoredSourceInPlace_WhenAnEarlierVersionDecidedItElsewhere) {
  ASSERT_TRUE(migrate_through(from_above(), Phase::dual_write));
  damage_source();
  ASSERT_TRUE(in_session(from_above(), [&](Session& session) -> Status {
    ROLLPROOF_TRY(decide(session));
    const std::string source = session.config().source.path;
    return session.ledger().record({migrate::Json{{"type", "source_replacing"}, {"ready", source + ".rollproof-restoring"}, {"aside", source + ".damaged-2"}, {"from", "test"},
                                                  {"position", session.ledger().last()}, {"mark", session.state().replacement->mark}}});
  }));
  const auto recovered = recover(given.world(), from_within(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
  EXPECT_TRUE(given.is_there(given.source() + ".damaged-2"));
}

TEST_F(OtherFolder, FindsTheSealedBackup_WhenAnEarlierVersionRecordedItElsewhere) {
  ASSERT_TRUE(migrate_through(from_above(), Phase::dual_write));
  ASSERT_TRUE(in_session(from_above(), [&](Session& session) -> Status {
    const migrate::Seal seal = session.state().seals.at("backup");
    migrate::Json facts = seal.facts;
    facts["path"] = session.config().backups + "/" + os::name_of_path(facts.at("path").get<std::string>());
    return session.ledger().record({migrate::Json{{"type", "seal"}, {"seal", "backup"}, {"passed", true}, {"position", seal.position}, {"facts", facts}}});
  }));
  ASSERT_TRUE(in_session(from_within(), [](Session& session) -> Status {
    std::vector<std::string> why_not;
    ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
    EXPECT_TRUE(expected && expected->backup_path());
    return {};
  }));
}

// A replacement whose good source is gone before it came into its place.
class LostReplacement : public OtherFolder {
 protected:
  void lose_what_was_made_ready() { ASSERT_TRUE(os::remove_tree(given.world().files, given.source() + ".rollproof-restoring")); }
  Status recover_now() {
    const auto recovered = recover(given.world(), given.config(), {});
    return recovered ? Status() : fail(recovered.error());
  }
};

TEST_F(LostReplacement, IsMadeAnew_WhereTheSourceIsDamaged) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.put("56-New", "{}"));
  damage_source();
  ASSERT_TRUE(given.in_session([&](Session& session) { return decide(session); }));
  lose_what_was_made_ready();
  const auto recovered = recover_now();
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  Records expected = given.original;
  expected["56-New"] = "{}";
  EXPECT_EQ(given.read("leveldb", given.source()), expected);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, expected);
}

TEST_F(LostReplacement, StopsForAPerson_WhereASoundStoreStandsThatNobodyDecidedUpon) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.in_session([&](Session& session) { return decide(session); }));
  lose_what_was_made_ready();
  {
    auto opened = store::open(given.world(), {"leveldb", given.source()}, {});
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->apply({{record::Change::Kind::put, "56-Foreign", "{}"}}));
    ASSERT_TRUE((*opened)->close());
  }
  const auto stopped = recover_now();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::needs_person);
  EXPECT_EQ(stopped.error().path, given.source());
  EXPECT_NE(stopped.error().hint.find("move " + given.source() + " away"), std::string::npos) << stopped.error().hint;
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-Foreign")) << "left as it is";
  // What the hint says.
  ASSERT_TRUE(given.world().files.rename(given.source(), given.source() + ".mine"));
  const auto recovered = recover_now();
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
}

TEST_F(LostReplacement, IsDone_WhereTheSourceHoldsTheRecordsThatItShould) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.put("56-New", "{}"));
  ASSERT_TRUE(given.in_session([&](Session& session) { return decide(session); }));
  lose_what_was_made_ready();
  const auto recovered = recover_now();
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  ASSERT_TRUE(given.put("56-Later", "{}"));
}

TEST_F(LostReplacement, StopsForAPerson_WhereNoMigrationIsActive_AndAnotherRestorationGetsOut) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  const auto backups = given.world().files.list(project() + "/backups");
  ASSERT_TRUE(backups && backups->size() == 1u);
  const std::string backup = os::join(project() + "/backups", backups->front());
  ASSERT_TRUE(given.put("56-New", "{}"));
  ASSERT_TRUE(given.in_session([&](Session& session) -> Status {
    ROLLPROOF_TRY(session.world().files.make_directory(migrate::ready_path(session.config())));
    return decide_replacement(session, "backup " + backup, "a mark", given.source() + ".damaged-1", "test");
  }));
  lose_what_was_made_ready();
  const auto stopped = recover_now();
  ASSERT_FALSE(stopped) << "what stands there is not what was decided";
  EXPECT_EQ(stopped.error().code, Code::needs_person);
  EXPECT_NE(stopped.error().hint.find("rollproof backup restore"), std::string::npos) << stopped.error().hint;
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-New"));
  ASSERT_TRUE(given.in_session([&](Session& session) -> Status {
    ROLLPROOF_ASSIGN(const Exchange exchange, plan_exchange(session, backup));
    return exchange_source(session, exchange);
  }));
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
}

}  // namespace
}  // namespace rollproof::rollback
