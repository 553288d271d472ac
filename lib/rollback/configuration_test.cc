// The user's configuration over a migration and its way back: a link, and what editors make of it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

class LinkedConfiguration : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(os::parent_of(real));
    std::filesystem::rename(given.config(), real);
    std::filesystem::create_symlink("etc/real.json", given.config());
    ASSERT_EQ(::chmod(real.c_str(), 0640), 0);
    if (::geteuid() != 0) return;
    ASSERT_EQ(::chown(real.c_str(), 4711, 4712), 0);
  }
  void expect_link() {
    EXPECT_TRUE(std::filesystem::is_symlink(given.config()));
    struct stat info = {};
    ASSERT_EQ(::stat(real.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0640u);
    EXPECT_EQ(info.st_uid, ::geteuid() == 0 ? 4711u : ::geteuid());
  }

  Workspace given;
  const std::string real = os::parent_of(given.config()) + "/etc/real.json";
};

TEST_F(LinkedConfiguration, StaysALink_AndWhatItLeadsToGetsTheIdAndGivesItBack) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  expect_link();
  EXPECT_NE(os::read_file(given.world().files, real)->find("\"migration_id\""), std::string::npos);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_link();
  EXPECT_EQ(*os::read_file(given.world().files, real), given.config_text);
}

TEST_F(LinkedConfiguration, LeavesNothingBesideWhatItLeadsTo_WhenAWriteWasInterrupted) {
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(os::replace_file(given.world().files, real + ".tmp", "half of"));
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_TRUE(recovered->had_work);
  EXPECT_FALSE(given.is_there(real + ".tmp"));
}

}  // namespace
}  // namespace rollproof::rollback
