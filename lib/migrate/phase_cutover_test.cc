// What the cutover finds in the last look at both stores, and that the way on which it names is one.
#include <gtest/gtest.h>

#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class CutoverTest : public ::testing::Test {
 protected:
  CutoverTest() {
    auto source = store::open(posix_.world(), {"leveldb", scratch_ / "db"}, {.create = true});
    EXPECT_TRUE(source);
    EXPECT_TRUE((*source)->apply({{record::Change::Kind::put, "56-LookCoin", "{}"}}));
    EXPECT_TRUE((*source)->close());
    EXPECT_TRUE(os::replace_file(posix_.world().files, scratch_ / "rollproof.json", render_config({"leveldb", "db"}, {"unified-json", "out"})));
  }
  Status in_session(const std::function<Status(Session&)>& work) {
    SessionOptions options;
    options.measure = {.reads = 1, .writes = 1, .queries = 1};
    ROLLPROOF_ASSIGN(auto session, Session::open(posix_.world(), scratch_ / "rollproof.json", options));
    auto outcome = work(*session);
    state_ = session->state();
    auto closed = session->close();
    return outcome ? closed : outcome;
  }
  Status migrate_through(Phase phase) {
    return in_session([&](Session& session) { return migrate(session, {phase, "test"}); });
  }
  // A write arrives in the target otherwise than in the source.
  void let_them_differ() {
    ASSERT_TRUE(in_session([](Session& session) -> Status {
      ROLLPROOF_ASSIGN(Router * router, session.need_router());
      ROLLPROOF_TRY(router->write({{record::Change::Kind::put, "56-New", "{}"}}));
      return router->target()->apply({{record::Change::Kind::put, "56-New", "{\"wrong\":true}"}, {record::Change::Kind::put, "56-Stray", "{}"}});
    }));
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  State state_;
};

TEST_F(CutoverTest, IsFollowedByTheCopyThatItNames_WhenTheStoresDiffer) {
  ASSERT_TRUE(migrate_through(Phase::prove));
  let_them_differ();
  const auto differs = migrate_through(Phase::cutover);
  ASSERT_FALSE(differs);
  EXPECT_EQ(differs.error().code, Code::differs);
  EXPECT_NE(differs.error().hint.find("`rollproof migrate --phase copy --execute`"), std::string::npos) << differs.error().hint;
  EXPECT_EQ(state_.route, Route::dual_source_first);
  EXPECT_FALSE(state_.seals.at("equivalence").passed) << "no retry passes it";
  ASSERT_TRUE(migrate_through(Phase::copy));
  const auto target = store::open_read_only(posix_.world(), {"unified-json", scratch_ / "out"}, {});
  ASSERT_TRUE(target);
  EXPECT_EQ(*(*target)->get("56-New"), "{}");
  EXPECT_FALSE(*(*target)->get("56-Stray")) << "the target is filled anew";
  ASSERT_TRUE(migrate_through(Phase::cutover));
  EXPECT_EQ(state_.route, Route::dual_target_first);
}

}  // namespace
}  // namespace rollproof::migrate
