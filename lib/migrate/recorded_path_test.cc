#include "lib/migrate/recorded_path.h"

#include <gtest/gtest.h>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

Config config_in(const std::string& directory, const std::string& backups = "backups") {
  Config config;
  config.directory = directory;
  config.source.path = directory == "." ? "db" : os::join(directory, "db");
  config.backups = directory == "." ? backups : os::join(directory, backups);
  return config;
}

Seal seal_of(const std::string& path) { return Seal{.passed = true, .facts = {{"path", path}}}; }

TEST(RecordedPath, IsTheSame_FromEveryFolder) {
  for (const char* directory : {".", "proj", "../proj", "/srv/proj", "/"}) {
    const Config config = config_in(directory);
    const std::string path = os::join(config.backups, "migration-1");
    EXPECT_EQ(to_recorded(config, path), "backups/migration-1") << directory;
    EXPECT_EQ(from_recorded(config, "backups/migration-1"), path) << directory;
    EXPECT_EQ(beside_source(config, "elsewhere/db.rollproof-restoring"), ready_path(config)) << directory;
  }
}

TEST(RecordedPath, StaysAbsolute_WhereTheConfigurationNamesItSo) {
  EXPECT_EQ(to_recorded(config_in("proj"), "/backups/migration-1"), "/backups/migration-1");
  EXPECT_EQ(from_recorded(config_in("proj"), "/backups/migration-1"), "/backups/migration-1");
  EXPECT_EQ(to_recorded(config_in("proj"), "project/db"), "project/db");
}

class FindBackup : public ::testing::Test {
 protected:
  void make(const std::string& path) { ASSERT_TRUE(os::make_directories(files_, path)); }
  os::PosixFileSystem files_;
  os::ScratchDirectory scratch_;
};

TEST_F(FindBackup, LooksInTheFolderOfTheBackups_WhenAnEarlierVersionRecordedItFromAnotherFolder) {
  const Config config = config_in(scratch_ / "proj");
  make(scratch_ / "proj/backups/migration-1");
  for (const std::string& recorded : {std::string("backups/migration-1"), std::string("proj/backups/migration-1"), scratch_ / "moved/backups/migration-1"}) {
    const auto found = find_backup(files_, config, seal_of(recorded));
    ASSERT_TRUE(found) << found.error().to_string();
    EXPECT_EQ(*found, scratch_ / "proj/backups/migration-1") << recorded;
  }
}

TEST_F(FindBackup, FindsIt_WhenTheConfigurationNamesAnotherFolderNow) {
  const Config config = config_in(scratch_ / "proj", "new-backups");
  make(scratch_ / "proj/backups/migration-1");
  const auto found = find_backup(files_, config, seal_of("backups/migration-1"));
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(*found, scratch_ / "proj/backups/migration-1");
}

TEST_F(FindBackup, NamesWhereItShouldLie_WhenItIsNowhere) {
  EXPECT_EQ(shown_backup(files_, config_in(scratch_ / "proj"), seal_of("backups/migration-1")), scratch_ / "proj/backups/migration-1");
}

}  // namespace
}  // namespace rollproof::migrate
