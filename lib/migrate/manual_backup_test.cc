#include "lib/migrate/manual_backup.h"

#include <gtest/gtest.h>

#include "lib/migrate/events.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class ManualBackups : public ::testing::Test {
 protected:
  ManualBackups() {
    EXPECT_TRUE(os::replace_file(posix_.world().files, config_, render_config({"unified-json", "db"}, {"leveldb", "out"})));
    auto store = store::open(posix_.world(), {"unified-json", scratch_ / "db"}, {.create = true});
    EXPECT_TRUE(store);
    for (const char* key : {"56-A", "97-B"}) EXPECT_TRUE((*store)->apply({{record::Change::Kind::put, key, "{}"}}));
    EXPECT_TRUE((*store)->close());
  }
  Status in_session(const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(posix_.world(), config_, {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status create() {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(made, create_backup(session));
      return {};
    });
  }
  State look() { return view_ledger(posix_.world(), *read_config(posix_.world().files, config_))->state; }

  os::PosixWorld posix_{true};
  os::ScratchDirectory scratch_;
  const std::string config_ = scratch_ / "rollproof.json";
  ManualBackup made;
};

TEST_F(ManualBackups, AreReadAndNotSealed_WithoutAMigration) {
  ASSERT_TRUE(create());
  EXPECT_EQ(made.report.records, 2u);
  EXPECT_TRUE(look().sealed_backups().empty());
}

TEST_F(ManualBackups, AreSealedByAnActiveMigration_AndTheNewestComesFirst) {
  ASSERT_TRUE(in_session([](Session& session) { return migrate(session, {Phase::copy, "test"}); }));
  ASSERT_TRUE(create());
  const State state = look();
  const auto sealed = state.sealed_backups();
  ASSERT_EQ(sealed.size(), 2u);
  EXPECT_EQ(os::name_of_path(sealed[0]->facts.at("path").get<std::string>()), os::name_of_path(made.path));
}

TEST_F(ManualBackups, AreNotSealed_WhereTheSourceHasLostWhatAnOlderOneHolds) {
  ASSERT_TRUE(in_session([](Session& session) { return migrate(session, {Phase::copy, "test"}); }));
  // A record goes, and the journal takes the source for what it is now: what nothing but the older backup shows.
  ASSERT_TRUE(in_session([&](Session& session) -> Status {
    auto store = store::open(posix_.world(), {"unified-json", scratch_ / "db"}, {});
    if (!store) return fail(store.error());
    ROLLPROOF_TRY((*store)->apply({{record::Change::Kind::remove, "97-B", ""}}));
    ROLLPROOF_TRY((*store)->close());
    const store::Where& where = session.config().source;
    ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(posix_.world(), where, nullptr));
    ROLLPROOF_ASSIGN(const store::Mark mark, store::mark_of(posix_.world(), where));
    ROLLPROOF_TRY(session.ledger().record({Json{{"type", "checkpoint"}, {"source", Json{{"position", session.ledger().last()}, {"mark", mark}, {"fingerprint", to_json(fingerprint)}}}}}));
    const auto outcome = create_backup(session);
    EXPECT_FALSE(outcome);
    EXPECT_EQ(outcome ? Code::internal : outcome.error().code, Code::differs);
    return {};
  }));
  EXPECT_EQ(look().sealed_backups().size(), 1u);
}

}  // namespace
}  // namespace rollproof::migrate
