// Files of a store keep their mode when they are replaced, and new ones are for the same eyes as their neighbours.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/store/store.h"

namespace rollproof::store {
namespace {

class StoreAccess : public ::testing::TestWithParam<const char*> {
 protected:
  void write(const record::Batch& batch) {
    auto store = open(posix_.world(), where_, {.create = true});
    ASSERT_TRUE(store) << store.error().to_string();
    ASSERT_TRUE((*store)->apply(batch));
    const auto closed = (*store)->close();
    ASSERT_TRUE(closed) << closed.error().to_string();
  }
  std::vector<std::string> files() const { return *os::files_below(posix_.world().files, where_.path); }
  struct stat of(const std::string& name) const {
    struct stat info = {};
    EXPECT_EQ(::stat(os::join(where_.path, name).c_str(), &info), 0) << name;
    return info;
  }
  void give_all_to_somebody(mode_t mode) {
    for (const std::string& name : files()) {
      const std::string path = os::join(where_.path, name);
      ASSERT_EQ(::chmod(path.c_str(), mode), 0);
      if (::geteuid() != 0) continue;
      ASSERT_EQ(::chown(path.c_str(), 4711, 4712), 0);
    }
  }

  mutable os::PosixWorld posix_{true};
  os::ScratchDirectory scratch_;
  const Where where_{GetParam(), scratch_ / "store"};
};

TEST_P(StoreAccess, IsThatOfTheOldFiles_WhenTheyAreReplaced_AndOfTheNeighbours_WhenTheyAreNew) {
  write({{record::Change::Kind::put, "56-A", R"({"a":1})"}});
  give_all_to_somebody(0600);
  const struct stat given = of(files().front());
  write({{record::Change::Kind::put, "56-B", R"({"b":1})"}, {record::Change::Kind::put, "97-C", R"({"c":1})"}, {record::Change::Kind::put, "odd", "\xff"}});
  for (const std::string& name : files()) {
    EXPECT_EQ(of(name).st_mode & 07777, 0600u) << name;
    EXPECT_EQ(of(name).st_uid, given.st_uid) << name;
    EXPECT_EQ(of(name).st_gid, given.st_gid) << name;
  }
}

TEST_P(StoreAccess, IsTheDefault_WhenTheStoreIsNew) {
  write({{record::Change::Kind::put, "56-A", R"({"a":1})"}});
  const mode_t mask = ::umask(0);
  ::umask(mask);
  for (const std::string& name : files()) EXPECT_EQ(of(name).st_mode & 07777, 0666u & ~mask) << name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreAccess, ::testing::Values("leveldb", "unified-json", "network-json"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace rollproof::store
