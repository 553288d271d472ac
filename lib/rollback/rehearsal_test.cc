#include "lib/rollback/rehearsal.h"

#include "lib/rollback/ground_test.h"

namespace rollproof::rollback {
namespace {

class RehearsalTest : public ::testing::Test {
 protected:
  using Contents = std::map<std::string, std::string>;
  Contents contents() {
    Contents all;
    const std::string root = os::parent_of(given_.config());
    const auto names = os::files_below(given_.world().files, root);
    EXPECT_TRUE(names);
    for (const std::string& name : *names) all[name] = *os::read_file(given_.world().files, os::join(root, name));
    return all;
  }
  // Rehearses, and nothing may be changed by it.
  Result<Rehearsal> rehearsed(const RollbackOptions& options = {}) {
    const Contents before = contents();
    auto rehearsal = rehearse(given_.world(), given_.config(), options, {});
    EXPECT_EQ(contents(), before);
    return rehearsal;
  }
  void flip_a_byte_in(const std::string& folder, const std::string& part) {
    const auto names = os::files_below(given_.world().files, folder);
    ASSERT_TRUE(names);
    for (const std::string& name : *names) {
      if (name.find(part) == std::string::npos) continue;
      std::string bytes = *os::read_file(given_.world().files, os::join(folder, name));
      bytes[bytes.size() / 2] ^= 1;
      ASSERT_TRUE(os::replace_file(given_.world().files, os::join(folder, name), bytes));
    }
  }
  Workspace given_;
};

TEST_F(RehearsalTest, SaysYes_WithWhatTheRollbackThenDoes) {
  ASSERT_TRUE(given_.migrate_through(Phase::cutover));
  ASSERT_TRUE(given_.put("56-New", "{}"));
  ASSERT_TRUE(given_.put("56-New", "{\"b\":2}"));
  const auto rehearsal = rehearsed();
  ASSERT_TRUE(rehearsal) << rehearsal.error().to_string();
  EXPECT_FALSE(rehearsal->why_not) << rehearsal->why_not->to_string();
  EXPECT_EQ(rehearsal->writes_kept, 2u);
  EXPECT_EQ(rehearsal->writes_quarantined, 0u);
  EXPECT_EQ(rehearsal->fact("records"), "4");
  EXPECT_TRUE(rehearsal->fact("compared_with").starts_with("backup "));
  EXPECT_EQ(rehearsal->fact("restored_from"), "");
  EXPECT_GT(rehearsal->target_files, 0u);
  std::vector<std::string> steps;
  for (const auto& [step, ms] : rehearsal->steps) steps.push_back(step);
  EXPECT_EQ(steps, (std::vector<std::string>{"check-source", "settle", "switch-back", "prove-source", "checks", "source-only", "remove-migrated", "release", "verify-restored", "end"}));
  ASSERT_TRUE(given_.rollback_to(std::nullopt));
  EXPECT_EQ(rehearsal->fact("digest"), given_.look().facts.at("rollback/prove-source").at("digest"));
}

TEST_F(RehearsalTest, CountsTheWritesThatTheSourceLacks_AfterAnInterruption) {
  ASSERT_TRUE(given_.migrate_through(Phase::cutover));
  const auto before = rehearsed();
  ASSERT_TRUE(before);
  EXPECT_EQ(before->writes_replayed, 0u);
  {
    auto session = Session::open(given_.world(), given_.config(), {});
    ASSERT_TRUE(session);
    auto router = (*session)->need_router();
    ASSERT_TRUE(router);
    ASSERT_TRUE((*router)->write({{record::Change::Kind::put, "56-Late", "{}"}, {record::Change::Kind::put, "56-Later", "{}"}}));
  }  // as a process that was killed
  const auto rehearsal = rehearsed();
  ASSERT_TRUE(rehearsal) << rehearsal.error().to_string();
  EXPECT_FALSE(rehearsal->why_not);
  EXPECT_EQ(rehearsal->writes_kept, before->writes_kept + 2);
  EXPECT_EQ(rehearsal->writes_replayed, 2u);
}

TEST_F(RehearsalTest, NamesDamage_AndWhatTheSourceWouldBeRestoredFrom) {
  ASSERT_TRUE(given_.migrate_through(Phase::copy));
  flip_a_byte_in(given_.source(), "MANIFEST");
  const auto rehearsal = rehearsed();
  ASSERT_TRUE(rehearsal) << rehearsal.error().to_string();
  EXPECT_FALSE(rehearsal->why_not) << rehearsal->why_not->to_string();
  EXPECT_NE(rehearsal->fact("damage").find("MANIFEST"), std::string::npos);
  EXPECT_TRUE(rehearsal->fact("restored_from").starts_with("backup "));
}

TEST_F(RehearsalTest, SaysNo_WhenNothingCanReplaceTheSource) {
  ASSERT_TRUE(given_.migrate_through(Phase::dual_write));
  flip_a_byte_in(given_.source(), "MANIFEST");
  flip_a_byte_in(os::join(os::parent_of(given_.config()), "backups"), "MANIFEST-");
  const auto rehearsal = rehearsed();
  ASSERT_TRUE(rehearsal) << rehearsal.error().to_string();
  ASSERT_TRUE(rehearsal->why_not);
  EXPECT_EQ(rehearsal->why_not->code, Code::needs_person);
  const auto outcome = given_.rollback_to(std::nullopt);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, rehearsal->why_not->code);
}

TEST_F(RehearsalTest, IsNotFound_WithoutAMigration) {
  const auto rehearsal = rehearsed();
  ASSERT_FALSE(rehearsal);
  EXPECT_EQ(rehearsal.error().code, Code::not_found);
}

TEST_F(RehearsalTest, SaysSo_WhenSomebodyIsAtWork) {
  ASSERT_TRUE(given_.migrate_through(Phase::copy));
  migrate::SessionOptions options;
  int asked = 0;
  options.progress = [&](const migrate::Progress& progress) {
    if (progress.step != "prove-source") return;
    const auto rehearsal = rehearse(given_.world(), given_.config(), {}, {});
    ASSERT_FALSE(rehearsal);
    EXPECT_EQ(rehearsal.error().code, Code::locked);
    EXPECT_NE(rehearsal.error().message.find("already in progress"), std::string::npos) << rehearsal.error().message;
    ++asked;
  };
  auto session = Session::open(given_.world(), given_.config(), options);
  ASSERT_TRUE(session);
  ASSERT_TRUE(rollback(**session, {}));
  EXPECT_EQ(asked, 1);
  ASSERT_TRUE((*session)->close());
}

}  // namespace
}  // namespace rollproof::rollback
