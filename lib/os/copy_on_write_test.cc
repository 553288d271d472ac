#include "lib/os/copy_on_write.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <thread>

#include "lib/base/digest.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

// Every name, kind, size, content and modification time below a directory.
std::string state_of(const std::string& root) {
  PosixFileSystem disk;
  std::string state;
  std::set<std::filesystem::path> paths;
  for (const auto& item : std::filesystem::recursive_directory_iterator(root)) paths.insert(item.path());
  for (const auto& path : paths) {
    const bool file = std::filesystem::is_regular_file(path);
    state += std::filesystem::relative(path, root).string() + (file ? " " + *sha256_of_file(disk, path) : "/");
    state += " " + std::to_string(std::filesystem::last_write_time(path).time_since_epoch().count()) + "\n";
  }
  return state;
}

void write(FileSystem& files, const std::string& path, std::string_view bytes) {
  auto file = files.create(path);
  ASSERT_TRUE(file) << file.error().to_string();
  ASSERT_TRUE((*file)->write_at(0, bytes));
}

std::string text_of(FileSystem& files, const std::string& path) {
  auto text = read_file(files, path);
  return text ? *text : "error: " + text.error().to_string();
}

// A disk that counts how it is used; a call that would change it is a failure.
class ReadingOnly final : public FileSystem {
 public:
  explicit ReadingOnly(FileSystem& disk) : disk_(disk) {}
  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    ++opened;
    return disk_.open_read(path);
  }
  Result<std::unique_ptr<File>> open_write(const std::string& path) override { return never(path); }
  Result<std::unique_ptr<File>> create(const std::string& path) override { return never(path); }
  Result<std::unique_ptr<File>> create_new(const std::string& path) override { return never(path); }
  Status rename(const std::string& path, const std::string&) override { return never(path); }
  Status remove(const std::string& path) override { return never(path); }
  Status make_directory(const std::string& path) override { return never(path); }
  Status remove_directory(const std::string& path) override { return never(path); }
  Status sync_directory(const std::string& path) override { return never(path); }
  Result<Info> stat(const std::string& path) override { return disk_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return disk_.list(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return disk_.free_bytes(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string&) override { return never(path); }

  int opened = 0;

 private:
  static tl::unexpected<Error> never(const std::string& path) {
    ADD_FAILURE() << "the disk was touched: " << path;
    return fail(Code::internal, "touched", path);
  }
  FileSystem& disk_;
};

struct CopyOnWrite : ::testing::Test {
  ScratchDirectory directory;
  PosixFileSystem disk;
  ReadingOnly below{disk};
  CopyOnWriteFileSystem files{below};
  std::string before;

  void SetUp() override {
    ASSERT_TRUE(disk.make_directory(directory / "store"));
    write(disk, directory / "store/old", std::string(10'000, 'o'));
    write(disk, directory / "store/small", "small");
    before = state_of(directory.path());
  }
  void TearDown() override { EXPECT_EQ(state_of(directory.path()), before); }
};

TEST_F(CopyOnWrite, KeepsOnlyChangedBlocksOfAnOldFile) {
  auto file = files.open_write(directory / "store/old");
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(4095, "ab"));
  EXPECT_EQ(files.memory_bytes(), 2 * 4096u) << "the two bytes lie in two blocks";
  std::string expected(10'000, 'o');
  expected.replace(4095, 2, "ab");
  EXPECT_EQ(text_of(files, directory / "store/old"), expected);
  EXPECT_EQ(text_of(disk, directory / "store/old"), std::string(10'000, 'o'));
  ASSERT_TRUE((*file)->truncate(4096));
  EXPECT_EQ(files.memory_bytes(), 4096u);
  ASSERT_TRUE((*file)->truncate(9'000));
  EXPECT_EQ(text_of(files, directory / "store/old"), std::string(4095, 'o') + "a" + std::string(4904, '\0'))
      << "what was cut off must not come back from the disk";
}

TEST_F(CopyOnWrite, RenamesWithoutReading) {
  ASSERT_TRUE(files.rename(directory / "store/old", directory / "store/new"));
  ASSERT_TRUE(files.rename(directory / "store", directory / "aside"));
  EXPECT_EQ(below.opened, 0);
  EXPECT_EQ(files.memory_bytes(), 0u);
  EXPECT_EQ(files.stat(directory / "store").error().code, Code::not_found);
  EXPECT_EQ(*files.list(directory / "aside"), (std::vector<std::string>{"new", "small"}));
  EXPECT_EQ(text_of(files, directory / "aside/new"), std::string(10'000, 'o'));
  EXPECT_EQ(files.stat(directory / "aside/small")->size, 5u);
}

TEST_F(CopyOnWrite, ReaderWhoCameFirstSeesTheWriter_AndKeepsARemovedFile) {
  auto reader = files.open_read(directory / "store/small");
  auto writer = files.open_write(directory / "store/small");
  ASSERT_TRUE(reader && writer);
  ASSERT_TRUE((*writer)->write_at(0, "S"));
  ASSERT_TRUE(files.remove(directory / "store/small"));
  std::string text(5, ' ');
  ASSERT_TRUE((*reader)->read_at(0, text));
  EXPECT_EQ(text, "Small");
  EXPECT_EQ((*reader)->write_at(0, "x").error().code, Code::io);
  write(files, directory / "store/small", "another");
  ASSERT_TRUE((*reader)->read_at(0, text));
  EXPECT_EQ(text, "Small");
  EXPECT_NE(files.stat(directory / "store/small")->identity, disk.stat(directory / "store/small")->identity);
}

TEST_F(CopyOnWrite, RemovedTreeStaysRemoved_WhenADirectoryOfItsNameIsMade) {
  ASSERT_TRUE(remove_tree(files, directory / "store"));
  EXPECT_EQ(files.stat(directory / "store").error().code, Code::not_found);
  EXPECT_EQ(files.open_read(directory / "store/small").error().code, Code::not_found);
  ASSERT_TRUE(make_directories(files, directory / "store/deep/er"));
  EXPECT_EQ(*files.list(directory / "store"), std::vector<std::string>{"deep"});
  EXPECT_GT(*files.free_bytes(directory / "store/deep/er"), 0u);
}

TEST_F(CopyOnWrite, RefusesToGrowBeyondItsLimit) {
  CopyOnWriteFileSystem narrow(below, 8192);
  auto file = narrow.create(directory / "store/new");
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->preallocate(1 << 20)) << "zeros take no memory";
  ASSERT_TRUE((*file)->write_at(0, std::string(8192, 'x')));
  EXPECT_EQ((*file)->write_at(8192, "y").error().code, Code::no_space);
  EXPECT_EQ(*(*file)->size(), uint64_t{1} << 20);
  ASSERT_TRUE((*file)->truncate(0));
  EXPECT_TRUE((*file)->write_at(8192, "y")) << "memory given up is there again";
  file->reset();
  ASSERT_TRUE(narrow.remove(directory / "store/new"));
  EXPECT_EQ(narrow.memory_bytes(), 0u);
}

TEST_F(CopyOnWrite, SpillsWhatMemoryMayNotHold_AndLeavesNoName) {
  const std::string spill = directory / "spill.tmp";
  CopyOnWriteFileSystem narrow(disk, 8192, spill);
  auto file = narrow.create(directory / "store/new");
  ASSERT_TRUE(file);
  std::string expected(100'000, 'x');
  ASSERT_TRUE((*file)->write_at(0, expected));
  for (const uint64_t at : {3u, 8190u, 20'000u, 99'990u}) {  // in memory, across the border, spilled, at the end
    ASSERT_TRUE((*file)->write_at(at, "abcde"));
    expected.replace(at, 5, "abcde");
  }
  EXPECT_EQ(text_of(narrow, directory / "store/new"), expected);
  EXPECT_EQ(narrow.memory_bytes(), 8192u);
  EXPECT_EQ(narrow.spilled_bytes(), 23 * 4096u);
  EXPECT_FALSE(std::filesystem::exists(spill));
  ASSERT_TRUE((*file)->truncate(20'002));
  ASSERT_TRUE((*file)->truncate(40'000));
  expected.resize(20'002);
  expected.resize(40'000, '\0');
  EXPECT_EQ(text_of(narrow, directory / "store/new"), expected) << "what was cut off comes back as zeros";
  EXPECT_EQ(narrow.spilled_bytes(), 3 * 4096u);
  // Given up slots are used again.
  ASSERT_TRUE((*file)->write_at(20'480, std::string(20 * 4096, 'y')));
  expected.resize(20'480);
  expected.append(20 * 4096, 'y');
  EXPECT_EQ(text_of(narrow, directory / "store/new"), expected);
  EXPECT_EQ(narrow.spilled_bytes(), 23 * 4096u);
}

TEST_F(CopyOnWrite, TakesTheNameOfASpillThatADeadProcessLeft) {
  const std::string spill = directory / "spill.tmp";
  write(disk, spill, "left");
  CopyOnWriteFileSystem narrow(disk, 4096, spill);
  auto file = narrow.create(directory / "store/new");
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write_at(0, std::string(3 * 4096, 'x')));
  EXPECT_EQ(text_of(narrow, directory / "store/new"), std::string(3 * 4096, 'x'));
  EXPECT_FALSE(std::filesystem::exists(spill));
}

TEST_F(CopyOnWrite, LockExcludesHereAndLeavesTheDiskAlone) {
  auto lock = files.lock(directory / "store/lock", "reader 7");
  ASSERT_TRUE(lock);
  const auto second = files.lock(directory / "store//./lock", "reader 8");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::locked);
  EXPECT_NE(second.error().message.find("reader 7"), std::string::npos);
  lock->reset();
  EXPECT_TRUE(files.lock(directory / "store/lock", "reader 8"));
  EXPECT_EQ(text_of(files, directory / "store/lock"), "reader 8");
}

TEST_F(CopyOnWrite, NamesTheHolderOfALockOnTheDisk) {
  CopyOnWriteFileSystem reading(disk);
  const auto lock = disk.lock(directory / "store/lock", "pid 7");
  ASSERT_TRUE(lock);
  EXPECT_EQ(reading.lock_holder(directory / "store/lock").value().value_or("nobody"), "pid 7");
  before = state_of(directory.path());
}

TEST_F(CopyOnWrite, FollowsTheDiskForUntouchedFiles) {
  EXPECT_EQ(text_of(files, directory / "store/small"), "small");
  write(disk, directory / "store/small.tmp", "replaced");
  ASSERT_TRUE(disk.rename(directory / "store/small.tmp", directory / "store/small"));
  EXPECT_EQ(text_of(files, directory / "store/small"), "replaced");
  before = state_of(directory.path());
}

TEST_F(CopyOnWrite, RemovesALinkAndNotWhatItLeadsTo) {
  std::filesystem::create_directory_symlink(directory / "store", directory / "link");
  before = state_of(directory.path());
  EXPECT_TRUE(files.stat(directory / "link")->link);
  EXPECT_EQ(text_of(files, directory / "link/small"), "small");
  ASSERT_TRUE(remove_tree(files, directory / "link"));
  EXPECT_EQ(files.stat(directory / "link").error().code, Code::not_found);
  EXPECT_EQ(text_of(files, directory / "store/small"), "small");
}

TEST_F(CopyOnWrite, FindsNothingBelowALinkThatLeadsNowhere_AsTheDiskDoes) {
  std::filesystem::create_directory_symlink(directory / "unmounted", directory / "link");
  for (FileSystem* one : {static_cast<FileSystem*>(&files), static_cast<FileSystem*>(&disk)}) {
    EXPECT_EQ(one->list(directory / "link").error().code, Code::not_found);
    EXPECT_EQ(one->stat(directory / "link/small").error().code, Code::not_found);
  }
  std::filesystem::remove(directory / "link");
}

TEST_F(CopyOnWrite, ThreadsWorkOnDifferentFiles_AndReadOneTogether) {
  auto shared = files.open_read(directory / "store/old");
  ASSERT_TRUE(shared);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string path = directory / ("store/t" + std::to_string(t));
      for (int i = 0; i < 300; ++i) {
        auto file = files.create(path);
        std::string text(100, ' ');
        if (!file || !(*file)->write_at(4090, std::string(20, 'x')) || !(*shared)->read_at(77, text)) ++wrong;
        if (text != std::string(100, 'o')) ++wrong;
        if (!files.rename(path, path + ".moved") || !files.list(directory / "store")) ++wrong;
        if (t == 0 && !files.open_write(directory / "store/old")) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace rollproof::os
