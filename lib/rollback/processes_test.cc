#include "lib/rollback/processes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::rollback {
namespace {

class Processes : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(os::make_directories(posix_.world().files, os::parent_of(scratch_ / path)));
    ASSERT_TRUE(os::replace_file(posix_.world().files, scratch_ / path, text));
  }
  // A process as proc(5) describes one, started so many seconds after the machine.
  void process(int pid, const std::string& name, char state, int64_t started_s) {
    std::string text = std::to_string(pid) + " (" + name + ") " + state;
    for (int field = 4; field < 22; ++field) text += " 0";
    write(std::to_string(pid) + "/stat", text + " " + std::to_string(started_s * sysconf(_SC_CLK_TCK)) + " 0 0\n");
  }
  std::optional<bool> look(int64_t pid, int64_t seen_s) { return is_still_there(posix_.world().files, scratch_ / "", pid, (kBoot_s + seen_s) * 1000); }

  static constexpr int64_t kBoot_s = 1'755'000'000;
  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
};

TEST_F(Processes, AreStillThere_IfTheyWereStartedBeforeTheyWereSeen) {
  write("stat", "cpu 1 2\nbtime " + std::to_string(kBoot_s) + "\nprocesses 7\n");
  process(17, "rollproof", 'S', 100);
  EXPECT_EQ(look(17, 101), true);
  EXPECT_EQ(look(17, 50), false) << "somebody else has its number now";
  EXPECT_EQ(look(18, 101), false);
  process(19, "odd) S 1 (name", 'R', 100);
  EXPECT_EQ(look(19, 101), true);
  process(20, "ended", 'Z', 100);
  EXPECT_EQ(look(20, 101), false);
}

TEST_F(Processes, AreNotKnown_WhereTheKernelDoesNotTell) {
  EXPECT_EQ(look(17, 101), std::nullopt);
  write("stat", "btime\n");
  EXPECT_EQ(look(17, 101), std::nullopt);
}

TEST_F(Processes, FindThisOne_InTheRealFolder) {
  auto& world = posix_.world();
  EXPECT_EQ(is_still_there(world.files, "/proc", getpid(), world.clock.wall_ms()), true);
  EXPECT_EQ(is_still_there(world.files, "/proc", getpid(), world.clock.wall_ms() - 1000LL * 86'400 * 365 * 20), false);
}

}  // namespace
}  // namespace rollproof::rollback
