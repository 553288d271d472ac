#include "lib/store/leveldb/door_env.h"

#include <gtest/gtest.h>

#include "lib/store/leveldb/ground_for_tests.h"

namespace rollproof::store::level {
namespace {

using namespace testing_ground;

using Calls = std::vector<std::string>;

// Where the first call from `from` on begins with `text`; the number of calls if none does.
size_t find_call(const Calls& calls, const std::string& text, size_t from = 0) {
  for (size_t i = from; i < calls.size(); ++i) {
    if (calls[i].starts_with(text)) return i;
  }
  return calls.size();
}

// Writes until LevelDB has rotated its log and compacted a few times.
Status write_much(Store& store, int batches = 1500) {
  for (int i = 0; i < batches; ++i) {
    ROLLPROOF_TRY(store.apply({put("key" + std::to_string(i * 7919 % 701), noise(static_cast<uint64_t>(i), 600))}));
  }
  return {};
}

TEST(DoorEnv, SyncsTheDirectory_AfterEveryRename) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(store) << store.error().to_string();
  ASSERT_TRUE((*store)->close());
  const Calls& calls = given.disk.calls;
  int renames = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].starts_with("rename ") || !calls[i].ends_with("/CURRENT")) continue;
    ++renames;
    ASSERT_LT(i + 1, calls.size());
    EXPECT_EQ(calls[i + 1], "syncdir /db");
  }
  EXPECT_EQ(renames, 2) << "one of the new database, one of its first open";
}

TEST(DoorEnv, MakesNamesDurable_BeforeAFileGoes) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(write_much(**store));
  bool pending = false;  // a name was made or renamed, and the directory not synced since
  int removals = 0;
  for (const std::string& call : given.disk.calls) {
    if (call.starts_with("create /db/")) pending = true;
    if (call.starts_with("rename ") && call.ends_with("/CURRENT")) pending = true;
    if (call == "syncdir /db") pending = false;
    if (call.find("/db/rollproof-obsolete/") != std::string::npos && call.starts_with("rename ")) {
      ++removals;
      EXPECT_FALSE(pending) << call;
    }
  }
  EXPECT_GT(removals, 10);
}

TEST(DoorEnv, MakesTheNameDurable_AtTheFirstSyncOfANewFile) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE((*store)->apply({put("a", "1")}));
  for (int i = 0; i < 150; ++i) ASSERT_TRUE((*store)->apply({put("a", noise(1, 600))}));
  ASSERT_TRUE((*store)->checkpoint());
  // The log that is open now was created by rotation; its name must have survived with its records.
  std::string log;
  for (const auto& [name, inode] : given.disk.names) {
    if (name.ends_with(".log")) log = name;
  }
  const size_t created = find_call(given.disk.calls, "create " + log);
  const size_t synced = find_call(given.disk.calls, "sync " + log, created);
  ASSERT_LT(synced, given.disk.calls.size());
  EXPECT_TRUE(given.disk.durable_names.contains(log));
}

TEST(DoorEnv, SyncsTheOldLog_BeforeANewerOneIsCreated) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(write_much(**store, 400));
  const Calls& calls = given.disk.calls;
  std::string open_log;
  int rotations = 0;
  bool synced = true;
  for (const std::string& call : calls) {
    if (call.starts_with("write /db/") && call.find(".log ") != std::string::npos) synced = false;
    if (!open_log.empty() && call == "sync " + open_log) synced = true;
    if (call.starts_with("create /db/") && call.ends_with(".log")) {
      rotations += !open_log.empty();
      EXPECT_TRUE(synced) << call << " while " << open_log << " is not durable";
      open_log = call.substr(7);
    }
  }
  EXPECT_GT(rotations, 2);
}

TEST(DoorEnv, RefusesTheRotation_WhenTheOldLogCanNotBeSynced) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(store);
  given.disk.fail_on = "sync /db/";  // the next one is that of the log, before it is rotated
  Status status;
  int accepted = 0;
  for (; status && accepted < 1000; accepted += static_cast<bool>(status)) status = (*store)->apply({put("k" + std::to_string(accepted), noise(9, 600))});
  ASSERT_FALSE(status);
  EXPECT_GT(accepted, 90);
  EXPECT_TRUE(given.disk.calls.back().ends_with(".log")) << given.disk.calls.back();
  EXPECT_EQ(given.disk.calls.back().substr(0, 5), "sync ") << "no newer log was created";
  EXPECT_EQ(status.error().code, Code::io);
  given.disk.fail_on.clear();
  EXPECT_FALSE((*store)->apply({put("later", "x")}));
  EXPECT_FALSE((*store)->checkpoint());
  EXPECT_FALSE((*store)->get("k0"));
  EXPECT_FALSE((*store)->close());
}

TEST(DoorEnv, UnlinksNothing_ButWhatACheckpointNoLongerNeeds) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(write_much(**store));
  EXPECT_EQ(find_call(given.disk.calls, "remove "), given.disk.calls.size());
  EXPECT_GT(given.disk.list("/db/rollproof-obsolete")->size(), 10u);
  ASSERT_TRUE((*store)->checkpoint());
  const size_t removed = find_call(given.disk.calls, "remove ");
  ASSERT_LT(removed, given.disk.calls.size());
  for (size_t i = removed; i < given.disk.calls.size(); ++i) EXPECT_TRUE(given.disk.calls[i].starts_with("remove /db/rollproof-obsolete/"));
  ASSERT_TRUE((*store)->close());
  EXPECT_FALSE(given.disk.folders.contains("/db/rollproof-obsolete"));
}

TEST(DoorEnv, MakesTheSameCalls_WhenQueued) {
  std::vector<Calls> runs;
  for (int run = 0; run < 2; ++run) {
    MemoryGround given;
    auto store = given.open({.create = true}, kTiny);
    ASSERT_TRUE(write_much(**store, 4000));
    ASSERT_TRUE(read_all(**store));
    ASSERT_TRUE((*store)->checkpoint());
    ASSERT_TRUE(write_much(**store, 4000));
    ASSERT_TRUE((*store)->close());
    store = given.open({}, kTiny);
    ASSERT_TRUE(store) << store.error().to_string();
    EXPECT_EQ(read_all(**store)->size(), 701u);
    ASSERT_TRUE((*store)->close());
    runs.push_back(given.disk.calls);
  }
  EXPECT_EQ(runs[0], runs[1]);
  size_t tables = 0;
  for (const auto& call : runs[0]) tables += call.starts_with("create ") && call.ends_with(".ldb");
  EXPECT_GT(tables, 100u);
  RecordProperty("tables", static_cast<int>(tables));
}

// The claim of door_env.h: after checkpoint() everything applied before it survives the loss of power, wherever it went.
TEST(DoorEnv, CheckpointCoversRotatedLogsAndTables_WhenPowerIsLost) {
  for (const int batches : {3, 100, 105, 110, 120, 400, 1500}) {
    MemoryGround given;
    auto store = given.open({.create = true}, kTiny);
    ASSERT_TRUE(store);
    ASSERT_TRUE(write_much(**store, batches));
    const Records expected = *read_all(**store);
    const auto mark = (*store)->checkpoint();
    ASSERT_TRUE(mark);
    ASSERT_TRUE((*store)->apply({put("zz-unsynced", "x")}));
    given.disk.lose_power();
    TestDisk after;
    after.names = given.disk.names;
    after.durable_names = given.disk.durable_names;
    after.folders = given.disk.folders;
    os::World world = given.posix.with_files(after);
    auto again = level::open(world, given.where, {.interrupted = true, .mark = *mark}, kTiny);
    ASSERT_TRUE(again) << batches << ": " << again.error().to_string();
    EXPECT_EQ(*read_all(**again), expected) << batches;
    ASSERT_TRUE((*again)->close());
  }
}

TEST(DoorEnv, TheTestAboveCanFail_WhenNamesAreNeverSynced) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  given.disk.skip_directory_syncs = true;
  ASSERT_TRUE(write_much(**store, 400));
  const auto mark = (*store)->checkpoint();
  ASSERT_TRUE(mark);
  given.disk.lose_power();
  TestDisk after;
  after.names = given.disk.names;
  after.durable_names = given.disk.durable_names;
  after.folders = given.disk.folders;
  os::World world = given.posix.with_files(after);
  EXPECT_FALSE(level::open(world, given.where, {.interrupted = true, .mark = *mark}, kTiny));
}

// Every changing call of a life fails in turn: never a silent loss, never a hang, and the next open succeeds.
TEST(DoorEnv, AnswersWithAnError_WhicheverCallFails) {
  for (int64_t fail_at = 0;; ++fail_at) {
    MemoryGround given;
    given.disk.fail_at = fail_at;
    Mark mark;
    Records durable;
    bool failed = true;
    {
      auto store = given.open({.create = true}, kTiny);
      if (store) {
        Status status = write_much(**store, 130);
        if (status) {
          if (auto all = read_all(**store)) durable = *all;
          auto checkpoint = (*store)->checkpoint();
          if (checkpoint) {
            mark = *checkpoint;
          } else {
            durable.clear();
            status = fail(checkpoint.error());
          }
        }
        if (status) status = write_much(**store, 260);
        if (status) failed = !(*store)->close();
      }
    }
    const bool fired = static_cast<int64_t>(given.disk.calls.size()) > fail_at;
    if (!fired) {
      EXPECT_FALSE(failed);
      EXPECT_GT(fail_at, 300);
      break;
    }
    EXPECT_TRUE(failed) << "call " << fail_at << " failed unnoticed: " << given.disk.calls[static_cast<size_t>(fail_at)];
    given.disk.fail_at = -1;
    if (mark.empty()) durable.clear();
    auto again = given.open({.create = true, .interrupted = true, .mark = mark}, kTiny);
    ASSERT_TRUE(again) << fail_at << " " << given.disk.calls[static_cast<size_t>(fail_at)] << ": " << again.error().to_string();
    const Records after = *read_all(**again);
    for (const auto& [key, value] : durable) EXPECT_TRUE(after.contains(key)) << fail_at;
    ASSERT_TRUE((*again)->close());
  }
}

}  // namespace
}  // namespace rollproof::store::level
