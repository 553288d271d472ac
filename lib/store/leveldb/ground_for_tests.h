// What the tests of this folder start from: a world on a temporary folder or on a disk in memory, stores in it, and stock LevelDB.
#pragma once

#include <gtest/gtest.h>
#include <leveldb/db.h>
#include <leveldb/write_batch.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/posix_world.h"
#include "lib/store/leveldb/disk_for_tests.h"
#include "lib/store/leveldb/level.h"

namespace rollproof::store::level::testing_ground {

using Records = std::map<std::string, std::string>;

inline record::Change put(std::string key, std::string value) { return {record::Change::Kind::put, std::move(key), std::move(value)}; }
inline record::Change remove(std::string key) { return {record::Change::Kind::remove, std::move(key), ""}; }

inline Result<Records> read_all(Store& store) {
  Records all;
  ROLLPROOF_ASSIGN(auto cursor, store.scan());
  record::Record record;
  while (true) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return all;
    if (!all.emplace(record.key, record.value).second) return fail(Code::internal, "twice: " + record.key);
  }
}

// A value of `size` bytes that does not compress away.
inline std::string noise(uint64_t seed, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<char>(seed >> 56);
  }
  return bytes;
}

class Ground {
 public:
  explicit Ground(bool single_threaded = true) {
    std::string pattern = ::testing::TempDir() + "rollproof-level-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    where = {"leveldb", root_ + "/db"};
    world.single_threaded = single_threaded;
  }
  ~Ground() { (void)os::remove_tree(files, root_); }

  Result<std::unique_ptr<Store>> open(const OpenOptions& options, const Tuning& tuning = {}) {
    return level::open(world, where, options, tuning);
  }
  std::string at(const std::string& name) const { return os::join(where.path, name); }

  // The bytes of every file of the database.
  Records image() {
    Records all;
    const auto names = os::files_below(files, where.path);
    for (const auto& name : *names) all[name] = *os::read_file(files, at(name));
    return all;
  }
  void write_image(const Records& image) {
    ASSERT_TRUE(os::remove_tree(files, where.path));
    ASSERT_TRUE(files.make_directory(where.path));
    for (const auto& [name, bytes] : image) {
      auto file = files.create(at(name));
      ASSERT_TRUE(file && (*file)->write_at(0, bytes) && (*file)->close());
    }
  }

  // Stock LevelDB with its own Env; `work` gets the open database.
  void with_stock_leveldb(const std::function<void(leveldb::DB&)>& work, size_t write_buffer = 64 * 1024) {
    leveldb::Options options;
    options.create_if_missing = true;
    options.write_buffer_size = write_buffer;
    leveldb::DB* db = nullptr;
    const auto status = leveldb::DB::Open(options, where.path, &db);
    ASSERT_TRUE(status.ok()) << status.ToString();
    work(*db);
    // Otherwise LevelDB breaks a compaction off, and leaves tables behind that nothing refers to.
    db->CompactRange(nullptr, nullptr);
    delete db;
  }

  os::PosixFileSystem files;
  os::PosixWorld posix;
  os::World world = posix.world();
  Where where;

 private:
  std::string root_;
};

// The same on a disk in memory.
class MemoryGround {
 public:
  Result<std::unique_ptr<Store>> open(const OpenOptions& options, const Tuning& tuning = {}) {
    return level::open(world, where, options, tuning);
  }

  TestDisk disk;
  os::PosixWorld posix{true};
  os::World world = posix.with_files(disk);
  Where where{"leveldb", "/db"};
};

inline constexpr Tuning kTiny{.write_buffer_bytes = 64 * 1024, .table_bytes = 1 << 20};

}  // namespace rollproof::store::level::testing_ground
