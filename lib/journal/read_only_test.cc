// Reading beside a writer at work: a prefix, never corruption.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "lib/journal/format.h"
#include "lib/journal/journal.h"
#include "lib/journal/test_disk.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::journal {
namespace {

const Visitor kIgnore = [](const Entry&) -> Status { return {}; };

// A file system that changes between two calls, as it does beside a writer: `before_list` runs before each listing.
class ReadOnlyTest : public testing::Test {
 protected:
  ReadOnlyTest() {
    auto journal = Journal::open(world_.world, "j", {.segment_bytes = 16 * 512}, kIgnore);
    EXPECT_TRUE(journal);
    journal_ = std::move(*journal);
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(journal_->append({{EntryKind::control, std::string(600, 'x')}}));
  }
  TestDisk disk_;
  TestWorld world_{disk_};
  std::unique_ptr<Journal> journal_;
};

TEST_F(ReadOnlyTest, ShowsAPrefix_WhileABatchIsBeingWritten) {
  std::string& bytes = disk_.now["j/segment-00000001.rpj"]->now;
  bytes.replace(9 * 512, 512, std::string(512, '\0'));  // the first half of the last batch is not there yet
  const auto seen = read_only(disk_, "j", kIgnore);
  ASSERT_TRUE(seen) << seen.error().to_string();
  EXPECT_EQ(seen->last, 4u);
  EXPECT_FALSE(seen->clean);
}

TEST_F(ReadOnlyTest, ReportsAHoleBelowADurableMark_WhileABatchIsBeingWritten) {
  std::string& bytes = disk_.now["j/segment-00000001.rpj"]->now;
  bytes.replace(10 * 512, 512, std::string(512, '\0'));
  bytes.replace(5 * 512, 512, std::string(512, '\0'));
  const auto seen = read_only(disk_, "j", kIgnore);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::corruption);
  EXPECT_NE(seen.error().message.find("sector 5"), std::string::npos) << seen.error().message;
}

TEST(ReadOnlyOnDisk, AlwaysSeesAPrefix_WhileAnotherThreadAppends) {
  os::PosixFileSystem files;
  const os::ScratchDirectory scratch;
  const std::string directory = os::join(scratch.path(), "journal");
  TestWorld world(files);
  std::atomic<bool> done = false;
  std::atomic<Position> acknowledged = 0;
  std::thread writer([&] {
    auto journal = Journal::open(world.world, directory, {.segment_bytes = 64 * 512}, kIgnore);
    ASSERT_TRUE(journal);
    for (size_t i = 0; i < 1000; ++i) {
      const auto position = (*journal)->append({{EntryKind::control, std::string(i * 37 % 3000, 'x')}, {EntryKind::control, "y"}});
      ASSERT_TRUE(position);
      acknowledged = *position;
    }
    EXPECT_TRUE((*journal)->close());
    done = true;
  });
  Position last = 0;
  int reads = 0;
  for (bool more = true; more; ++reads) {
    more = !done;
    const Position before = acknowledged;
    Position visited = 0;
    const auto seen = read_only(files, directory, [&](const Entry& entry) -> Status {
      EXPECT_EQ(entry.position, ++visited);
      return {};
    });
    ASSERT_TRUE(seen) << seen.error().to_string();
    EXPECT_EQ(visited, seen->last);
    EXPECT_GE(seen->last, before);
    EXPECT_GE(seen->last, last);
    EXPECT_EQ(seen->last % 2, 0u) << "half of an append";
    last = seen->last;
  }
  writer.join();
  EXPECT_EQ(last, 2000u);
  EXPECT_GT(reads, 3);
}

}  // namespace
}  // namespace rollproof::journal
