// What the tests of this folder start from: a world on a temporary folder, stores in it, and stock LevelDB beside them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/posix_world.h"
#include "lib/store/leveldb/level.h"

namespace rollproof::store::level::testing_ground {

class Ground {
 public:
  using Records = std::map<std::string, std::string>;

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

  static Records records(Store& store) {
    Records all;
    auto cursor = store.scan();
    EXPECT_TRUE(cursor);
    record::Record record;
    while (true) {
      auto more = (*cursor)->next(record);
      EXPECT_TRUE(more) << more.error().to_string();
      if (!more || !*more) return all;
      EXPECT_TRUE(all.emplace(record.key, record.value).second) << "twice: " << record.key;
    }
  }

  const std::string& root() const { return root_; }
  std::string at(const std::string& name) const { return os::join(where.path, name); }

  os::PosixFileSystem files;
  os::PosixWorld posix;
  os::World world = posix.world();
  Where where;

 private:
  std::string root_;
};

}  // namespace rollproof::store::level::testing_ground
