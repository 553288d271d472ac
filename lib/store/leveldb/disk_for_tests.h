// A disk in memory that writes down every call, fails one on request, and can lose its power: what was not synced is then gone
// (files: their unsynced bytes, or some of their sectors; folders: unsynced names). Small on purpose; the drills have a better one.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/os/paths.h"

namespace rollproof::store::level::testing_ground {

class TestDisk final : public os::FileSystem {
 public:
  struct Inode {
    std::string now;
    std::string durable;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  TestDisk() = default;
  // The same contents, durable and not; a copy begins without calls, failures and locks.
  TestDisk(const TestDisk& from) : folders(from.folders) {
    std::map<const Inode*, std::shared_ptr<Inode>> inodes;
    const auto copied = [&](const Names& originals) {
      Names result;
      for (const auto& [name, inode] : originals) {
        auto& own = inodes[inode.get()];
        if (!own) own = std::make_shared<Inode>(*inode);
        result[name] = own;
      }
      return result;
    };
    names = copied(from.names);
    durable_names = copied(from.durable_names);
  }

  std::vector<std::string> calls;         // "create /db/000003.log"
  int64_t fail_at = -1;                   // the index of the changing call that fails
  std::string fail_on;                    // the beginning of every call that fails; none if empty
  bool skip_directory_syncs = false;      // as if they were never asked for

  // Unsynced names go; of unsynced bytes a sector stays if `keep(path, sector)`, otherwise it has its durable bytes or zeros.
  void lose_power(const std::function<bool(const std::string&, uint64_t)>& keep = nullptr) {
    names = durable_names;
    for (auto& [path, inode] : names) {
      std::string image = inode->durable;
      bool kept_any = false;
      for (uint64_t sector = 0; keep && sector * 512 < inode->now.size(); ++sector) {
        const std::string bytes = inode->now.substr(sector * 512, 512);
        if (inode->durable.substr(std::min<uint64_t>(sector * 512, inode->durable.size()), 512) == bytes) continue;
        if (!keep(path, sector)) continue;
        if (image.size() < sector * 512 + bytes.size()) image.resize(sector * 512 + bytes.size());
        image.replace(sector * 512, bytes.size(), bytes);
        kept_any = true;
      }
      if (kept_any && image.size() < inode->now.size()) image.resize(inode->now.size());
      inode->now = inode->durable = image;
    }
    locks.clear();
  }

  Names names;
  Names durable_names;
  std::set<std::string> folders{"/"};
  std::set<std::string> locks;

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override { return handle(path); }
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override { return handle(path); }
  Result<std::unique_ptr<os::File>> create(const std::string& path) override {
    ROLLPROOF_TRY(note("create " + path));
    names[path] = std::make_shared<Inode>();
    return handle(path);
  }
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override {
    if (names.contains(path)) return fail(Code::already_exists, "is there", path);
    return create(path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (!names.contains(from)) return fail(Code::not_found, "no such file", from);
    ROLLPROOF_TRY(note("rename " + from + " " + to));
    names[to] = names[from];
    names.erase(from);
    return {};
  }
  Status remove(const std::string& path) override {
    ROLLPROOF_TRY(note("remove " + path));
    if (names.erase(path) == 0) return fail(Code::not_found, "no such file", path);
    return {};
  }
  Status make_directory(const std::string& path) override {
    if (folders.contains(path)) return fail(Code::already_exists, "is there", path);
    ROLLPROOF_TRY(note("mkdir " + path));
    folders.insert(path);
    return {};
  }
  Status remove_directory(const std::string& path) override {
    ROLLPROOF_TRY(note("rmdir " + path));
    folders.erase(path);
    return {};
  }
  Status sync_directory(const std::string& path) override {
    if (!folders.contains(path)) return fail(Code::not_found, "no such folder", path);
    ROLLPROOF_TRY(note("syncdir " + path));
    if (skip_directory_syncs) return {};
    std::erase_if(durable_names, [&](const auto& entry) { return os::parent_of(entry.first) == path; });
    for (const auto& [name, inode] : names) {
      if (os::parent_of(name) == path) durable_names[name] = inode;
    }
    return {};
  }
  Result<os::Info> stat(const std::string& path) override {
    if (folders.contains(path)) return os::Info{.kind = os::Kind::directory};
    if (!names.contains(path)) return fail(Code::not_found, "no such file", path);
    return os::Info{.kind = os::Kind::file, .size = names[path]->now.size()};
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    if (!folders.contains(path)) return fail(Code::not_found, "no such folder", path);
    std::vector<std::string> found;
    for (const auto& entry : names) {
      if (os::parent_of(entry.first) == path) found.push_back(os::name_of_path(entry.first));
    }
    for (const auto& folder : folders) {
      if (folder != path && os::parent_of(folder) == path) found.push_back(os::name_of_path(folder));
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  Result<uint64_t> free_bytes(const std::string&) override { return uint64_t{1} << 40; }
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string&) override {
    if (!locks.insert(path).second) return fail(Code::locked, "held", path);
    if (!names.contains(path)) names[path] = std::make_shared<Inode>();
    return std::make_unique<Lock>(*this, path);
  }

  Status note(const std::string& call) {
    calls.push_back(call);
    const bool meant = static_cast<int64_t>(calls.size()) - 1 == fail_at || (!fail_on.empty() && call.starts_with(fail_on));
    if (meant) return fail(Code::io, "made to fail", call);
    return {};
  }

 private:
  struct Lock final : os::FileLock {
    Lock(TestDisk& disk, std::string path) : disk(disk), path(std::move(path)) {}
    ~Lock() override { disk.locks.erase(path); }
    TestDisk& disk;
    std::string path;
  };
  struct Handle final : os::File {
    Handle(TestDisk& disk, std::string path, std::shared_ptr<Inode> inode) : disk(disk), path(std::move(path)), inode(std::move(inode)) {}
    Result<size_t> read_at(uint64_t offset, std::span<char> out) const override {
      if (offset >= inode->now.size()) return size_t{0};
      const size_t count = std::min<size_t>(out.size(), inode->now.size() - offset);
      std::memcpy(out.data(), inode->now.data() + offset, count);
      return count;
    }
    Status write_at(uint64_t offset, std::string_view bytes) override {
      ROLLPROOF_TRY(disk.note("write " + path + " " + std::to_string(offset) + " " + std::to_string(bytes.size())));
      if (inode->now.size() < offset + bytes.size()) inode->now.resize(offset + bytes.size());
      inode->now.replace(offset, bytes.size(), bytes);
      return {};
    }
    Status sync() override {
      ROLLPROOF_TRY(disk.note("sync " + path));
      inode->durable = inode->now;
      return {};
    }
    Status truncate(uint64_t size) override {
      ROLLPROOF_TRY(disk.note("truncate " + path));
      inode->now.resize(size);
      return {};
    }
    Status preallocate(uint64_t size) override {
      if (inode->now.size() < size) inode->now.resize(size);
      return {};
    }
    Result<uint64_t> size() const override { return uint64_t{inode->now.size()}; }
    Status close() override { return {}; }
    TestDisk& disk;
    std::string path;
    std::shared_ptr<Inode> inode;
  };

  Result<std::unique_ptr<os::File>> handle(const std::string& path) {
    if (!names.contains(path)) return fail(Code::not_found, "no such file", path);
    return std::make_unique<Handle>(*this, path, names[path]);
  }
};

}  // namespace rollproof::store::level::testing_ground
