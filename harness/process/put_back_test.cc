// Somebody moves stores about while a migration runs, or behind its end: a copy is put back, a folder is linked, a database is closed in the middle of a
// compaction. Whatever is printed then works.
#include <filesystem>

#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;

class PutBack : public CommandLine {
 protected:
  fs::path path(const char* name) const { return given.path(name); }
  void keep(const char* store) { fs::copy(path(store), scratch / "kept", fs::copy_options::recursive); }
  void put_back(const char* store) {
    fs::remove_all(path(store));
    fs::rename(scratch / "kept", path(store));
  }
  // What LevelDB leaves of a compaction that it was closed in.
  void leave_a_table() {
    fs::path table;
    for (const auto& item : fs::directory_iterator(path("source"))) {
      if (item.path().extension() == ".ldb") table = item.path();
    }
    ASSERT_FALSE(table.empty());
    fs::copy(table, path("source") / "000099.ldb");
  }
};

// Nobody has written it: taken over, it would undo what was acknowledged since, whatever its owner types.
TEST_F(PutBack, AnOlderSourceIsNotTakenOver_AndARollbackHasEveryWrite) {
  begin({{"migrate", "--through", "dual-write", "--execute"}});
  keep("source");
  ASSERT_TRUE(given.must({"put", "56-Later", "1"}));
  put_back("source");
  EXPECT_NE(output_of({"verify"}, 21).find("differences"), std::string::npos) << "who is refused is told to look here";
  for (const char* phase : {"copy", "dual-write"}) {
    expect({"migrate", "--phase", phase, "--execute"}, 21, "rollproof rollback --execute");
    expect({"--yes", "migrate", "--phase", phase, "--execute"}, 21, "rollproof rollback --execute");
  }
  expect({"get", "56-Later"}, 21, "an older copy of the source");
  expect({"rollback", "--execute"}, 0, "is kept at");
  expect({"get", "56-Later"}, 0);
  expect({"doctor"}, 0);
}

TEST_F(PutBack, AnOlderTargetIsOurs_AndARollbackTakesItAway) {
  begin({{"migrate", "--through", "copy", "--execute"}});
  keep("target");
  ASSERT_TRUE(given.must({"put", "56-Later", "1"}));
  put_back("target");
  expect({"get", "56-Later"}, 21, "an older copy of the target");
  expect({"rollback", "--execute"}, 0);
  EXPECT_FALSE(fs::exists(path("target")));
  expect({"get", "56-Later"}, 0);
}

TEST_F(PutBack, ATargetBehindTheEndIsSaidToBeThat) {
  begin({{"migrate", "--execute"}});
  keep("target");
  ASSERT_TRUE(given.must({"rollback", "--execute"}));
  put_back("target");
  EXPECT_NE(output_of({"doctor"}, 27).find("somebody has put it back"), std::string::npos);
  expect({"migrate", "--execute"}, 23, "which has ended: somebody has put it back");
  fs::remove_all(path("target"));
  expect({"migrate", "--execute"}, 0);
}

TEST_F(PutBack, AFolderThatWasMovedAndLinkedStaysEmpty_AndTheRollbackEnds) {
  begin({{"migrate", "--execute"}});
  fs::rename(path("target"), scratch / "volume");
  fs::create_directory_symlink(scratch / "volume", path("target"));
  expect({"rollback", "--execute"}, 0);
  EXPECT_TRUE(fs::is_symlink(path("target")));
  EXPECT_TRUE(fs::is_empty(scratch / "volume"));
  expect({"doctor"}, 0);
}

TEST_F(PutBack, ATableThatNobodyRefersToGoes_WhenItsOwnerSaysSo) {
  begin({{"migrate", "--through", "copy", "--execute"}});
  for (const Arguments& way : {Arguments{"--yes", "migrate", "--phase", "copy", "--execute"}, {"--yes", "rollback", "--execute"}}) {
    leave_a_table();
    for (int attempt = 0; attempt < 2; ++attempt) expect({"put", "56-Later", "1"}, 23, "`rollproof --yes rollback --execute`");
    expect({"rollback", "--execute"}, 23, "`rollproof --yes migrate --phase copy --execute`");
    EXPECT_TRUE(fs::exists(path("source") / "000099.ldb"));
    expect(way, 0, "another program changed files of the source");
    EXPECT_FALSE(fs::exists(path("source") / "000099.ldb"));
    expect({"put", "56-Later", "1"}, 0);
  }
}

TEST_F(PutBack, WithADamagedBackupTheWayBackIsNamed) {
  begin({{"migrate", "--through", "dual-write", "--execute"}});
  for (const auto& item : fs::recursive_directory_iterator(path("backups"))) {
    if (item.path().filename() == "SHA256SUMS") std::ofstream(item.path(), std::ios::app) << "x";
  }
  leave_a_table();
  expect({"get", "56-LookCoin"}, 23, "rollproof --yes rollback --execute");
}

}  // namespace
}  // namespace rollproof::process
