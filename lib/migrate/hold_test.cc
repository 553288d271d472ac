// The hold of new writes before the switch of the cutover, and the epoch of the route that a writer may name.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class SetClock final : public os::Clock {
 public:
  int64_t wall_ms() override { return wall += 1; }
  int64_t monotonic_ms() override { return monotonic += 1; }
  void sleep_ms(int64_t ms) override { monotonic += ms; }
  int64_t wall = 1'750'000'000'000;
  int64_t monotonic = 0;
};

class HoldTest : public ::testing::Test {
 protected:
  HoldTest() {
    auto source = store::open(posix_.world(), {"leveldb", scratch_ / "db"}, {.create = true});
    EXPECT_TRUE(source);
    EXPECT_TRUE((*source)->apply({{record::Change::Kind::put, "56-LookCoin", "{}"}}));
    EXPECT_TRUE((*source)->close());
    EXPECT_TRUE(os::replace_file(posix_.world().files, scratch_ / "rollproof.json", render_config({"leveldb", "db"}, {"unified-json", "out"})));
    options_.measure = {.reads = 1, .writes = 1, .queries = 1};
  }
  // What happens at the moment in which the hold has begun.
  std::unique_ptr<Session> session(std::function<void()> in_hold) {
    options_.progress = [in_hold = std::move(in_hold)](const Progress& progress) {
      if (progress.step == "hold") in_hold();
    };
    auto opened = Session::open(world_, scratch_ / "rollproof.json", options_);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  SetClock clock_;
  os::World world_{posix_.world().files, clock_, posix_.world().memory, posix_.world().identity, true};
  SessionOptions options_;
};

TEST_F(HoldTest, ExpiresBeforeTheCommitRecord_AndNothingIsSwitched) {
  auto first = session([&] { clock_.monotonic += 60'000; });
  const auto outcome = migrate(*first, {Phase::cutover, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::stopped);
  EXPECT_EQ(first->state().route, Route::dual_source_first);
  ASSERT_TRUE(first->close());
  first.reset();
  auto second = session([] {});
  EXPECT_TRUE(migrate(*second, {Phase::cutover, ""}));
  EXPECT_EQ(second->state().route, Route::dual_target_first);
  EXPECT_TRUE(second->close());
}

// The conditions were met by the first command; the second one switches, and so it looks again.
TEST_F(HoldTest, TheNextCommandIsRefused_WhenTheBackupWasDamagedSinceItExpired) {
  auto first = session([&] { clock_.monotonic += 60'000; });
  ASSERT_FALSE(migrate(*first, {Phase::cutover, ""}));
  const auto backup = find_backup(posix_.world().files, first->config(), first->state().seals.at("backup"));
  ASSERT_TRUE(backup);
  ASSERT_TRUE(first->close());
  first.reset();
  ASSERT_TRUE(os::replace_file(posix_.world().files, os::join(*backup, "leveldb/current/CURRENT"), "MANIFEST-000009\n"));
  auto second = session([] {});
  const auto outcome = migrate(*second, {Phase::cutover, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::backup_damaged);
  EXPECT_EQ(second->state().route, Route::dual_source_first);
  EXPECT_TRUE(second->close());
}

TEST_F(HoldTest, IsNotEndedByAClockThatIsSet) {
  auto whole = session([&] { clock_.wall += 24 * 3'600'000; });
  EXPECT_TRUE(migrate(*whole, {Phase::cutover, ""}));
  EXPECT_TRUE(whole->close());
}

TEST_F(HoldTest, AWriterWaitsNoLongerThanIt_AndThenTheSwitchIsNotMade) {
  Session* at_work = nullptr;
  int64_t waited_ms = 0;
  auto held = session([&] {
    const int64_t began_ms = clock_.monotonic;
    EXPECT_TRUE(at_work->router_if_open()->write({{record::Change::Kind::put, "56-Impatient", "{}"}}));
    waited_ms = clock_.monotonic - began_ms;
  });
  at_work = held.get();
  const auto outcome = migrate(*held, {Phase::cutover, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::stopped);
  EXPECT_GE(waited_ms, options_.hold_ms_max / 2);
  EXPECT_LE(waited_ms, options_.hold_ms_max * 2);
  EXPECT_EQ(held->state().route, Route::dual_source_first);
  EXPECT_TRUE(held->close());
}

TEST_F(HoldTest, AWriterThatNamesAnOldRouteIsRefused_AndWritesNothing) {
  auto whole = session([] {});
  ASSERT_TRUE(migrate(*whole, {Phase::prove, ""}));
  const uint64_t known = whole->state().epoch;
  ASSERT_TRUE(migrate(*whole, {Phase::cutover, ""}));
  auto router = whole->need_router();
  ASSERT_TRUE(router);
  const auto refused = (*router)->write({{record::Change::Kind::put, "56-Late", "{}"}}, known);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_FALSE(*(*router)->get("56-Late"));
  EXPECT_TRUE((*router)->write({{record::Change::Kind::put, "56-Late", "{}"}}, whole->state().epoch));
  EXPECT_TRUE(whole->close());
}

// Two threads have it: each look is a millisecond, and who sleeps lets the other one go on.
class SharedClock final : public os::Clock {
 public:
  int64_t wall_ms() override { return wall += 1; }
  int64_t monotonic_ms() override { return monotonic += 1; }
  void sleep_ms(int64_t) override {
    ++slept;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::atomic<int64_t> wall = 1'750'000'000'000, monotonic = 0, slept = 0;
};

// He came while the source answered, and waited: behind the switch his route is the one of before.
TEST_F(HoldTest, AWriterThatWaitsForTheSwitchIsRefused_WhereHeNamesTheRouteOfBefore) {
  SharedClock clock;
  os::World world{posix_.world().files, clock, posix_.world().memory, posix_.world().identity, true};
  Session* at_work = nullptr;
  std::thread writer;
  Status answer;
  options_.progress = [&](const Progress& progress) {
    if (progress.step != "hold") return;
    writer = std::thread([&, known = at_work->state().epoch] { answer = at_work->router_if_open()->write({{record::Change::Kind::put, "56-Waiting", "{}"}}, known); });
    while (clock.slept == 0) std::this_thread::yield();  // he waits for the hold
  };
  auto opened = Session::open(world, scratch_ / "rollproof.json", options_);
  ASSERT_TRUE(opened) << opened.error().to_string();
  at_work = opened->get();
  const Status outcome = migrate(*at_work, {Phase::cutover, ""});
  ASSERT_TRUE(writer.joinable());
  writer.join();
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_FALSE(answer) << "it was written into a route that he does not know";
  EXPECT_EQ(answer.error().code, Code::refused);
  EXPECT_TRUE(at_work->close());
}

}  // namespace
}  // namespace rollproof::migrate
