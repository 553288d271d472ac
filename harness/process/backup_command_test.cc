// backup restore, quality and list as a person meets them.
#include <filesystem>

#include "harness/process/ground_test.h"
#include "harness/process/traced.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;

class BackupCommand : public CommandLine {
 protected:
  std::string newest() {
    std::vector<std::string> names;
    for (const auto& at : fs::directory_iterator(given.path("backups"))) names.push_back(at.path().filename().string());
    std::sort(names.begin(), names.end());
    return names.empty() ? "" : names.back();
  }
  std::string aside() {
    for (const auto& at : fs::directory_iterator(given.folder())) {
      if (at.path().filename().string().starts_with("source.before-restore-")) return at.path().string();
    }
    return "";
  }
  std::map<std::string, std::string> bytes_below(const std::string& folder) {
    std::map<std::string, std::string> all;
    for (const auto& at : fs::recursive_directory_iterator(folder)) {
      if (!at.is_regular_file()) continue;
      std::ifstream file(at.path());
      all[fs::relative(at.path(), folder).string()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }
};

TEST_F(BackupCommand, RestoresTheBackupsVeryFiles_WhenNoMigrationIsActive) {
  begin();
  expect({"backup", "create"}, 0);
  const std::string id = newest();
  expect({"put", "56-Later", "1"}, 0);
  expect({"delete", given.expected().begin()->first}, 0);
  const Footprint before = footprint_of(given.folder());
  const std::string plan = output_of({"backup", "restore", id});
  EXPECT_NE(plan.find("2 differ"), std::string::npos) << plan;
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
  const auto old_bytes = bytes_below(given.path("source"));
  expect({"backup", "restore", id, "--execute"}, 0, "2 differ");
  expect_source_as_expected();
  EXPECT_EQ(bytes_below(aside()), old_bytes);
  const auto in_backup = bytes_below(given.path("backups/" + id + "/leveldb/current"));
  const auto restored = bytes_below(given.path("source"));
  EXPECT_EQ(restored, in_backup);
  EXPECT_EQ(given.leftovers(false), "");
  expect({"migrate", "--execute"}, 0);
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
}

TEST_F(BackupCommand, PutsTheWritesSinceOnTop_WhileAMigrationIsActive) {
  begin({{"backup", "create"}});
  const std::string unsealed = newest();
  ASSERT_TRUE(given.must({"migrate", "--execute"}));
  ASSERT_TRUE(given.must({"put", "56-Before", "1"}));
  ASSERT_TRUE(given.must({"backup", "create"}));
  const std::string sealed = newest();
  ASSERT_TRUE(given.must({"put", "56-After", "2"}));
  ASSERT_TRUE(given.must({"delete", "56-Before"}));
  const std::string list = output_of({"backup", "list"});
  EXPECT_NE(list.find(", sealed at "), std::string::npos) << list;
  const Footprint before = footprint_of(given.path("source"));
  expect({"backup", "restore", unsealed, "--execute"}, 23, "has not sealed");
  EXPECT_EQ(difference(before, footprint_of(given.path("source"))), "");
  expect({"backup", "restore", sealed, "--execute"}, 0, "0 differ");
  expect_source_as_expected();
  expect({"verify"}, 0);
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
}

TEST_F(BackupCommand, ReplacesADamagedSource_WhileAMigrationIsActive) {
  begin({{"migrate", "--execute"}, {"put", "56-New", "1"}});
  const std::string id = newest();
  for (const auto& at : fs::directory_iterator(given.path("source"))) {
    if (at.path().filename().string().starts_with("MANIFEST")) fs::resize_file(at.path(), 20);
  }
  expect({"get", "56-New"}, 21);
  expect({"backup", "restore", id, "--execute"}, 0, "can not be read");
  expect_source_as_expected();
  expect({"verify"}, 0);
}

TEST_F(BackupCommand, RefusesADamagedBackup_AndJudgesIt) {
  begin({{"backup", "create"}});
  const std::string id = newest();
  const std::string good = output_of({"backup", "quality", id});
  EXPECT_NE(good.find("quality 100 of 100"), std::string::npos) << good;
  EXPECT_NE(good.find("no JSON"), std::string::npos) << good;
  std::ofstream(given.path("backups/" + id + "/leveldb/current/CURRENT"), std::ios::app) << "x";
  expect({"backup", "quality", id}, 26);
  expect({"backup", "list", "--verify"}, 26);
  const Footprint before = footprint_of(given.path("source"));
  expect({"backup", "restore", id, "--execute"}, 26, "CURRENT");
  EXPECT_EQ(difference(before, footprint_of(given.path("source"))), "");
  expect({"backup", "restore", "nothing", "--execute"}, 28);
  EXPECT_EQ(given.leftovers(false), "");
}

TEST_F(BackupCommand, OfAnotherDatabase_IsRefused) {
  begin({{"backup", "create"}});
  const std::string id = newest();
  fs::copy(given.path("source"), given.path("another"), fs::copy_options::recursive);
  configure("{\"source\": \"leveldb:another\", \"target\": \"unified-json:target\"}");
  expect({"backup", "restore", id, "--execute"}, 23, "was taken of leveldb:");
  expect({"--yes", "backup", "restore", id, "--execute"}, 0);
}

// Killed before every rename and every few other changes: recover gives the old or the new source, whole.
TEST_F(BackupCommand, IsFinishedByRecover_WhenItIsKilled) {
  begin({{"backup", "create"}});
  const std::string id = newest();
  const Records restored = given.expected();
  ASSERT_TRUE(given.must({"put", "56-Later", "1"}));
  const Records old = given.expected();
  int kills = 0, finished = 0;
  for (uint64_t at = 0;; ++at) {
    auto copy = given.copy_to(scratch / "copy");
    ASSERT_TRUE(copy);
    bool renamed = false;
    const auto end = run_traced(copy->command({"backup", "restore", id, "--execute"}), [&](const Call& call, int) {
      renamed = renamed || (call.name.starts_with("rename") && call.path.ends_with("source"));
      return call.ordinal < at;
    });
    if (!end && end.error().code == Code::no_permission) GTEST_SKIP() << end.error().message;
    ASSERT_TRUE(end) << end.error().to_string();
    if (!end->killed) break;
    ++kills;
    const auto recovered = copy->rollproof({"recover"});
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered->exit_code, 0) << "killed before call " << at << "\n" << recovered->to_string();
    const auto records = copy->read_source();
    ASSERT_TRUE(records) << records.error().to_string() << " killed before call " << at;
    EXPECT_TRUE(*records == old || *records == restored) << "killed before call " << at;
    if (renamed) {
      EXPECT_TRUE(*records == restored) << "killed before call " << at;
      ++finished;
    }
    EXPECT_EQ(copy->leftovers(false), "") << "killed before call " << at;
    EXPECT_FALSE(fs::exists(copy->path("source.rollproof-restoring")));
    copy->remove();
    if (HasFailure()) break;
  }
  EXPECT_GT(kills, 20);
  EXPECT_GT(finished, 2);
}

}  // namespace
}  // namespace rollproof::process
