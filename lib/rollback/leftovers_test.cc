#include "lib/rollback/leftovers.h"

#include <gtest/gtest.h>

#include "lib/rollback/ground_test.h"

namespace rollproof::rollback {
namespace {

void write(Workspace& given, const std::string& path) { ASSERT_TRUE(os::replace_file(given.world().files, path, "left\n")); }

std::string beside_configuration(const Workspace& given, std::string_view name) { return os::join(os::parent_of(given.config()), name); }

class ScriptLeftovers : public ::testing::TestWithParam<Phase> {};

TEST_P(ScriptLeftovers, AreSetAside_WhenTheMigrationIsRolledBack) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(GetParam()));
  const std::string aside = os::join(given.state("set-aside"), given.look().migration);
  for (const auto name : kScriptStateFiles) write(given, beside_configuration(given, name));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  for (const auto name : kScriptStateFiles) {
    EXPECT_FALSE(given.is_there(beside_configuration(given, name))) << name;
    const auto kept = os::read_file(given.world().files, os::join(aside, name));
    EXPECT_TRUE(kept && *kept == "left\n") << name << ": what is not ours is never deleted";
  }
  expect_as_before(given, given.original);
}

INSTANTIATE_TEST_SUITE_P(Phases, ScriptLeftovers, ::testing::Values(Phase::validate, Phase::dual_write, Phase::copy, Phase::cutover));

TEST(ScriptLeftovers, InATargetThatTheMigrationMade_AreRemovedWithIt) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  write(given, os::join(given.target(), "bscmainnet.json.partial"));
  write(given, os::join(given.target(), "bscmainnet.json.tmp"));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  expect_as_before(given, given.original);
}

TEST(ScriptLeftovers, InATargetThatWasThereBefore_AreSomebodyElses) {
  Workspace given;
  ASSERT_TRUE(os::make_directories(given.world().files, given.target()));
  const std::string file = os::join(given.target(), "theirs.json.tmp");
  write(given, file);
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  EXPECT_TRUE(given.is_there(file));
}

TEST(ScriptLeftovers, StayAsLongAsTheMigrationIsKept) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::cutover));
  write(given, beside_configuration(given, ".dual-write-config"));
  ASSERT_TRUE(given.rollback_to(Phase::dual_write));
  EXPECT_TRUE(given.is_there(beside_configuration(given, ".dual-write-config")));
}

}  // namespace
}  // namespace rollproof::rollback
