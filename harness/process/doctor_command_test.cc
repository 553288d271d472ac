// `rollproof doctor` beside everything that it knows: it finds it, says where and what to type, and changes nothing.
#include <signal.h>
#include <stdlib.h>

#include <filesystem>

#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;

class DoctorCommand : public CommandLine {
 protected:
  // What others leave in the machine's folder for temporary files is none of this test's business.
  DoctorCommand() {
    fs::create_directories(scratch / "temporary");
    ::setenv("TMPDIR", (scratch / "temporary").c_str(), 1);
  }
  ~DoctorCommand() override { ::unsetenv("TMPDIR"); }

  // Runs it, demands findings that hold all of the texts, and no change of any file.
  void expect_findings(const std::vector<std::string>& texts) {
    const Footprint before = footprint_of(given.folder());
    const std::string found = output_of({"doctor"}, 27);
    for (const std::string& text : texts) EXPECT_NE(found.find(text), std::string::npos) << "wanted \"" << text << "\" in\n" << found;
    EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
  }
  void expect_nothing() {
    const Footprint before = footprint_of(given.folder());
    const std::string found = output_of({"doctor"});
    EXPECT_NE(found.find("nothing found"), std::string::npos) << found;
    EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
  }
  void leave(const std::string& name, const std::string& text = "x") {
    fs::create_directories(fs::path(given.path(name)).parent_path());
    std::ofstream(given.path(name)) << text;
  }
};

TEST_F(DoctorCommand, FindsNothing_WhereAllIsWell) {
  begin();
  expect_nothing();
  expect({"migrate", "--through", "copy", "--execute"}, 0);
  expect_nothing();
  expect({"migrate", "--execute"}, 0);
  expect_nothing();
  expect({"rollback", "--execute"}, 0);
  expect_nothing();
}

TEST_F(DoctorCommand, FindsLeftovers_OfOursAndOfTheDocuments) {
  begin({{"migrate", "--execute"}, {"rollback", "--execute"}});
  const std::vector<std::string> ours = {"rollproof.json.tmp", ".rollproof/audit.jsonl.tmp", ".rollproof/cancel", ".rollproof/progress.json", ".rollproof/lock",
                                         ".rollproof/reserve", "backups/.rollproof-partial-mig-1/x", "source.rollproof-restoring/CURRENT", "source/rollproof-obsolete/000001.log"};
  const std::vector<std::string> documents = {".dual-write-config", ".migration-state", ".migration-progress", "deployments/bsc.json.partial", "deployments/unified/a.json.tmp"};
  for (const auto& name : ours) leave(name);
  for (const auto& name : documents) leave(name);
  for (const char* name : {"/migration-1", "/state-manager-2", "/of-somebody-else"}) std::ofstream(scratch / "temporary" + name) << "x";
  expect_findings({"rollproof.json.tmp", "audit.jsonl.tmp", "cancel", "progress.json", "lock", "reserve", ".rollproof-partial-mig-1", "source.rollproof-restoring", "rollproof-obsolete",
                   "rollproof recover", ".dual-write-config", ".migration-state", ".migration-progress", "bsc.json.partial", "a.json.tmp", "not ours", "temporary/migration-1", "temporary/state-manager-2"});
  fs::remove(scratch / "temporary/migration-1");
  fs::remove(scratch / "temporary/state-manager-2");
  for (const auto& name : documents) fs::remove(given.path(name));
  for (const auto& name : ours) fs::remove_all(given.path(name));
  fs::remove_all(given.path("backups/.rollproof-partial-mig-1"));
  fs::remove_all(given.path("source.rollproof-restoring"));
  fs::remove_all(given.path("source/rollproof-obsolete"));
  expect_nothing();
}

TEST_F(DoctorCommand, NamesWhoeverIsAtWork_AndWhatWasInterrupted) {
  begin({{"migrate", "--through", "dual-write", "--execute"}});
  auto holder = Running::start(given.command({"migrate", "--execute"}));
  ASSERT_TRUE(holder);
  for (;;) {
    ASSERT_FALSE(holder->ended()) << "it was over before it was asked";
    const auto standing = standing_of(given);
    if (standing && standing->operation == "migrate") break;
  }
  ASSERT_TRUE(holder->hold());
  expect_findings({fmt::format("pid {}", holder->pid()), "rollproof cancel"});
  ASSERT_TRUE(holder->send(SIGKILL));
  ASSERT_TRUE(holder->wait(60'000));
  expect_findings({"interrupted: migrate", "rollproof recover"});
  expect({"recover"}, 0);
  expect_nothing();
}

TEST_F(DoctorCommand, FindsDamage_ForeignWrites_AndContradictions) {
  begin({{"migrate", "--execute"}});
  const std::string configuration = given.path("rollproof.json");
  std::ifstream file(configuration);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  file.close();

  leave("target/bscmainnet.unified.json", "{}");
  leave("source/900000.ldb", "a file of somebody else");
  expect_findings({"900000.ldb is new", "somebody else's writes"});
  fs::remove(given.path("source/900000.ldb"));

  std::string other = text;
  other.replace(other.find("unified-json:target"), 19, "unified-json:taregt");
  configure(other);
  expect_findings({"names other stores"});
  configure(text);

  for (const auto& backup : fs::directory_iterator(given.path("backups"))) std::ofstream(backup.path() / "BACKUP_MANIFEST.json", std::ios::app) << "x";
  std::ofstream(given.path(".rollproof/audit.jsonl"), std::ios::app) << "{\"position\":1}\n";
  expect_findings({"backup: damaged", "audit: line"});

  ::setenv("DUAL_WRITE_MODE", "false", 1);
  ::setenv("FORCE_LEVELDB_ONLY", "true", 1);
  ::setenv("SKIP_VALIDATION", "1", 1);
  expect_findings({"DUAL_WRITE_MODE=false", "FORCE_LEVELDB_ONLY=true: it asks for the source", "SKIP_VALIDATION=1", "unset SKIP_VALIDATION"});
  ::unsetenv("DUAL_WRITE_MODE");
  ::unsetenv("FORCE_LEVELDB_ONLY");
  ::unsetenv("SKIP_VALIDATION");
}

TEST_F(DoctorCommand, CallsNothingLeftOver_WhereTheJournalCanNotBeRead) {
  ASSERT_NO_FATAL_FAILURE(begin({{"migrate", "--through", "copy", "--execute"}}));
  std::fstream segment(given.path(".rollproof/journal/segment-00000001.rpj"), std::ios::in | std::ios::out | std::ios::binary);
  segment.seekp(1000);
  segment.put('\x55');
  segment.close();
  const std::string found = output_of({"doctor"}, 27);
  EXPECT_NE(found.find("journal: "), std::string::npos) << found;
  EXPECT_EQ(found.find("leftover"), std::string::npos) << "reserve and marker belong to the migration\n" << found;
}

// Behind a rollback nothing but the audit trail tells that there was a journal.
TEST_F(DoctorCommand, NamesTheMissingJournal_OfAMigrationThatHasEnded) {
  begin({{"migrate", "--execute"}, {"rollback", "--execute"}});
  fs::rename(given.path(".rollproof/journal"), given.path("journal-elsewhere"));
  expect_findings({"there is none", "--from-audit"});
  expect({"status"}, 21);
}

TEST_F(DoctorCommand, NamesTheIdOfAMigrationThatHasEnded_AndNoOtherBeginsOverIt) {
  begin({{"migrate", "--through", "dual-write", "--execute"}});
  fs::copy(given.path("rollproof.json"), given.path("with-id.json"));
  expect({"rollback", "--execute"}, 0);
  fs::copy(given.path("with-id.json"), given.path("rollproof.json"), fs::copy_options::overwrite_existing);
  expect_findings({"which has ended", "rollproof recover"});
  expect({"migrate", "--execute"}, 23);
  expect({"validate"}, 23);
}

// Of an earlier migration that has ended; the target may hold the newest writes.
TEST_F(DoctorCommand, NamesAJournalThatIsOlderThanTheTarget) {
  begin({{"migrate", "--execute"}, {"rollback", "--execute"}});
  for (const char* name : {".rollproof", "rollproof.json"}) fs::copy(given.path(name), given.path(std::string("old") + name), fs::copy_options::recursive);
  ASSERT_TRUE(given.must({"migrate", "--execute"}));
  ASSERT_TRUE(given.must({"put", "56-New", "1"}));
  for (const char* name : {".rollproof", "rollproof.json"}) {
    fs::remove_all(given.path(name));
    fs::rename(given.path(std::string("old") + name), given.path(name));
  }
  expect_findings({"does not know it", "Put the journal folder back"});
  for (const Arguments& command : {Arguments{"get", "56-New"}, {"put", "56-New", "2"}, {"recover"}, {"migrate", "--execute"}}) expect(command, 21, "does not know it");
}

TEST_F(DoctorCommand, NamesWhatIsNothingOfOurs_InTheJournalsFolder) {
  begin({{"migrate", "--execute"}});
  std::ofstream(given.path(".rollproof/journal/notes.txt")) << "x";
  expect_findings({"notes.txt", "move it out"});
}

TEST_F(DoctorCommand, NamesTheMissingJournal_AndABrokenConfiguration) {
  begin({{"migrate", "--execute"}});
  fs::rename(given.path(".rollproof/journal"), given.path("journal-elsewhere"));
  expect_findings({"does not know it", "Put the journal folder back"});
  fs::rename(given.path("journal-elsewhere"), given.path(".rollproof/journal"));
  configure("{");
  expect_findings({"configuration", "line 1"});
}

}  // namespace
}  // namespace rollproof::process
