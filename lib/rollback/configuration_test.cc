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

class EditedConfiguration : public ::testing::Test {
 protected:
  std::string text() { return *os::read_file(given.world().files, given.config()); }
  void save(const std::string& text) { ASSERT_TRUE(os::replace_file(given.world().files, given.config(), text)); }
  // Every line end becomes `end`.
  static std::string with_line_ends(const std::string& text, const std::string& end) {
    std::string changed;
    for (const char c : text) c == '\n' ? changed += end : changed += c;
    return changed;
  }
  void expect_refused_until_recovered(const std::string& left) {
    const auto refused = given.put("56-New", "{}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused) << refused.error().to_string();
    EXPECT_NE(refused.error().hint.find("rollproof recover"), std::string::npos) << refused.error().hint;
    const auto recovered = recover(given.world(), given.config(), {});
    ASSERT_TRUE(recovered) << recovered.error().to_string();
    EXPECT_TRUE(recovered->had_work);
    EXPECT_NE(recovered->did.find("out of the configuration"), std::string::npos) << recovered->did;
    EXPECT_EQ(text(), left);
    EXPECT_FALSE(recover(given.world(), given.config(), {})->had_work);
    EXPECT_TRUE(given.put("56-New", "{}"));
  }

  Workspace given;
};

TEST_F(EditedConfiguration, LosesTheIdAndNothingElse_WhenItWasSavedWithOtherLineEnds) {
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  save(with_line_ends(text(), "\r\n"));
  ASSERT_TRUE(given.put("56-New", "{}"));
  const auto outcome = given.rollback_to(std::nullopt);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(text(), with_line_ends(given.config_text, "\r\n"));
  EXPECT_TRUE(given.migrate_through(Phase::copy));
}

TEST_F(EditedConfiguration, IsNotSaidToBeGivenBack_WhileItIsNoJson) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  const std::string with_id = text();
  const auto stopped = given.in_session([&](Session& session) {
    save(with_id.substr(0, with_id.size() - 3));
    return rollback(session, {std::nullopt, "test"});
  });
  ASSERT_FALSE(stopped);
  EXPECT_NE(stopped.error().to_string().find("not valid JSON"), std::string::npos) << stopped.error().to_string();
  EXPECT_NE(stopped.error().hint.find("rollproof rollback --execute"), std::string::npos) << stopped.error().hint;
  save(with_id);
  const auto again = given.rollback_to(std::nullopt);
  ASSERT_TRUE(again) << again.error().to_string();
  expect_as_before(given, given.original);
}

TEST_F(EditedConfiguration, IsFreedByRecover_WhenAnEditorPutsTheIdBackBehindTheEnd) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  const std::string first = text();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  save(first);
  expect_refused_until_recovered(given.config_text);
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  save(with_line_ends(first, "\r\n"));
  expect_refused_until_recovered(with_line_ends(given.config_text, "\r\n"));
}

TEST_F(EditedConfiguration, GetsItsOwnIdBack_WhenItCarriesThatOfAnEarlierMigration) {
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  const std::string first = text();
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  const std::string second = text();
  save(first);
  expect_refused_until_recovered(second);
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_EQ(text(), given.config_text);
}

}  // namespace
}  // namespace rollproof::rollback
