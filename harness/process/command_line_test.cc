// The command as a person meets it: two at once, bad input, a disk that is full or read-only, and commands that only look.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fixtures/database.h"
#include "harness/process/ground_test.h"
#include "harness/process/traced.h"

namespace rollproof::process {
namespace {

namespace fs = std::filesystem;
TEST_F(CommandLine, LetsOneRollbackWork_AndTellsTheOtherWhoHoldsIt) {
  begin({{"migrate", "--execute"}, {"put", "56-New", "1"}});
  int asked = 0;
  const auto end = run_traced(given.command({"rollback", "--execute"}), [&](const Call& call, int pid) {
    // Held from its lock to its last record; how many calls come before the lock is taken depends on the build.
    std::ifstream lock(given.path(".rollproof/lock"));
    const bool holds = std::string(std::istreambuf_iterator<char>(lock), {}).find(fmt::format("pid {} ", pid)) != std::string::npos;
    if (holds && call.ordinal % 20 == 10) {
      expect({"rollback", "--execute"}, 24, fmt::format("pid {}", pid));
      ++asked;
    }
    return true;
  });
  if (!end && end.error().code == Code::no_permission) GTEST_SKIP() << end.error().message;
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 0) << end->errors;
  EXPECT_GT(asked, 3);
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");
}

TEST_F(CommandLine, NamesAStoppedHolder_WhichThenFinishes) {
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 20'000, 1), "");
  begin({{"migrate", "--execute"}, {"put", "56-New", "1"}}, database);
  auto holder = Running::start(given.command({"rollback", "--execute"}));
  ASSERT_TRUE(holder);
  const std::string lock = given.path(".rollproof/lock");
  const std::string pid = fmt::format("pid {}", holder->pid());
  const auto holds = [&] {
    std::ifstream file(lock);
    return std::string(std::istreambuf_iterator<char>(file), {}).find(pid) != std::string::npos;
  };
  while (!holder->ended() && !holds()) ::usleep(500);
  ASSERT_TRUE(holder->send(SIGSTOP));
  ASSERT_FALSE(holder->ended()) << "it was faster than the signal";
  expect({"rollback", "--execute"}, 24, pid);
  expect({"put", "56-Other", "1"}, 24, pid);
  expect({"recover"}, 24, pid);
  ASSERT_TRUE(holder->send(SIGCONT));
  const auto finished = holder->wait(60'000);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->ok()) << finished->to_string();
  expect_source_as_expected();
}

TEST_F(CommandLine, RefusesBadConfigurations_AndTouchesNothing) {
  begin();
  struct Bad {
    const char* text;
    const char* names;  // what stderr has to hold
  };
  for (const Bad& bad : {Bad{"{\"source\": ", "line 1"}, Bad{"", "not valid JSON"}, Bad{"[]", "not a JSON object"},
                         Bad{"{\"source\":\"leveldb:source\",\"target\":\"unified-json:target\",\"sorce\":1}", "Did you mean \"source\""},
                         Bad{"{\"source\":\"leveldb:source\"}", "\"target\" is missing"}, Bad{"{\"source\":\"levelbd:source\",\"target\":\"unified-json:t\"}", "leveldb"},
                         Bad{"{\"source\":\"leveldb:source\",\"target\":\"leveldb:source\"}", "same path"},
                         Bad{"{\"source\":7,\"target\":\"leveldb:t\"}", "\"source\""}, Bad{"{\"source\":\"leveldb:source\",\"target\":\"leveldb:t\",\"known_exceptions\":[{}]}", "known_exceptions"},
                         Bad{"{\"source\":\"leveldb:source\",\"target\":\"leveldb:t\",\"known_exceptions\":7}", "known_exceptions"},
                         Bad{"{\"source\":\"leveldb:source\",\"target\":\"leveldb:source/inside\"}", "inside"},
                         Bad{"{\"source\":\"leveldb:source\",\"target\":\"leveldb:t\",\"backups\":\"source/b\"}", "backups"}}) {
    configure(bad.text);
    const Footprint before = footprint_of(given.folder());
    for (const Arguments& command : {Arguments{"migrate", "--execute"}, {"validate"}, {"status"}, {"put", "56-X", "1"}, {"rollback", "--execute"}, {"recover"}}) {
      SCOPED_TRACE(bad.text);
      expect(command, 2, bad.names);
    }
    EXPECT_EQ(difference(before, footprint_of(given.folder())), "") << bad.text;
  }
}

TEST_F(CommandLine, RefusesStoresThatAreNotThere) {
  begin();
  const Footprint before = footprint_of(given.path("source"));
  const auto with_source = [&](const std::string& source) {
    configure(fmt::format("{{\"source\":\"leveldb:{}\",\"target\":\"unified-json:target\"}}", source));
  };
  with_source("nowhere");
  expect({"migrate", "--execute"}, 2, "nowhere");
  expect({"validate"}, 2, "nowhere");
  expect({"get", "56-LookCoin"}, 28, "nowhere");
  std::ofstream(given.path("afile")) << "not a folder";
  with_source("afile");
  expect({"migrate", "--execute"}, 2, "afile");
  configure("{\"source\":\"leveldb:source\",\"target\":\"unified-json:afile\"}");
  expect({"migrate", "--execute"}, 2, "afile");
  expect({"--config", "nowhere.json", "status"}, 2, "nowhere.json");
  expect({"--config", "no/such/folder.json", "migrate", "--execute"}, 2, "folder.json");
  EXPECT_EQ(difference(before, footprint_of(given.path("source"))), "");
}

// A full disk behind a redirection: writing to /dev/full always fails.
TEST_F(CommandLine, DoesItsWork_WhenItsOutputCanNotBeWritten) {
  begin();
  const auto in_shell = [&](const std::string& command) {
    const auto finished = run({{"/bin/sh", "-c", kProgram + " " + command}, given.path("")});
    EXPECT_TRUE(finished) << finished.error().to_string();
    return finished ? finished->exit_code : -1;
  };
  EXPECT_EQ(in_shell("migrate --execute 2>/dev/full"), 0);
  EXPECT_EQ(in_shell("scan >/dev/full"), 29);
  EXPECT_EQ(in_shell("rollback --execute >/dev/full 2>&1"), 29);
  expect({"verify"}, 23, "no migration");
  expect_source_as_expected();
}

TEST_F(CommandLine, AnswersWhatMakesNoSense) {
  begin();
  expect({"rollback", "--execute"}, 28, "no migration");
  expect({"recover"}, 0);
  expect({"put", "56-X", "{\"a\":}"}, 2, "not JSON");
  expect({"put", "", "1"}, 2, "empty");
  expect({"get", "56-Nothing"}, 28, "56-Nothing");
  expect({"delete", "56-Nothing"}, 28, "56-Nothing");
  expect({"migrate", "--phase", "cutovre", "--execute"}, 2, "cutover");
  expect({"migrate", "--phase", "copy", "--execute"}, 23, "not done");
  expect({"migrat"}, 2, "migrate");
  expect({"backup", "verify", "nothing"}, 28, "nothing");
  expect({"migrate", "--execute"}, 0);
  expect({"migrate", "--execute"}, 0);
  for (const char* key : {"56-a key with spaces", "97-schlüssel", "-starts-with-a-dash"}) {
    const auto done = given.must(key[0] == '-' ? Arguments{"put", "--", key, "{}"} : Arguments{"put", key, "{\"ü\":\"\\ud800\"}"});
    ASSERT_TRUE(done) << done.error().to_string();
    if (key[0] == '-') given.expected()[key] = "{}";
  }
  given.expected().erase("--");
  expect({"verify"}, 0);
  expect({"rollback", "--to", "validate", "--execute"}, 23, "validate");
  expect({"rollback", "--execute"}, 0);
  expect({"rollback", "--execute"}, 28, "no migration");
  expect_source_as_expected();
}

TEST_F(CommandLine, ChangesNothing_WhenItOnlyLooks) {
  begin({{"put", "56-New", "1"}});
  const std::vector<Arguments> looks = {{"plan"}, {"status"}, {"verify"}, {"get", "56-New"}, {"scan"}, {"backup", "list"}, {"migrate"}, {"rollback"}, {"--help"}};
  const auto look = [&](const char* stage) {
    const Footprint before = footprint_of(given.folder());
    for (const Arguments& command : looks) {
      const auto finished = given.rollproof(command);
      ASSERT_TRUE(finished);
      EXPECT_NE(finished->exit_code, 1) << finished->to_string();
      EXPECT_EQ(difference(before, footprint_of(given.folder())), "") << stage << ": " << fmt::format("{}", fmt::join(command, " "));
    }
  };
  look("before");
  const Footprint stores = footprint_of(given.path("source"));
  ASSERT_TRUE(given.must({"validate"}));
  ASSERT_TRUE(given.must({"validate"}));
  EXPECT_EQ(difference(stores, footprint_of(given.path("source"))), "");
  look("validated");
  ASSERT_TRUE(given.must({"migrate", "--execute"}));
  ASSERT_TRUE(given.must({"put", "56-More", "2"}));
  const Footprint both = footprint_of(given.path("source")), target = footprint_of(given.path("target"));
  ASSERT_TRUE(given.must({"validate"}));
  EXPECT_EQ(difference(both, footprint_of(given.path("source"))) + difference(target, footprint_of(given.path("target"))), "");
  look("migrated");
  ASSERT_TRUE(given.must({"rollback", "--execute"}));
  look("rolled back");
}

// What a damaged source is to a command: refused, naming the file, as long as nothing has started.
TEST_F(CommandLine, NamesTheDamagedTable_AndChangesNothing) {
  begin();
  const std::string table = given.path("source/000005.ldb");
  {
    std::fstream file(table, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(20);
    const char byte = static_cast<char>(file.get() ^ 0x40);
    file.seekp(20);
    file.put(byte);
  }
  const Footprint before = footprint_of(given.path("source"));
  for (const Arguments& command : {Arguments{"scan"}, {"migrate"}, {"plan"}, {"validate"}, {"migrate", "--execute"}, {"validate"}, {"scan"}, {"plan"}}) {
    expect(command, 23, "source/000005.ldb");
  }
  uint64_t named = 0;
  for (const auto& [key, value] : given.expected()) {
    const auto got = given.rollproof({"get", key});
    ASSERT_TRUE(got);
    if (got->ok()) {
      EXPECT_EQ(got->output, value + "\n");
    } else {
      EXPECT_EQ(got->exit_code, 23) << got->to_string();
      named += got->errors.find("source/000005.ldb") != std::string::npos;
    }
  }
  EXPECT_GT(named, 0u);
  expect({"backup", "create"}, 23, "source/000005.ldb");
  EXPECT_EQ(difference(before, footprint_of(given.path("source"))), "");
}

TEST_F(CommandLine, SaysNothingOnAPipe_WhenAllIsWellAndQuick) {
  begin();
  for (const Arguments& command : {Arguments{"validate"}, {"migrate", "--execute"}, {"rollback", "--execute"}}) {
    const auto finished = given.rollproof(command);
    ASSERT_TRUE(finished);
    EXPECT_TRUE(finished->ok()) << finished->to_string();
    EXPECT_EQ(finished->errors, "");
  }
}

// A small file system of its own at a folder.
class SmallDisk {
 public:
  SmallDisk(std::string folder, uint64_t bytes) : folder_(std::move(folder)) {
    fs::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  bool remount(unsigned long flags, uint64_t bytes) const {
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | flags, fmt::format("size={}", bytes).c_str()) == 0;
  }

 private:
  std::string folder_;
  bool mounted_ = false;
};
constexpr uint64_t kMiB = 1 << 20;

TEST_F(CommandLine, FinishesAfterRoomWasMade_WhenTheDiskWasFull) {
  // Readiness asks for 16 MiB and more; a file of ballast takes them away again once the phases are under way.
  uint64_t refused = 0, failed = 0, finished_at_once = 0;
  for (uint64_t kib = 0; kib <= 8 * 1024; kib += kib < 512 ? 64 : 512) {
    SCOPED_TRACE(fmt::format("{} KiB free", kib));
    const SmallDisk disk(scratch / "disk", 64 * kMiB);
    if (!disk.mounted()) GTEST_SKIP() << "this environment does not permit mounting a small file system";
    given = Workspace(kProgram, scratch / "disk" + "/given");
    begin({{"validate"}});
    const auto space = fs::space(scratch / "disk");
    std::ofstream ballast(scratch / "disk" + "/ballast");
    ballast << std::string(space.available - kib * 1024, 'x');
    ballast.close();
    const Footprint before = footprint_of(given.path("source"));
    const auto migrated = given.rollproof({"migrate", "--execute"});
    ASSERT_TRUE(migrated);
    if (migrated->ok()) {
      ++finished_at_once;
    } else {
      EXPECT_TRUE(migrated->exit_code == 29 || migrated->exit_code == 25 || migrated->exit_code == 21) << migrated->to_string();
      EXPECT_NE(migrated->errors.find("pace"), std::string::npos) << migrated->to_string();
      ++(migrated->exit_code == 29 ? refused : failed);
      const auto source = given.read_source();
      ASSERT_TRUE(source) << source.error().to_string();
      EXPECT_EQ(given.compare(*source, "source"), "");
    }
    fs::remove(scratch / "disk" + "/ballast");
    expect({"recover"}, 0);
    expect({"migrate", "--execute"}, 0);
    expect({"verify"}, 0);
    expect({"put", "56-New", "1"}, 0);
    given.expected()["56-New"] = "1";
    expect({"rollback", "--execute"}, 0);
    expect_source_as_expected();
    EXPECT_EQ(given.leftovers(false), "");
    if (HasFailure()) break;
  }
  EXPECT_GT(refused + failed, 3u);
  EXPECT_GT(finished_at_once, 0u);
  RecordProperty("stopped_by_the_full_disk", static_cast<int>(refused + failed));
}

TEST_F(CommandLine, RollsBack_WhenTheDiskIsFull) {
  const SmallDisk disk(scratch / "disk", 64 * kMiB);
  if (!disk.mounted()) GTEST_SKIP() << "this environment does not permit mounting a small file system";
  given = Workspace(kProgram, scratch / "disk" + "/given");
  begin({{"migrate", "--execute"}, {"put", "56-New", "1"}});
  std::ofstream ballast(scratch / "disk" + "/ballast");
  ballast << std::string(fs::space(scratch / "disk").available, 'x');
  ballast.close();
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");
}

TEST_F(CommandLine, WritesGoOn_WhereTheTargetCanNotBeWritten) {
  begin();
  const SmallDisk disk(given.path("target"), kMiB * 64);
  if (!disk.mounted()) GTEST_SKIP() << "this environment does not permit mounting a small file system";
  expect({"migrate", "--through", "copy", "--execute"}, 0);
  if (!disk.remount(MS_RDONLY, kMiB * 64)) GTEST_SKIP() << "this environment does not permit a read-only file system";
  expect({"put", "56-New", "1"}, 0, "the target does not get what is written now");
  expect({"put", "56-Newer", "2"}, 0, "the target does not get what is written now");
  expect({"doctor"}, 27, "rollproof recover");
  expect({"recover"}, 29, "Read-only");
  ASSERT_TRUE(disk.remount(0, kMiB * 64));
  expect({"recover"}, 0);
  EXPECT_EQ(output_of({"get", "56-New"}), "1\n");
  expect({"verify"}, 0);
}

TEST_F(CommandLine, GoesBack_WhereAFileSystemWasMountedAtTheTarget) {
  begin({{"migrate", "--execute"}});
  fs::rename(given.path("target"), given.path("moved"));
  const SmallDisk disk(given.path("target"), kMiB * 64);
  if (!disk.mounted()) GTEST_SKIP() << "this environment does not permit mounting a small file system";
  fs::copy(given.path("moved"), given.path("target"), fs::copy_options::recursive);
  fs::remove_all(given.path("moved"));
  expect({"put", "56-New", "1"}, 0);
  given.expected()["56-New"] = "1";
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
  EXPECT_TRUE(fs::is_empty(given.path("target"))) << "only who has mounted it takes it away";
  expect({"doctor"}, 0);
}

TEST_F(CommandLine, SaysThatWhatWasDoneStays_WhereTheTargetCanNotBeWritten) {
  begin();
  const SmallDisk disk(given.path("target"), kMiB * 64);
  if (!disk.mounted()) GTEST_SKIP() << "this environment does not permit mounting a small file system";
  expect({"migrate", "--through", "dual-write", "--execute"}, 0);
  if (!disk.remount(MS_RDONLY, kMiB * 64)) GTEST_SKIP() << "this environment does not permit a read-only file system";
  expect({"migrate", "--through", "copy", "--execute"}, 25, "stays");
  ASSERT_TRUE(disk.remount(0, kMiB * 64));
  expect({"recover"}, 0);
  expect({"migrate", "--through", "copy", "--execute"}, 0);
}

TEST_F(CommandLine, DoesNotNameABackupThatIsGone) {
  begin({{"migrate", "--through", "copy", "--execute"}});
  fs::remove_all(given.path("backups"));
  EXPECT_NE(output_of({"rollback", "--to", "dual-write", "--execute"}).find("is gone"), std::string::npos);
}

TEST_F(CommandLine, NamesTheConfiguration_InWhatItAdvises) {
  begin();
  fs::rename(given.path("rollproof.json"), given.path("of mine.json"));
  expect({"--config", "of mine.json", "get", "no-such"}, 28, "`rollproof --config 'of mine.json' scan`");
}

TEST_F(CommandLine, ChangesNothing_WhenTheTargetIsReadOnly) {
  begin();
  const SmallDisk disk(given.path("target"), kMiB * 64);
  if (!disk.mounted() || !disk.remount(MS_RDONLY, kMiB * 64)) GTEST_SKIP() << "this environment does not permit mounting a small file system";
  const Footprint before = footprint_of(given.path("source"));
  const std::string configuration = given.path("rollproof.json");
  expect({"migrate", "--execute"}, 29, "target");
  EXPECT_EQ(difference(before, footprint_of(given.path("source"))), "");
  ASSERT_TRUE(disk.remount(0, kMiB * 64));
  expect({"recover"}, 0);
  expect({"migrate", "--execute"}, 0);
  expect({"verify"}, 0);
}

}  // namespace
}  // namespace rollproof::process
