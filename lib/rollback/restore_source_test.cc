// A source that takes another one's place is for the same eyes.
#include "lib/rollback/restore_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backup/list.h"
#include "lib/rollback/ground_test.h"

namespace rollproof::rollback {
namespace {

class RestoredSource : public ::testing::Test {
 protected:
  static struct stat of(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
    return info;
  }
  std::vector<std::string> source_paths() {
    std::vector<std::string> paths = {given.source()};
    const auto names = os::files_below(given.world().files, given.source());
    for (const std::string& name : names.value()) paths.push_back(os::join(given.source(), name));
    return paths;
  }
  void make_secret() {
    for (const std::string& path : source_paths()) {
      ASSERT_EQ(::chmod(path.c_str(), path == given.source() ? 0750 : 0600), 0);
      if (::geteuid() != 0) continue;
      ASSERT_EQ(::chown(path.c_str(), 4711, 4712), 0);
    }
  }
  void expect_secret() {
    const bool root = ::geteuid() == 0;
    for (const std::string& path : source_paths()) {
      EXPECT_EQ(of(path).st_mode & 07777, path == given.source() ? 0750u : 0600u) << path;
      EXPECT_EQ(of(path).st_uid, root ? 4711u : ::geteuid()) << path;
    }
  }
  void damage(const std::string& path) { ASSERT_TRUE(os::replace_file(given.world().files, path, "MANIFEST-000777\n")); }

  Workspace given;
};

TEST_F(RestoredSource, HasTheModesOfTheOldOne_FromTheBackup) {
  make_secret();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  ASSERT_TRUE(given.put("56-New", "{}"));
  expect_secret();
  damage(os::join(given.source(), "CURRENT"));
  const auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  ASSERT_TRUE(given.read("leveldb", given.source()).contains("56-New"));
  expect_secret();
}

TEST_F(RestoredSource, HasTheModesOfTheOldOne_FromTheRecordsOfTheTarget) {
  make_secret();
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  damage(os::join(given.source(), "CURRENT"));
  const auto listed = backup::list(given.world(), os::join(os::parent_of(given.config()), "backups"));
  ASSERT_TRUE(listed && listed->size() == 1u);
  damage(os::join(listed->front().path, "leveldb/current/CURRENT"));
  const auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(given.read("leveldb", given.source()), given.original);
  expect_secret();
}

}  // namespace
}  // namespace rollproof::rollback
