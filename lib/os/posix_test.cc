#include "lib/os/posix.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include "lib/os/paths.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

struct Posix : ::testing::Test {
  ScratchDirectory directory;
  PosixFileSystem files;
  const std::string path = directory / "file";

  std::unique_ptr<File> created(std::string_view bytes) {
    auto file = files.create(path);
    EXPECT_TRUE(file && (*file)->write_at(0, bytes));
    return std::move(*file);
  }
};

template <class T>
Error error_in(Result<T> result) {
  return result ? Error{Code::internal, "it worked"} : result.error();
}

// Runs `body` in a child and returns its answer; 99 if it died otherwise.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  if (child == -1 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 99;
  return WEXITSTATUS(status);
}

TEST_F(Posix, ReadsWhatWasWritten_AndEndsWithoutAnError) {
  const auto file = created("0123456789");
  ASSERT_TRUE(file->write_at(12, "cd"));
  std::string text(20, '?');
  EXPECT_EQ(*file->read_at(0, text), 14u);
  EXPECT_EQ(text.substr(0, 14), std::string("0123456789\0\0cd", 14));
  EXPECT_EQ(*file->read_at(14, text), 0u);
  EXPECT_EQ(*file->read_at(1'000'000, text), 0u);
  EXPECT_EQ(*file->size(), 14u);
  EXPECT_TRUE(file->sync());
  EXPECT_TRUE(file->close());
}

TEST_F(Posix, TruncateCutsAndExtendsWithZeros) {
  const auto file = created("0123456789");
  ASSERT_TRUE(file->truncate(4));
  ASSERT_TRUE(file->truncate(6));
  EXPECT_EQ(*read_file(files, path), std::string("0123\0\0", 6));
}

TEST_F(Posix, PreallocateReservesSpace_AndNeverShrinks) {
  const auto file = created("0123456789");
  ASSERT_TRUE(file->preallocate(1 << 20));
  EXPECT_EQ(*file->size(), uint64_t{1} << 20);
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 1 << 20) << "extended, but the space is not taken";
  ASSERT_TRUE(file->preallocate(5));
  EXPECT_EQ(*file->size(), uint64_t{1} << 20);
  std::string text(12, '?');
  ASSERT_TRUE(file->read_at(0, text));
  EXPECT_EQ(text, std::string("0123456789\0\0", 12));
}

TEST_F(Posix, OpensAsAsked) {
  EXPECT_EQ(error_in(files.open_read(path)).code, Code::not_found);
  EXPECT_EQ(error_in(files.open_write(path)).code, Code::not_found);
  ASSERT_TRUE(files.create_new(path));
  EXPECT_EQ(error_in(files.create_new(path)).code, Code::already_exists);
  (void)created("text");
  EXPECT_EQ(files.stat(path)->size, 4u);
  const auto writer = files.open_write(path);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->write_at(4, "ure")) << "open_write does not cut";
  EXPECT_EQ(*read_file(files, path), "texture");
  const auto reader = files.open_read(path);
  EXPECT_EQ((*reader)->write_at(0, "x").error().code, Code::io);
  ASSERT_TRUE(files.create(path));
  EXPECT_EQ(files.stat(path)->size, 0u);
}

TEST_F(Posix, RefusesADirectoryAsAFile_AndDoesNotWaitForAPipe) {
  for (const auto& error : {error_in(files.open_read(directory.path())), error_in(files.open_write(directory.path())),
                            error_in(files.create(directory.path()))}) {
    EXPECT_EQ(error.code, Code::io) << error.to_string();
  }
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  (void)files.open_read(path);
  EXPECT_EQ(files.stat(path)->kind, Kind::other);
}

TEST_F(Posix, MovesAndRemovesNames) {
  (void)created("new");
  ASSERT_TRUE(files.create(directory / "old"));
  const uint64_t identity = files.stat(path)->identity;
  ASSERT_TRUE(files.rename(path, directory / "old"));
  EXPECT_EQ(files.stat(directory / "old")->identity, identity);
  EXPECT_EQ(files.stat(path).error().code, Code::not_found);
  EXPECT_EQ(files.rename(path, directory / "x").error().code, Code::not_found);
  EXPECT_EQ(files.remove(path).error().code, Code::not_found);
  EXPECT_TRUE(files.remove(directory / "old"));
  EXPECT_TRUE(files.sync_directory(directory.path()));
  EXPECT_EQ(files.sync_directory(path).error().code, Code::not_found);
}

TEST_F(Posix, MakesListsAndRemovesDirectories) {
  const std::string inner = directory / "inner";
  ASSERT_TRUE(files.make_directory(inner));
  EXPECT_EQ(files.make_directory(inner).error().code, Code::already_exists);
  for (const char* name : {"b", "a", ".c"}) ASSERT_TRUE(files.create(inner + "/" + name));
  EXPECT_EQ(*files.list(inner), (std::vector<std::string>{".c", "a", "b"}));
  EXPECT_EQ(files.remove_directory(inner).error().code, Code::io) << "not empty is not already_exists";
  EXPECT_EQ(files.remove(inner).error().code, Code::io);
  EXPECT_EQ(files.stat(inner)->kind, Kind::directory);
  EXPECT_EQ(files.stat(inner)->size, 0u);
  EXPECT_EQ(files.list(directory / "absent").error().code, Code::not_found);
  ASSERT_TRUE(remove_tree(files, inner));
  EXPECT_EQ(files.remove_directory(inner).error().code, Code::not_found);
}

TEST_F(Posix, SeesLinks) {
  std::filesystem::create_directory_symlink(directory.path(), directory / "link");
  std::filesystem::create_symlink("/nowhere/at/all", directory / "dangling");
  EXPECT_EQ(files.stat(directory / "link")->kind, Kind::directory);
  EXPECT_EQ(files.stat(directory / "link")->identity, files.stat(directory.path())->identity);
  EXPECT_TRUE(files.stat(directory / "link")->link);
  EXPECT_FALSE(files.stat(directory.path())->link);
  EXPECT_EQ(files.stat(directory / "dangling")->kind, Kind::other);
  EXPECT_EQ(files.create_new(directory / "dangling").error().code, Code::already_exists);
}

TEST_F(Posix, SaysWhatFailedWhereAndWhy) {
  std::filesystem::create_symlink("/dev/full", path);
  const auto full = files.open_write(path);
  ASSERT_TRUE(full) << full.error().to_string();
  const Error error = error_in((*full)->write_at(1024, std::string(512, 'x')));
  EXPECT_EQ(error.code, Code::no_space);
  EXPECT_EQ(error.message, "write of 512 bytes at 1024: No space left on device");
  EXPECT_EQ(error.path, path);
}

TEST_F(Posix, MapsEveryReason) {
  const std::pair<int, Code> expected[] = {
      {ENOENT, Code::not_found},     {EEXIST, Code::already_exists}, {ENOSPC, Code::no_space}, {EDQUOT, Code::no_space},
      {EACCES, Code::no_permission}, {EPERM, Code::no_permission},   {EROFS, Code::no_permission},
      {ENOMEM, Code::outcome_unknown}, {EIO, Code::io},  {ENOTDIR, Code::io},            {EMFILE, Code::outcome_unknown}, {ENFILE, Code::outcome_unknown}, {EBUSY, Code::locked},
  };
  for (const auto& [number, code] : expected) EXPECT_EQ(error_of_errno(number, "x", "").code, code) << number;
}

TEST_F(Posix, ReportsMissingPermission) {
  (void)created("secret");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec |
                                                     std::filesystem::perms::others_exec);
  const int answer = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 77;  // root may do everything
    if (error_in(files.open_read(path)).code != Code::no_permission) return 1;
    if (error_in(files.create(directory / "new")).code != Code::no_permission) return 2;
    if (error_in(files.remove(path)).code != Code::no_permission) return 3;
    if (error_in(files.make_directory(directory / "new")).code != Code::no_permission) return 4;
    if (error_in(files.lock(path, "me")).code != Code::no_permission) return 5;
    return 0;
  });
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  if (answer == 77) GTEST_SKIP() << "can not give up the rights of root here";
  EXPECT_EQ(answer, 0);
}

TEST_F(Posix, AFileTooLargeIsAnError_AndTheStartMayBeWritten) {
  const int answer = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 77;
    auto file = files.create(path);
    if (!file) return 1;
    // 1000 bytes fit: the short write is continued and only then fails.
    if (error_in((*file)->write_at(3096, std::string(2000, 'x'))).code != Code::io) return 2;
    return *(*file)->size() == 4096 ? 0 : 3;
  });
  EXPECT_EQ(answer, 0);
}

TEST_F(Posix, FreeBytesAreThoseOfTheFileSystem) {
  const uint64_t free = *files.free_bytes(directory.path());
  const uint64_t expected = std::filesystem::space(directory.path()).available;
  EXPECT_LT(free > expected ? free - expected : expected - free, uint64_t{1} << 30);
  EXPECT_EQ(files.free_bytes(directory / "absent").error().code, Code::not_found);
}

TEST_F(Posix, SecondLockOfThisProcessIsRefused_AndNamesTheHolder) {
  auto lock = files.lock(path, "pid 7 on host a, migrate, with a long tail");
  ASSERT_TRUE(lock);
  const Error error = error_in(files.lock(path, "pid 8"));
  EXPECT_EQ(error.code, Code::locked);
  EXPECT_EQ(error.message, "held by pid 7 on host a, migrate, with a long tail");
  EXPECT_EQ(error.path, path);
  lock->reset();
  EXPECT_TRUE(files.lock(path, "pid 8"));
  EXPECT_EQ(*read_file(files, path), "pid 8") << "nothing of a longer former holder is left";
}

TEST_F(Posix, NamesTheHolderOfALock_WithoutTakingOrMakingIt) {
  EXPECT_EQ(*files.lock_holder(path), std::nullopt);
  EXPECT_EQ(files.stat(path).error().code, Code::not_found) << "looking must not create the file";
  {
    auto lock = files.lock(path, "pid 7");
    ASSERT_TRUE(lock);
    EXPECT_EQ(*files.lock_holder(path), "pid 7");
    EXPECT_EQ(*files.lock_holder(path), "pid 7");
  }
  EXPECT_EQ(*files.lock_holder(path), std::nullopt) << "the text of a dead holder is no holder";
}

TEST_F(Posix, LockExcludesAnotherProcess_AndEndsWithItsOwner) {
  int to_parent[2];
  ASSERT_EQ(::pipe(to_parent), 0);
  const pid_t child = ::fork();
  ASSERT_NE(child, -1);
  if (child == 0) {
    auto lock = files.lock(path, "the child");
    const char answer = lock ? 'y' : 'n';
    if (::write(to_parent[1], &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char answer = '?';
  ASSERT_EQ(::read(to_parent[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  const Error error = error_in(files.lock(path, "the parent"));
  EXPECT_EQ(error.code, Code::locked);
  EXPECT_EQ(error.message, "held by the child");
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(files.lock(path, "the parent")) << "a killed owner has no lock";
  ::close(to_parent[0]);
  ::close(to_parent[1]);
}

TEST_F(Posix, ReadingAndClosingTheLockFileDoesNotGiveUpTheLock) {
  const auto lock = files.lock(path, "us");
  ASSERT_TRUE(lock);
  EXPECT_EQ(*read_file(files, path), "us");
  EXPECT_EQ(in_child([&] { return files.lock(path, "child") ? 1 : 0; }), 0);
}

// Holders remove the file as their last act while others wait on it: without the second look at the name, somebody would
// hold the lock of a file that is no longer there together with the owner of the new one.
TEST_F(Posix, NeverTwoHolders_WhenHoldersRemoveTheFile) {
  std::atomic<int> holders{0};
  std::atomic<int> together{0};
  std::atomic<int> taken{0};
  std::atomic<int> unexpected{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      PosixFileSystem mine;
      // However busy the machine is: until there were turns enough to see something.
      for (int i = 0; i < 4000 || taken <= 100; ++i) {
        auto lock = mine.lock(path, "thread");
        if (!lock) {
          if (lock.error().code != Code::locked) ++unexpected;
          continue;
        }
        ++taken;
        if (++holders != 1) ++together;
        std::this_thread::yield();
        --holders;
        if (!mine.remove(path)) ++unexpected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, 0);
  EXPECT_EQ(unexpected, 0);
  EXPECT_GT(taken, 100);
}

TEST_F(Posix, DescriptorsDoNotSurviveExec) {
  const auto lock = files.lock(path, "us");
  const auto file = files.open_read(path);
  ASSERT_TRUE(lock && file);
  int ours = 0;
  for (const auto& item : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(item.path(), gone) != path) continue;
    ++ours;
    EXPECT_NE(::fcntl(std::stoi(item.path().filename()), F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_EQ(ours, 2);
}

TEST_F(Posix, ContinuesAfterSignals) {
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = [](int) {};  // without SA_RESTART: calls answer EINTR
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  const pthread_t target = ::pthread_self();
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    while (!stop) ::pthread_kill(target, SIGUSR1);
  });
  const std::string bytes(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    auto file = files.create(path);
    ASSERT_TRUE(file && (*file)->preallocate(bytes.size()) && (*file)->write_at(0, bytes));
    ASSERT_TRUE((*file)->sync() && files.lock(directory / "lock", "us") && (*file)->close());
    ASSERT_EQ(read_file(files, path).value_or(""), bytes);
  }
  stop = true;
  sender.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace rollproof::os
