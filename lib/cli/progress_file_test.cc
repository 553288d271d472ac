#include "lib/cli/progress_file.h"

#include <gtest/gtest.h>

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::cli {
namespace {

class StillClock final : public os::Clock {
 public:
  int64_t now = 5000;
  int64_t wall_ms() override { return now; }
  int64_t monotonic_ms() override { return now; }
  void sleep_ms(int64_t ms) override { now += ms; }
};

class ProgressFileTest : public ::testing::Test {
 protected:
  ProgressFileTest() {
    EXPECT_TRUE(os::replace_file(world_.files, scratch_ / "rollproof.json", migrate::render_config({"leveldb", "db"}, {"unified-json", "out"})));
    EXPECT_TRUE(os::make_directories(world_.files, scratch_ / ".rollproof"));
    state_.steps_begun.insert("copy/copy-records");
  }
  std::optional<LiveProgress> read(const std::string& holder) {
    return read_progress(world_, *migrate::read_config(world_.files, scratch_ / "rollproof.json"), state_, holder);
  }
  std::string us() { return "pid " + std::to_string(world_.identity.pid()) + " (rollproof migrate)"; }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  StillClock clock_;
  os::World world_{posix_.world().files, clock_, posix_.world().memory, posix_.world().identity, true};
  migrate::State state_;
  ProgressFile file_{world_, scratch_ / "rollproof.json"};
};

TEST_F(ProgressFileTest, IsWrittenAtMostOnceASecond_AndNotInTheFirst) {
  file_.show({"copy", "copy-records", 10, 1000});
  clock_.now += 999;
  file_.show({"copy", "copy-records", 100, 1000});
  EXPECT_FALSE(read(us()));
  clock_.now += 1;
  file_.show({"copy", "copy-records", 200, 1000});
  ASSERT_TRUE(read(us()));
  EXPECT_EQ(read(us())->records, 200u);
  EXPECT_EQ(read(us())->rate_per_s, 200u);
  EXPECT_EQ(read(us())->seconds_left(), 4u);
  clock_.now += 900;
  file_.show({"copy", "copy-records", 900, 1000});
  EXPECT_EQ(read(us())->records, 200u);
  EXPECT_EQ(read(us())->to_text(), "copy/copy-records  200 of 1,000 records, 200/s, 4 s left");
}

TEST_F(ProgressFileTest, SaysNothing_OfSomebodyElse_OrOfAnotherStep_OrWhenItIsTorn) {
  file_.show({"copy", "copy-records", 10, 1000});
  clock_.now += 2000;
  file_.show({"copy", "copy-records", 100, 1000});
  ASSERT_TRUE(read(us()));
  EXPECT_FALSE(read("pid 1 (rollproof migrate)"));
  state_.steps_begun = {"copy/compare"};
  EXPECT_FALSE(read(us()));
  state_.steps_begun = {"copy/copy-records"};
  ASSERT_TRUE(os::replace_file(world_.files, scratch_ / ".rollproof/progress.json", "{\"pid\":"));
  EXPECT_FALSE(read(us()));
}

}  // namespace
}  // namespace rollproof::cli
