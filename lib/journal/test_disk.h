// For the tests of this room: a world in memory that remembers what is not durable yet. It knows just enough of power loss for the
// journal's own stories (writes lost sector by sector, names lost with their directory's sync); the drills have a real model.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "lib/os/paths.h"
#include "lib/os/world.h"

namespace rollproof::journal {

struct Unsynced {
  uint64_t offset;
  std::string bytes;
};

struct TestFile {
  std::string now;                // what a reader sees
  std::string durable;            // what is there after power loss, but for `unsynced`
  std::vector<Unsynced> unsynced;
};

using TestNames = std::map<std::string, std::shared_ptr<TestFile>>;

class TestDisk final : public os::FileSystem {
 public:
  TestNames now;
  TestNames durable;
  // Called with "write", "sync", "create", "rename", "sync_directory", "remove", … before each; an error is the call's outcome.
  std::function<Status(const std::string& call, const std::string& path)> before_call;

  // A disk of its own with the same contents, everything of it durable.
  static std::unique_ptr<TestDisk> of(const std::map<std::string, std::string>& contents) {
    auto disk = std::make_unique<TestDisk>();
    for (const auto& [path, bytes] : contents) disk->now[path] = std::make_shared<TestFile>(TestFile{bytes, bytes, {}});
    disk->durable = disk->now;
    return disk;
  }

  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& [path, file] : now) all[path] = file->now;
    return all;
  }

  // The contents after power loss if, of the unsynced sectors counted over all durable names in order, those with survives(i) made it.
  std::map<std::string, std::string> after_power_loss(const std::function<bool(size_t)>& survives, bool names_survive = false) const {
    std::map<std::string, std::string> all;
    size_t sector = 0;
    for (const auto& [path, file] : names_survive ? now : durable) {
      std::string bytes = file->durable;
      for (const Unsynced& write : file->unsynced) {
        for (size_t at = 0; at < write.bytes.size(); at += 512) {
          if (!survives(sector++)) continue;
          const std::string_view piece = std::string_view(write.bytes).substr(at, 512);
          if (bytes.size() < write.offset + at + piece.size()) bytes.resize(write.offset + at + piece.size());
          bytes.replace(write.offset + at, piece.size(), piece);
        }
      }
      all[path] = bytes;
    }
    return all;
  }

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override { return open(path); }
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override { return open(path); }
  Result<std::unique_ptr<os::File>> create(const std::string& path) override {
    ROLLPROOF_TRY(call("create", path));
    now[path] = std::make_shared<TestFile>();
    return open(path);
  }
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override {
    if (now.contains(path)) return fail(Code::already_exists, "create", path);
    return create(path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    ROLLPROOF_TRY(call("rename", to));
    if (!now.contains(from)) return fail(Code::not_found, "rename", from);
    now[to] = now[from];
    now.erase(from);
    return {};
  }
  Status remove(const std::string& path) override {
    ROLLPROOF_TRY(call("remove", path));
    if (now.erase(path) == 0) return fail(Code::not_found, "remove", path);
    return {};
  }
  Status make_directory(const std::string& path) override { return call("make_directory", path); }
  Status remove_directory(const std::string& path) override { return call("remove_directory", path); }
  Status sync_directory(const std::string& path) override {
    ROLLPROOF_TRY(call("sync_directory", path));
    std::erase_if(durable, [&](const auto& entry) { return os::parent_of(entry.first) == path; });
    for (const auto& entry : now) {
      if (os::parent_of(entry.first) == path) durable.insert(entry);
    }
    return {};
  }
  Result<os::Info> stat(const std::string& path) override {
    if (const auto found = now.find(path); found != now.end()) return os::Info{.kind = os::Kind::file, .size = found->second->now.size()};
    return os::Info{.kind = os::Kind::directory};  // every directory exists
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    for (const auto& [path, file] : now) {
      if (os::parent_of(path) == directory) names.push_back(os::name_of_path(path));
    }
    return names;
  }
  Result<uint64_t> free_bytes(const std::string&) override { return uint64_t{1} << 40; }
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string&) override {
    return fail(Code::internal, "the journal takes no lock", path);
  }

 private:
  class Handle final : public os::File {
   public:
    Handle(TestDisk& disk, std::string path, std::shared_ptr<TestFile> file)
        : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override {
      const std::lock_guard lock(disk_.mutex_);
      if (offset >= file_->now.size()) return size_t{0};
      const size_t length = std::min<size_t>(out.size(), file_->now.size() - offset);
      std::copy_n(file_->now.data() + offset, length, out.data());
      return length;
    }
    Status write_at(uint64_t offset, std::string_view bytes) override {
      ROLLPROOF_TRY(disk_.call("write", path_));
      const std::lock_guard lock(disk_.mutex_);
      if (file_->now.size() < offset + bytes.size()) file_->now.resize(offset + bytes.size());
      file_->now.replace(offset, bytes.size(), bytes);
      file_->unsynced.push_back({offset, std::string(bytes)});
      return {};
    }
    Status sync() override {
      ROLLPROOF_TRY(disk_.call("sync", path_));
      const std::lock_guard lock(disk_.mutex_);
      file_->durable.resize(file_->now.size());
      for (const Unsynced& write : file_->unsynced) file_->durable.replace(write.offset, write.bytes.size(), write.bytes);
      file_->unsynced.clear();
      return {};
    }
    Status truncate(uint64_t size) override {
      ROLLPROOF_TRY(disk_.call("truncate", path_));
      file_->now.resize(size);
      return {};
    }
    Status preallocate(uint64_t size) override {
      ROLLPROOF_TRY(disk_.call("preallocate", path_));
      if (file_->now.size() < size) file_->now.resize(size);
      return {};
    }
    Result<uint64_t> size() const override { return uint64_t{file_->now.size()}; }
    Status close() override { return {}; }

   private:
    TestDisk& disk_;
    const std::string path_;
    const std::shared_ptr<TestFile> file_;
  };

  Result<std::unique_ptr<os::File>> open(const std::string& path) {
    const auto found = now.find(path);
    if (found == now.end()) return fail(Code::not_found, "open", path);
    return std::make_unique<Handle>(*this, path, found->second);
  }
  Status call(const std::string& name, const std::string& path) { return before_call ? before_call(name, path) : Status{}; }

  std::mutex mutex_;  // for the contents of files; names are changed by one thread at a time
};

class TestClock final : public os::Clock {
 public:
  int64_t wall_ms() override { return 0; }
  int64_t monotonic_ms() override { return 0; }
  void sleep_ms(int64_t) override {}
};

class TestMemory final : public os::MemoryGauge {
 public:
  uint64_t used_bytes() override { return 0; }
  uint64_t limit_bytes() override { return 0; }
};

// Randomness is a constant, as in the recovery of a drill.
class TestIdentity final : public os::Identity {
 public:
  int64_t pid() override { return 1; }
  std::string user() override { return "user"; }
  std::string host() override { return "host"; }
  std::string boot_id() override { return "boot"; }
  uint64_t random64() override { return 0x1234567890abcdefULL; }
};

struct TestWorld {
  explicit TestWorld(os::FileSystem& files) : world{files, clock, memory, identity} {}
  TestClock clock;
  TestMemory memory;
  TestIdentity identity;
  os::World world;
};

}  // namespace rollproof::journal
