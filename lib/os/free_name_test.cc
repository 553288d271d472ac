#include "lib/os/free_name.h"

#include <gtest/gtest.h>

#include "lib/base/time_text.h"
#include "lib/os/copy_on_write.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

class SetClock final : public Clock {
 public:
  int64_t wall_ms() override { return now; }
  int64_t monotonic_ms() override { return 0; }
  void sleep_ms(int64_t) override {}
  int64_t now = 1'755'084'378'516;
};

class FreeName : public ::testing::Test {
 protected:
  // The name given, and then taken.
  std::string take() {
    auto name = free_timed_name(world_, scratch_ / "db.aside-");
    EXPECT_TRUE(name) << name.error().to_string();
    if (!name) return "";
    EXPECT_TRUE(world_.files.make_directory(*name));
    return name_of_path(*name);
  }

  ScratchDirectory scratch_;
  PosixWorld posix_{true};
  SetClock clock_;
  World world_{posix_.world().files, clock_, posix_.world().memory, posix_.world().identity, true};
};

TEST_F(FreeName, IsOfTheMoment_WhenNobodyHasIt) { EXPECT_EQ(take(), "db.aside-2025-08-13T11-26-18-516Z"); }

TEST_F(FreeName, IsAnotherOne_WhenTheClockStandsStillOrGoesBack) {
  EXPECT_EQ(take(), "db.aside-2025-08-13T11-26-18-516Z");
  EXPECT_EQ(take(), "db.aside-2025-08-13T11-26-18-517Z");
  clock_.now -= 1;
  EXPECT_EQ(take(), "db.aside-2025-08-13T11-26-18-515Z");
  EXPECT_EQ(take(), "db.aside-2025-08-13T11-26-18-518Z");
}

TEST_F(FreeName, IsRefusedWithTheFirstOne_WhenNoneOfAThousandIsFree) {
  CopyOnWriteFileSystem view(world_.files);
  World seen{view, clock_, world_.memory, world_.identity, true};
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(view.make_directory(scratch_ / "db.aside-" + file_time_text(clock_.now + i)));
  const auto name = free_timed_name(seen, scratch_ / "db.aside-");
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, Code::already_exists);
  EXPECT_EQ(name_of_path(name.error().path), "db.aside-2025-08-13T11-26-18-516Z");
}

}  // namespace
}  // namespace rollproof::os
