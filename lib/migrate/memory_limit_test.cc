#include <gtest/gtest.h>

#include "lib/migrate/ledger.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

class Gauge final : public os::MemoryGauge {
 public:
  uint64_t used_bytes() override { return used; }
  uint64_t limit_bytes() override { return limit; }
  uint64_t used = 100;
  uint64_t limit = 1000;
};

class MemoryLimitTest : public ::testing::Test {
 protected:
  MemoryLimitTest() {
    auto source = store::open(posix_.world(), {"leveldb", scratch_ / "db"}, {.create = true});
    EXPECT_TRUE(source);
    EXPECT_TRUE((*source)->apply({{record::Change::Kind::put, "56-LookCoin", "{}"}}));
    EXPECT_TRUE((*source)->close());
    configure("");
  }
  void configure(const std::string& line) {
    std::string text = render_config({"leveldb", "db"}, {"unified-json", "out"});
    if (!line.empty()) text.insert(text.find('{') + 1, line + ",");
    EXPECT_TRUE(os::replace_file(posix_.world().files, scratch_ / "rollproof.json", text));
  }
  std::unique_ptr<Session> session(const SessionOptions& options = {}) {
    auto opened = Session::open(world_, scratch_ / "rollproof.json", options);
    EXPECT_TRUE(opened) << opened.error().to_string();
    return std::move(*opened);
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  Gauge gauge_;
  os::World world_{posix_.world().files, posix_.world().clock, gauge_, posix_.world().identity, true};
};

TEST_F(MemoryLimitTest, StopsAtTheNextStepAboveTheLimit_AndGoesOnBelowIt) {
  SessionOptions options;
  options.progress = [&](const Progress& progress) {
    if (progress.phase == "copy") gauge_.used = 901;
  };
  auto first = session(options);
  const auto outcome = migrate(*first, {Phase::cutover, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::stopped);
  EXPECT_EQ(exit_code_of(outcome.error().code, first->state()), ExitCode::stopped);
  EXPECT_TRUE(first->state().is_done(Phase::dual_write));
  EXPECT_FALSE(first->state().operation);
  ASSERT_TRUE(first->close());
  first.reset();
  gauge_.used = 900;
  auto second = session();
  EXPECT_TRUE(migrate(*second, {Phase::cutover, ""}));
  EXPECT_TRUE(second->close());
}

TEST_F(MemoryLimitTest, DoesNotStopWhatFollowsTheCommitRecord) {
  SessionOptions options;
  options.progress = [&](const Progress& progress) {
    if (progress.step == "final-check") gauge_.used = 1000;
  };
  auto whole = session(options);
  EXPECT_TRUE(migrate(*whole, {Phase::cutover, ""}));
  EXPECT_TRUE(whole->close());
}

TEST_F(MemoryLimitTest, ComesFromTheConfiguration_BeforeTheSystem) {
  gauge_.limit = 0;
  gauge_.used = 6ull << 20;
  configure("\"memory_limit_mib\": 10, \"memory_limit_percent\": 50");
  auto first = session();
  const auto outcome = migrate(*first, {Phase::validate, ""});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::stopped);
  ASSERT_TRUE(first->close());
  first.reset();
  configure("\"memory_limit_percent\": 101");
  const auto refused = read_config(posix_.world().files, scratch_ / "rollproof.json");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
}

}  // namespace
}  // namespace rollproof::migrate
