// The ground that this room's tests stand on: a scratch folder with a copy of the LookCoin fixture as the source, legacy JSON and a
// configuration, and a door to files that can die at any changing call and knows what has not been synced. Only tests include this.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "lib/backup/take.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::backup {

class MortalFileSystem final : public os::FileSystem {
 public:
  explicit MortalFileSystem(os::FileSystem& below) : below_(below) {}

  int calls = 0;      // that change something
  int dies_at = -1;   // from this one on nothing works any more
  std::set<std::string> unsynced;                       // files and folders
  std::function<void(const std::string& call, const std::string& path)> before_call;
  std::function<std::unique_ptr<os::File>(const std::string& path)> opens_instead;  // may answer null
  std::string lists_not;   // for want of memory: paths that end so

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override { return below_.open_write(path); }
  Result<std::unique_ptr<os::File>> create(const std::string& path) override;
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override {
    ROLLPROOF_TRY(change("rename", from));
    unsynced.insert(os::parent_of(to));
    return below_.rename(from, to);
  }
  Status remove(const std::string& path) override {
    ROLLPROOF_TRY(change("remove", path));
    unsynced.erase(path);
    unsynced.insert(os::parent_of(path));
    return below_.remove(path);
  }
  Status make_directory(const std::string& path) override {
    ROLLPROOF_TRY(change("make_directory", path));
    unsynced.insert(os::parent_of(path));
    return below_.make_directory(path);
  }
  Status remove_directory(const std::string& path) override {
    ROLLPROOF_TRY(change("remove_directory", path));
    unsynced.erase(path);
    return below_.remove_directory(path);
  }
  Status sync_directory(const std::string& path) override {
    ROLLPROOF_TRY(change("sync_directory", path));
    unsynced.erase(path);
    return below_.sync_directory(path);
  }
  Result<os::Info> stat(const std::string& path) override { return below_.stat(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    if (!lists_not.empty() && path.ends_with(lists_not)) return fail(os::error_of_errno(ENOMEM, "list", path));
    return below_.list(path);
  }
  Result<uint64_t> free_bytes(const std::string& path) override { return below_.free_bytes(path); }
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string& holder) override {
    ROLLPROOF_TRY(change("lock", path));
    unsynced.insert(os::parent_of(path));
    return below_.lock(path, holder);
  }

  Status change(const char* call, const std::string& path) {
    if (before_call) before_call(call, path);
    if (dies_at >= 0 && calls >= dies_at) return fail(Code::io, "the process is dead", path);
    ++calls;
    return {};
  }

 private:
  class MortalFile final : public os::File {
   public:
    MortalFile(std::unique_ptr<os::File> below, MortalFileSystem& door, std::string path) : below_(std::move(below)), door_(door), path_(std::move(path)) {}
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override { return below_->read_at(offset, out); }
    Status write_at(uint64_t offset, std::string_view bytes) override {
      ROLLPROOF_TRY(door_.change("write", path_));
      door_.unsynced.insert(path_);
      return below_->write_at(offset, bytes);
    }
    Status sync() override {
      ROLLPROOF_TRY(door_.change("sync", path_));
      door_.unsynced.erase(path_);
      return below_->sync();
    }
    Status truncate(uint64_t size) override { return below_->truncate(size); }
    Status preallocate(uint64_t size) override { return below_->preallocate(size); }
    Result<uint64_t> size() const override { return below_->size(); }
    Status close() override { return below_->close(); }

   private:
    std::unique_ptr<os::File> below_;
    MortalFileSystem& door_;
    const std::string path_;
  };

  Result<std::unique_ptr<os::File>> made(const std::string& path, Result<std::unique_ptr<os::File>> file) {
    if (!file) return file;
    unsynced.insert(path);
    unsynced.insert(os::parent_of(path));
    return std::unique_ptr<os::File>(std::make_unique<MortalFile>(std::move(*file), *this, path));
  }

  os::FileSystem& below_;
};

inline Result<std::unique_ptr<os::File>> MortalFileSystem::open_read(const std::string& path) {
  if (opens_instead) {
    if (auto other = opens_instead(path)) return other;
  }
  return below_.open_read(path);
}
inline Result<std::unique_ptr<os::File>> MortalFileSystem::create(const std::string& path) {
  ROLLPROOF_TRY(change("create", path));
  return made(path, below_.create(path));
}
inline Result<std::unique_ptr<os::File>> MortalFileSystem::create_new(const std::string& path) {
  ROLLPROOF_TRY(change("create", path));
  return made(path, below_.create_new(path));
}

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    std::filesystem::copy(ROLLPROOF_SOURCE_DIR "/fixtures/lookcoin-28", source(), std::filesystem::copy_options::recursive);
    std::filesystem::create_directories(scratch_ / "legacy/old");
    write(scratch_ / "legacy/bsc.json", "{\"a\": 1}\n");
    write(scratch_ / "legacy/old/odd \\ name.json", "{broken");
    write(scratch_ / "rollproof.json", "// comments are allowed\n{}\n");
  }

  std::string source() const { return scratch_ / "source"; }
  Request request(const std::string& migration = "m-1") const {
    return {.root = scratch_ / "backups",
            .migration_id = migration,
            .position = 7,
            .source = {"leveldb", source()},
            .configuration = scratch_ / "rollproof.json",
            .legacy_json = scratch_ / "legacy"};
  }
  Backup taken(const std::string& migration = "m-1") {
    auto backup = take(world_.world(), request(migration));
    EXPECT_TRUE(backup.has_value()) << (backup ? "" : backup.error().to_string());
    return backup ? *backup : Backup{};
  }
  void write(const std::string& path, const std::string& bytes) { ASSERT_TRUE(os::replace_file(world_.world().files, path, bytes)); }
  std::string read(const std::string& path) { return os::read_file(world_.world().files, path).value(); }
  // Every file below a folder with its bytes.
  std::map<std::string, std::string> contents(const std::string& folder) {
    std::map<std::string, std::string> all;
    const auto names = os::files_below(world_.world().files, folder).value();
    for (const std::string& name : names) all[name] = read(folder + "/" + name);
    return all;
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld world_{true};
};

}  // namespace rollproof::backup
