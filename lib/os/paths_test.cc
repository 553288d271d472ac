#include "lib/os/paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/digest.h"
#include "lib/os/copy_on_write.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::os {
namespace {

TEST(Paths, AreTakenApartAndPutTogether) {
  EXPECT_EQ(join("a", "b"), "a/b");
  EXPECT_EQ(join("a/", "b"), "a/b");
  EXPECT_EQ(join("/", "b"), "/b");
  EXPECT_EQ(join("", "b"), "b");
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(parent_of("/"), "/");
  EXPECT_EQ(parent_of("a"), ".");
  EXPECT_EQ(name_of_path("/a/b"), "b");
  EXPECT_EQ(name_of_path("b"), "b");
}

// Works in memory until it has done so many changing calls, then every further one fails, as when a process dies there.
class Stopping final : public FileSystem {
 public:
  Stopping(FileSystem& inner, int calls) : inner_(inner), left_(calls) {}
  bool stopped() const { return left_ < 0; }

  Result<std::unique_ptr<File>> open_read(const std::string& path) override { return inner_.open_read(path); }
  Result<std::unique_ptr<File>> open_write(const std::string& path) override { return inner_.open_write(path); }
  Result<std::unique_ptr<File>> create(const std::string& path) override {
    ROLLPROOF_TRY(count("create", path));
    ROLLPROOF_ASSIGN(auto file, inner_.create(path));
    return std::make_unique<StoppingFile>(*this, std::move(file), path);
  }
  Result<std::unique_ptr<File>> create_new(const std::string& path) override { return inner_.create_new(path); }
  Status rename(const std::string& from, const std::string& to) override {
    ROLLPROOF_TRY(count("rename", from));
    return inner_.rename(from, to);
  }
  Status remove(const std::string& path) override { return inner_.remove(path); }
  Status make_directory(const std::string& path) override {
    ROLLPROOF_TRY(count("make_directory", path));
    return inner_.make_directory(path);
  }
  Status remove_directory(const std::string& path) override { return inner_.remove_directory(path); }
  Status sync_directory(const std::string& path) override {
    ROLLPROOF_TRY(count("sync_directory", path));
    return inner_.sync_directory(path);
  }
  Result<Info> stat(const std::string& path) override { return inner_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return inner_.list(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return inner_.free_bytes(path); }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string& h) override { return inner_.lock(path, h); }

  std::vector<std::string> calls;

 private:
  Status count(const std::string& call, const std::string& path) {
    calls.push_back(call + " " + name_of_path(path));
    if (--left_ < 0) return fail(Code::io, "stopped", path);
    return {};
  }

  class StoppingFile final : public File {
   public:
    StoppingFile(Stopping& owner, std::unique_ptr<File> file, std::string path)
        : owner_(owner), file_(std::move(file)), path_(std::move(path)) {}
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override { return file_->read_at(offset, out); }
    Status write_at(uint64_t offset, std::string_view bytes) override {
      if (auto counted = owner_.count("write", path_); !counted) {
        (void)file_->write_at(offset, bytes.substr(0, bytes.size() / 2));
        return counted;
      }
      return file_->write_at(offset, bytes);
    }
    Status sync() override { return owner_.count("sync", path_); }
    Status truncate(uint64_t size) override { return file_->truncate(size); }
    Status preallocate(uint64_t size) override { return file_->preallocate(size); }
    Result<uint64_t> size() const override { return file_->size(); }
    Status close() override { return owner_.count("close", path_); }

   private:
    Stopping& owner_;
    std::unique_ptr<File> file_;
    const std::string path_;
  };

  FileSystem& inner_;
  int left_;
};

struct PathsOnDisk : ::testing::Test {
  ScratchDirectory directory;
  PosixFileSystem disk;
  const std::string path = directory / "file";

  void write(const std::string& where, std::string_view bytes) {
    auto file = disk.create(where);
    ASSERT_TRUE(file && (*file)->write_at(0, bytes));
  }
};

TEST_F(PathsOnDisk, ReplaceLeavesTheWholeOldOrNewContent_WhereverItStops) {
  write(path, "the old content");
  bool finished = false;
  int stopped_runs = 0;
  for (int calls = 0; !finished; ++calls) {
    CopyOnWriteFileSystem memory(disk);
    Stopping files(memory, calls);
    const Status outcome = replace_file(files, path, "what is new");
    finished = !files.stopped();
    stopped_runs += files.stopped();
    EXPECT_EQ(outcome.has_value(), finished) << "a failure must not pass for success";
    const std::string text = *read_file(memory, path);
    EXPECT_TRUE(text == "the old content" || text == "what is new") << text;
    EXPECT_TRUE(!finished || text == "what is new");
    ASSERT_TRUE(replace_file(memory, path, "after")) << "a leftover is harmless";
    EXPECT_EQ(*read_file(memory, path), "after");
    EXPECT_EQ(*memory.list(directory.path()), std::vector<std::string>{"file"});
  }
  EXPECT_EQ(stopped_runs, 6);
}

TEST_F(PathsOnDisk, ReplaceSyncsTheBytesBeforeTheNameAndTheNameBeforeItReturns) {
  CopyOnWriteFileSystem memory(disk);
  Stopping files(memory, 100);
  ASSERT_TRUE(replace_file(files, path, "text"));
  EXPECT_EQ(files.calls, (std::vector<std::string>{"create file.tmp", "write file.tmp", "sync file.tmp", "close file.tmp",
                                                   "rename file.tmp", "sync_directory " + name_of_path(directory.path())}));
}

TEST_F(PathsOnDisk, MakesMissingParents_EachDurableInItsParent) {
  CopyOnWriteFileSystem memory(disk);
  Stopping files(memory, 100);
  ASSERT_TRUE(make_directories(files, directory / "a/b"));
  EXPECT_EQ(files.calls, (std::vector<std::string>{"make_directory a", "sync_directory " + name_of_path(directory.path()),
                                                   "make_directory b", "sync_directory a"}));
  ASSERT_TRUE(make_directories(files, directory / "a/b")) << "there already";
  EXPECT_TRUE(*exists(files, directory / "a/b"));
  EXPECT_FALSE(*exists(files, directory / "a/c"));
  write(path, "");
  EXPECT_FALSE(exists(disk, path + "/below").has_value()) << "a file in the place of a directory is neither true nor false";
}

TEST_F(PathsOnDisk, ReadFileRefusesWhatIsTooLarge) {
  write(path, "12345");
  EXPECT_EQ(*read_file(disk, path, 5), "12345");
  const auto refused = read_file(disk, path, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_EQ(refused.error().path, path);
}

TEST_F(PathsOnDisk, ReadTwiceIsReadOnce_WhereTheDiskIsSound) {
  write(path, "12345");
  EXPECT_EQ(*read_file_twice(disk, path, 5), "12345");
  EXPECT_EQ(read_file_twice(disk, path, 4).error().code, Code::refused);
  EXPECT_EQ(read_file_twice(disk, path + "s").error().code, Code::not_found);
}

TEST_F(PathsOnDisk, DigestReadTwiceIsThatReadOnce_WhereTheDiskIsSound) {
  write(path, "12345");
  EXPECT_EQ(*sha256_of_file_twice(disk, path), *sha256_of_file(disk, path));
  EXPECT_EQ(sha256_of_file_twice(disk, path + "s").error().code, Code::not_found);
}

TEST_F(PathsOnDisk, RemoveTreeTakesAllOfIt_AndNothingBehindLinks) {
  ASSERT_TRUE(make_directories(disk, directory / "tree/deep"));
  ASSERT_TRUE(make_directories(disk, directory / "precious"));
  write(directory / "tree/deep/file", "x");
  write(directory / "precious/file", "x");
  std::filesystem::create_directory_symlink(directory / "precious", directory / "tree/link");
  std::filesystem::create_symlink("/nowhere/at/all", directory / "tree/dangling");
  ASSERT_TRUE(remove_tree(disk, directory / "tree"));
  EXPECT_EQ(*disk.list(directory.path()), std::vector<std::string>{"precious"});
  EXPECT_EQ(*disk.list(directory / "precious"), std::vector<std::string>{"file"});
  EXPECT_TRUE(remove_tree(disk, directory / "tree")) << "absent is fine";
  ASSERT_TRUE(remove_tree(disk, directory / "precious/file"));
  EXPECT_TRUE(disk.list(directory / "precious")->empty());
}

TEST_F(PathsOnDisk, RemoveEmptyFolderLeavesALinkAndWhatIsBehindIt) {
  const std::string folder = directory / "folder", link = directory / "link";
  ASSERT_TRUE(disk.make_directory(folder));
  std::filesystem::create_directory_symlink(folder, link);
  EXPECT_TRUE(remove_empty_folder(disk, link));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_TRUE(std::filesystem::exists(folder));
  EXPECT_TRUE(remove_empty_folder(disk, folder));
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(PathsOnDisk, FilesBelowLeaveOutWhatIsTheFileSystemsOwn) {
  ASSERT_TRUE(make_directories(disk, directory / "mounted/lost+found"));
  ASSERT_TRUE(make_directories(disk, directory / "mounted/inside/lost+found"));
  ASSERT_TRUE(disk.create(directory / "mounted/lost+found/#12"));
  ASSERT_TRUE(disk.create(directory / "mounted/inside/lost+found/ours"));
  EXPECT_EQ(files_below(disk, directory / "mounted").value(), std::vector<std::string>{"inside/lost+found/ours"});
}

TEST_F(PathsOnDisk, FilesBelowAreRelativeAndSortedAsWhole) {
  ASSERT_TRUE(make_directories(disk, directory / "a/empty"));
  for (const char* name : {"a/z", "a.b", "c"}) write(directory / name, name);
  EXPECT_EQ(*files_below(disk, directory.path()), (std::vector<std::string>{"a.b", "a/z", "c"}));
  EXPECT_EQ(files_below(disk, directory / "absent").error().code, Code::not_found);
  EXPECT_EQ(bytes_below(disk, directory.path()), 7u);
  EXPECT_EQ(bytes_below(disk, directory / "absent"), 0u);
}

TEST_F(PathsOnDisk, DigestOfAFileIsThatOfItsBytes_AtEveryLengthAroundAPiece) {
  for (const size_t length : {size_t{0}, size_t{1}, size_t{262143}, size_t{262144}, size_t{262145}, size_t{700'001}}) {
    std::string bytes(length, '\0');
    for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<char>(i * 31 + i / 977);
    write(path, bytes);
    EXPECT_EQ(*sha256_of_file(disk, path), sha256_hex(bytes)) << length;
    size_t longest = 0;
    std::string together;
    ASSERT_TRUE(for_each_piece(disk, path, [&](std::string_view piece) -> Status {
      longest = std::max(longest, piece.size());
      together += piece;
      return {};
    }));
    EXPECT_EQ(together, bytes);
    EXPECT_LE(longest, 256u * 1024);
  }
  EXPECT_EQ(sha256_of_file(disk, directory / "absent").error().code, Code::not_found);
}

TEST_F(PathsOnDisk, VisitorStopsTheReading) {
  write(path, std::string(600'000, 'x'));
  int pieces = 0;
  const Status stopped = for_each_piece(disk, path, [&](std::string_view) -> Status {
    ++pieces;
    return fail(Code::cancelled, "enough");
  });
  EXPECT_EQ(stopped.error().code, Code::cancelled);
  EXPECT_EQ(pieces, 1);
}

}  // namespace
}  // namespace rollproof::os
