#include "lib/rollback/restore_backup.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/backup/list.h"
#include "lib/base/time_text.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

class StandingClock final : public os::Clock {
 public:
  int64_t wall_ms() override { return now; }
  int64_t monotonic_ms() override { return ++ticks; }
  void sleep_ms(int64_t) override {}
  int64_t now = 1'735'689'600'000;
  int64_t ticks = 0;
};

// Backups restored by a machine whose clock stands still.
class RestoreBackup : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(in_session([](Session& session) { return migrate::migrate(session, {Phase::cutover, "test"}); })); }

  Status in_session(const std::function<Status(Session&)>& work) {
    ROLLPROOF_ASSIGN(auto session, Session::open(world, given.config(), {}));
    auto outcome = work(*session);
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status put(const std::string& key) {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
      return router->write({{record::Change::Kind::put, key, "1"}});
    });
  }
  Status restore() {
    return in_session([&](Session& session) -> Status {
      ROLLPROOF_ASSIGN(const auto listed, backup::list(session.world(), session.config().backups));
      ROLLPROOF_ASSIGN(const Exchange exchange, plan_exchange(session, listed.front().path));
      aside = exchange.aside;
      return exchange_source(session, exchange);
    });
  }
  std::string first_name() const { return given.source() + ".before-restore-" + file_time_text(clock.now); }

  Workspace given;
  StandingClock clock;
  os::World world{given.world().files, clock, given.world().memory, given.world().identity, true, given.world().commands};
  std::string aside;
};

TEST_F(RestoreBackup, GivesEachSetAsideFolderANameOfItsOwn_WhenTheClockStandsStill) {
  std::set<std::string> names;
  for (const char* key : {"56-a", "56-b", "56-c"}) {
    ASSERT_TRUE(put(key));
    const auto restored = restore();
    ASSERT_TRUE(restored) << restored.error().to_string();
    EXPECT_TRUE(names.insert(aside).second) << aside;
    EXPECT_TRUE(given.is_there(aside));
  }
  ASSERT_TRUE(in_session([](Session& session) { return rollback(session, {std::nullopt, "test"}); }));
  Records expected = given.original;
  for (const char* key : {"56-a", "56-b", "56-c"}) expected[key] = "1";
  expect_as_before(given, expected);
}

TEST_F(RestoreBackup, KeepsTheSourceOfBeforeUnderTheNextName_WhenItsNameIsTakenAfterTheDecision) {
  ASSERT_TRUE(put("56-a"));
  const auto restored = in_session([&](Session& session) -> Status {
    ROLLPROOF_ASSIGN(const auto listed, backup::list(session.world(), session.config().backups));
    ROLLPROOF_ASSIGN(const Exchange exchange, plan_exchange(session, listed.front().path));
    ROLLPROOF_TRY(world.files.make_directory(exchange.aside));
    ROLLPROOF_TRY(os::replace_file(world.files, os::join(exchange.aside, "of-somebody"), "1"));
    return exchange_source(session, exchange);
  });
  ASSERT_TRUE(restored) << restored.error().to_string();
  EXPECT_TRUE(given.read("leveldb", given.source()).contains("56-a"));
  EXPECT_EQ(*os::files_below(world.files, first_name()), (std::vector<std::string>{"of-somebody"}));
  EXPECT_TRUE(given.read("leveldb", first_name() + "-2").contains("56-a"));
}

}  // namespace
}  // namespace rollproof::rollback
