#include "lib/store/leveldb/door_env.h"

#include <gtest/gtest.h>

#include <set>

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

// LevelDB alone never needs the second mend while the first and the third hold: the three cover each other, so it is asked for directly.
TEST(DoorEnv, MakesANewNameDurable_BeforeAnyOtherFileGoes) {
  MemoryGround given;
  given.disk.folders.insert("/db");
  DoorEnv env(given.disk, given.world, "/db", Background::Mode::queued);
  leveldb::WritableFile* file = nullptr;
  for (const char* name : {"/db/000001.ldb", "/db/000002.ldb"}) {
    ASSERT_TRUE(env.NewWritableFile(name, &file).ok());
    delete file;
  }
  ASSERT_TRUE(env.RemoveFile("/db/000001.ldb").ok());
  const Calls expected{"create /db/000001.ldb", "create /db/000002.ldb", "syncdir /db", "mkdir /db/rollproof-obsolete",
                       "rename /db/000001.ldb /db/rollproof-obsolete/000001.ldb"};
  EXPECT_EQ(given.disk.calls, expected);
}

TEST(DoorEnv, SyncsTheDirectory_RightAfterTheFirstSyncOfANewFile) {
  MemoryGround given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE(write_much(**store, 400));
  const Calls& calls = given.disk.calls;
  std::set<std::string> unsynced;  // created, and the directory not synced since
  int first_syncs = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].starts_with("create /db/")) unsynced.insert(calls[i].substr(7));
    if (calls[i] == "syncdir /db") unsynced.clear();
    if (!calls[i].starts_with("sync ") || !unsynced.contains(calls[i].substr(5))) continue;
    ++first_syncs;
    ASSERT_LT(i + 1, calls.size());
    EXPECT_EQ(calls[i + 1], "syncdir /db") << "after " << calls[i];
  }
  EXPECT_GT(first_syncs, 6);
}

TEST(DoorEnv, MakesTheNameOfARotatedLogDurable) {
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

// Batches larger than the write buffer rotate the log every time; queued work that came too late would hang here.
TEST(DoorEnv, NeverWaitsForQueuedWork) {
  for (const size_t size : {10u, 1000u, 15000u, 17000u, 40000u, 70000u, 300000u}) {
    MemoryGround given;
    auto store = given.open({.create = true}, kTiny);
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE((*store)->apply({put("a" + std::to_string(i), noise(size, size)), put("b", "")}));
      if (i % 7 == 0) {
        ASSERT_TRUE((*store)->checkpoint());
      }
    }
    record::Batch many;
    for (int i = 0; i < 5000; ++i) many.push_back(put(std::to_string(i), ""));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE((*store)->apply(many) && (*store)->checkpoint());
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), "")}));
    ASSERT_TRUE((*store)->close());
  }
}

// The claim of door_env.h: after checkpoint() everything applied before it survives the loss of power, wherever it went.
TEST(DoorEnv, CheckpointCoversRotatedLogsAndTables_WhenPowerIsLost) {
  std::vector<int> lives{3, 400, 1500};
  for (int batches = 95; batches < 125; ++batches) lives.push_back(batches);  // around the first rotation
  for (const int batches : lives) {
    MemoryGround given;
    auto store = given.open({.create = true}, kTiny);
    ASSERT_TRUE(store);
    ASSERT_TRUE(write_much(**store, batches));
    const Records expected = *read_all(**store);
    const auto mark = (*store)->checkpoint();
    ASSERT_TRUE(mark);
    ASSERT_TRUE((*store)->apply({put("zz-unsynced", "x")}));
    given.disk.lose_power();
    TestDisk after(given.disk);
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
  TestDisk after(given.disk);
  os::World world = given.posix.with_files(after);
  EXPECT_FALSE(level::open(world, given.where, {.interrupted = true, .mark = *mark}, kTiny));
}

// What a life of a store has made durable when a call of the disk fails.
struct Life {
  Mark mark;
  Records durable;      // at the last checkpoint that succeeded
  bool failed = false;  // some call of the store answered with an error
};

Life live(MemoryGround& given) {
  Life life;
  auto store = given.open({.create = true}, kTiny);
  life.failed = !store;
  for (const int batches : {130, 260, 60}) {
    if (life.failed) return life;
    life.failed = !write_much(**store, batches);
    if (life.failed) return life;
    auto all = read_all(**store);
    auto mark = batches == 60 ? (*store)->close() : (*store)->checkpoint();
    life.failed = !all || !mark;
    if (!life.failed) life = {*mark, *all, false};
  }
  return life;
}

// Every changing call of a life fails in turn, and the process ends there, or the power goes with it: the error is noticed, the
// next open succeeds, and what a checkpoint made durable is there.
TEST(DoorEnv, LosesNothingDurable_WhicheverCallFails) {
  for (int64_t fail_at = 0;; ++fail_at) {
    MemoryGround given;
    given.disk.fail_at = fail_at;
    const Life life = live(given);
    if (static_cast<int64_t>(given.disk.calls.size()) <= fail_at) {
      EXPECT_FALSE(life.failed);
      EXPECT_GT(fail_at, 500);
      break;
    }
    const std::string call = std::to_string(fail_at) + " " + given.disk.calls[static_cast<size_t>(fail_at)];
    EXPECT_TRUE(life.failed) << "failed unnoticed: " << call;
    for (const bool power : {false, true}) {
      TestDisk after(given.disk);
      if (power) after.lose_power();
      os::World world = given.posix.with_files(after);
      auto again = level::open(world, given.where, {.create = true, .interrupted = true, .mark = life.mark}, kTiny);
      ASSERT_TRUE(again) << call << ": " << again.error().to_string();
      const auto records = read_all(**again);
      ASSERT_TRUE(records) << call;
      for (const auto& [key, value] : life.durable) EXPECT_TRUE(records->contains(key)) << call;
      ASSERT_TRUE((*again)->close()) << call;
    }
  }
}

}  // namespace
}  // namespace rollproof::store::level
