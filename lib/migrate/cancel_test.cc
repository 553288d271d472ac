#include "lib/migrate/cancel.h"

#include <gtest/gtest.h>

#include <fstream>

#include "lib/migrate/ledger.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class CancelTest : public ::testing::Test {
 protected:
  CancelTest() {
    auto source = store::open(world(), {"leveldb", scratch_ / "db"}, {.create = true});
    EXPECT_TRUE(source);
    EXPECT_TRUE((*source)->apply({{record::Change::Kind::put, "56-LookCoin", "{}"}}));
    EXPECT_TRUE((*source)->close());
    EXPECT_TRUE(os::replace_file(world().files, scratch_ / "rollproof.json", render_config({"leveldb", "db"}, {"unified-json", "out"})));
  }
  os::World& world() { return posix_.world(); }
  Config config() { return *read_config(world().files, scratch_ / "rollproof.json"); }
  std::unique_ptr<Session> session(const SessionOptions& options = {}) {
    auto opened = Session::open(world(), scratch_ / "rollproof.json", options);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }
  bool request_there() { return *os::exists(world().files, scratch_ / ".rollproof/cancel"); }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
};

TEST_F(CancelTest, LeavesNothing_WhenNobodyIsAtWork) {
  const auto answer = request_cancel(world(), config());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, CancelAnswer::Kind::nobody);
  EXPECT_FALSE(request_there());
}

TEST_F(CancelTest, StopsAMigrationBetweenTwoSteps_WhichThenGoesOn) {
  SessionOptions options;
  bool asked = false;
  options.progress = [&](const Progress& progress) {
    if (asked || progress.phase != "copy") return;
    asked = true;
    const auto answer = request_cancel(world(), config());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->kind, CancelAnswer::Kind::asked);
    EXPECT_TRUE(request_there());
  };
  auto first = session(options);
  const auto outcome = migrate(*first, {Phase::cutover, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::cancelled);
  EXPECT_FALSE(first->state().operation);
  EXPECT_TRUE(first->state().is_done(Phase::dual_write));
  EXPECT_FALSE(first->state().is_done(Phase::copy));
  ASSERT_TRUE(first->close());
  EXPECT_FALSE(request_there());
  first.reset();
  auto second = session();
  EXPECT_TRUE(migrate(*second, {Phase::cutover, ""}));
  EXPECT_TRUE(second->close());
}

TEST_F(CancelTest, MeansNothingToALaterHolder_WhoClearsIt) {
  { ASSERT_TRUE(session()->close()); }
  ASSERT_TRUE(os::replace_file(world().files, scratch_ / ".rollproof/cancel", "pid 1 (rollproof migrate by somebody@there, since 1 ms)"));
  auto later = session();
  EXPECT_FALSE(request_there());
  EXPECT_TRUE(migrate(*later, {Phase::copy, ""}));
  EXPECT_TRUE(later->close());
}

TEST_F(CancelTest, MeansNothingToALaterHolderWhoseProcessHasTheSameNumber) {
  SessionOptions options;
  bool asked = false;
  options.progress = [&](const Progress& progress) {
    if (asked || progress.phase != "copy") return;
    asked = true;
    const std::string holder = world().files.lock_holder(scratch_ / ".rollproof/lock")->value();
    const size_t since = holder.find("since ");
    ASSERT_NE(since, std::string::npos) << holder;
    ASSERT_TRUE(os::replace_file(world().files, scratch_ / ".rollproof/cancel", holder.substr(0, since) + "since 1 ms)"));
  };
  auto whole = session(options);
  EXPECT_TRUE(migrate(*whole, {Phase::cutover, ""}));
  EXPECT_TRUE(asked);
  EXPECT_TRUE(whole->close());
}

// Sleeps by doing something else.
class BusyClock final : public os::Clock {
 public:
  BusyClock(os::Clock& base, std::function<void()> meanwhile) : base_(base), meanwhile_(std::move(meanwhile)) {}
  int64_t monotonic_ms() override { return base_.monotonic_ms(); }
  int64_t wall_ms() override { return base_.wall_ms(); }
  void sleep_ms(int64_t) override { meanwhile_(); }

 private:
  os::Clock& base_;
  std::function<void()> meanwhile_;
};

TEST_F(CancelTest, AsksWhoHasJustTakenTheLockByHisOwnName_NotByThatOfTheOneBefore) {
  { ASSERT_TRUE(session()->close()); }
  const std::string lock_path = scratch_ / ".rollproof/lock", name = "pid 2 (rollproof migrate by somebody@there, since 2 ms)";
  std::ofstream(lock_path) << "pid 1 (rollproof migrate by somebody@there, since 1 ms)";
  const auto lock = world().files.lock(lock_path, "");
  ASSERT_TRUE(lock);
  int slept = 0;
  BusyClock clock(world().clock, [&] {
    if (++slept == 1) std::ofstream(lock_path) << name;
  });
  os::World seen{world().files, clock, world().memory, world().identity};
  const auto answer = request_cancel(seen, config());
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->kind, CancelAnswer::Kind::asked);
  EXPECT_EQ(answer->holder, name);
  EXPECT_TRUE(*is_cancel_requested(world().files, config(), name));
}

TEST_F(CancelTest, DoesNotStopWhatFollowsTheCommitRecord) {
  SessionOptions options;
  bool asked = false;
  options.progress = [&](const Progress& progress) {
    if (progress.step != "final-check") return;
    asked = request_cancel(world(), config()).has_value();
  };
  options.cancelled = [&] { return asked; };
  auto whole = session(options);
  EXPECT_TRUE(migrate(*whole, {Phase::cutover, ""}));
  EXPECT_TRUE(asked);
  EXPECT_TRUE(whole->close());
  EXPECT_FALSE(request_there());
}

}  // namespace
}  // namespace rollproof::migrate
