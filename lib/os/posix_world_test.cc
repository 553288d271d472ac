#include "lib/os/posix_world.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <set>

namespace rollproof::os {
namespace {

TEST(PosixWorld, HandsOutItsOwnParts) {
  PosixWorld quiet(true);
  PosixWorld usual;
  EXPECT_TRUE(quiet.world().single_threaded);
  EXPECT_FALSE(usual.world().single_threaded);
  EXPECT_TRUE(quiet.world().files.stat("/"));
  PosixFileSystem other;
  const World behind_another_door = quiet.with_files(other);
  EXPECT_EQ(&behind_another_door.files, &other);
  EXPECT_EQ(&behind_another_door.clock, &quiet.world().clock);
  EXPECT_TRUE(behind_another_door.single_threaded);
}

TEST(PosixClock, SleepsAtLeastAsLongAsAsked) {
  PosixClock clock;
  EXPECT_GT(clock.wall_ms(), 1'700'000'000'000) << "milliseconds, not seconds";
  const int64_t before = clock.monotonic_ms();
  clock.sleep_ms(20);
  EXPECT_GE(clock.monotonic_ms() - before, 19);
  clock.sleep_ms(-5);
}

TEST(PosixMemoryGauge, SeesMemoryThatIsTouched) {
  PosixMemoryGauge gauge;
  const uint64_t before = gauge.used_bytes();
  constexpr size_t size = 64 << 20;
  const std::unique_ptr<char[]> block(new char[size]);
  std::memset(block.get(), 7, size);
  const uint64_t after = gauge.used_bytes();
  EXPECT_EQ(block[size / 2], 7);
  EXPECT_GT(before, 100u * 1024);
  EXPECT_GT(after, before + size / 2);
#ifndef __SANITIZE_THREAD__  // which keeps several bytes of its own for each, and the gauge counts them
  EXPECT_LT(after, before + size * 4);
#endif
}

TEST(PosixMemoryGauge, ReportsTheLimitOfTheAddressSpace) {
  const pid_t child = ::fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    // Sanitizers map terabytes; lowering the soft limit below that is still allowed and only stops new mappings.
    const rlimit limit{uint64_t{1} << 20, RLIM_INFINITY};
    PosixMemoryGauge gauge;
    (void)gauge.limit_bytes();
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    ::_exit(gauge.limit_bytes() == (uint64_t{1} << 20) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(PosixIdentity, SaysWhoWeAre) {
  PosixIdentity identity;
  EXPECT_EQ(identity.pid(), ::getpid());
  EXPECT_FALSE(identity.user().empty());
  EXPECT_FALSE(identity.host().empty());
  EXPECT_EQ(identity.boot_id().size(), 36u) << identity.boot_id();
  EXPECT_EQ(identity.boot_id().find('\n'), std::string::npos);
  std::set<uint64_t> numbers;
  for (int i = 0; i < 1000; ++i) numbers.insert(identity.random64());
  EXPECT_EQ(numbers.size(), 1000u);
}

}  // namespace
}  // namespace rollproof::os
