#include "lib/store/leveldb/mend.h"

#include <gtest/gtest.h>

#include "lib/store/leveldb/ground_for_tests.h"
#include "lib/store/leveldb/scan.h"

namespace rollproof::store::level {
namespace {

using namespace testing_ground;

// A copy of the disk as it is, so that one history is mended in many ways.
struct Copy {
  explicit Copy(const MemoryGround& given) : disk(given.disk) {}
  explicit Copy(const TestDisk& from) : disk(from) {}
  Result<std::unique_ptr<Store>> open(const Mark& mark) {
    return level::open(world, {"leveldb", "/db"}, {.interrupted = true, .mark = mark}, kTiny);
  }
  TestDisk disk;
  os::PosixWorld posix{true};
  os::World world = posix.with_files(disk);
};

// Ten records made durable, then batches of 300 bytes that are not; power is lost with some sectors of them written.
struct History {
  MemoryGround given;
  Mark mark;
  std::string log;
  uint64_t marked_size = 0;
  std::unique_ptr<Store> store;

  explicit History(int unsynced) {
    store = std::move(*given.open({.create = true}, kTiny));
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(store->apply({put("kept" + std::to_string(i), noise(static_cast<uint64_t>(i), 90))}));
    mark = *store->checkpoint();
    for (int i = 0; i < unsynced; ++i) EXPECT_TRUE(store->apply({put("later" + std::to_string(i), noise(static_cast<uint64_t>(100 + i), 300))}));
    for (const auto& [name, inode] : given.disk.names) {
      if (name.ends_with(".log")) log = name, marked_size = inode->durable.size();
    }
  }
};

// The durable records, then a prefix of the later ones: never one without those before it.
void expect_prefix(const Result<Records>& records, const std::string& what) {
  ASSERT_TRUE(records) << what << ": " << records.error().to_string();
  int kept = 0;
  int later = 0;
  for (const auto& [key, value] : *records) (key.starts_with("kept") ? kept : later) += 1;
  EXPECT_EQ(kept, 10) << what;
  for (int i = 0; i < later; ++i) EXPECT_TRUE(records->contains("later" + std::to_string(i))) << what;
}

TEST(Mend, KeepsAPrefix_WhicheverSectorsOfTheTailSurvive) {
  History history(9);
  for (uint64_t pattern = 0; pattern < 256; ++pattern) {
    Copy copy(history.given);
    copy.disk.lose_power([&](const std::string&, uint64_t sector) {
      const uint64_t first = history.marked_size / 512;
      return sector >= first && (pattern >> ((sector - first) % 8) & 1) != 0;
    });
    auto store = copy.open(history.mark);
    ASSERT_TRUE(store) << pattern << ": " << store.error().to_string();
    expect_prefix(read_all(**store), std::to_string(pattern));
    if (pattern == 255) {
      EXPECT_EQ(read_all(**store)->size(), 19u);
    }
    ASSERT_TRUE((*store)->close());
    EXPECT_TRUE(scan(copy.disk, "/db")->findings.empty());
  }
}

TEST(Mend, KeepsAPrefix_WhereverTheTailIsCut) {
  History history(4);
  const std::string whole = history.given.disk.names.at(history.log)->now;
  for (uint64_t size = history.marked_size; size <= whole.size(); ++size) {
    Copy copy(history.given);
    copy.disk.locks.clear();
    copy.disk.names.at(history.log)->now.resize(size);
    auto store = copy.open(history.mark);
    ASSERT_TRUE(store) << size << ": " << store.error().to_string();
    expect_prefix(read_all(**store), std::to_string(size));
    ASSERT_TRUE((*store)->close());
  }
}

TEST(Mend, CallsItCorruption_BeforeTheMark) {
  History history(4);
  const std::string whole = history.given.disk.names.at(history.log)->now;
  for (uint64_t at = 0; at < history.marked_size; at += 3) {
    Copy flipped(history.given);
    flipped.disk.names.at(history.log)->now[at] ^= 0x20;
    auto store = flipped.open(history.mark);
    ASSERT_FALSE(store) << at;
    EXPECT_EQ(store.error().code, Code::corruption);
    EXPECT_EQ(store.error().path, history.log) << store.error().to_string();
    EXPECT_EQ(flipped.disk.names.at(history.log)->now.size(), whole.size()) << "nothing was changed";
    Copy cut(history.given);
    cut.disk.names.at(history.log)->now.resize(at);
    EXPECT_FALSE(cut.open(history.mark)) << at;
  }
  Copy gone(history.given);
  gone.disk.names.erase(history.log);
  EXPECT_FALSE(gone.open(history.mark));
}

TEST(Mend, KeepsWhatItCut_UntilTheNextCheckpoint) {
  History history(4);
  Copy copy(history.given);
  const std::string whole = copy.disk.names.at(history.log)->now;
  copy.disk.names.at(history.log)->now.resize(whole.size() - 1);
  auto store = copy.open(history.mark);
  ASSERT_TRUE(store);
  bool kept = false;
  for (const auto& [name, inode] : copy.disk.names) {
    if (name.find(".cut-") != std::string::npos) kept = whole.find(inode->now) != std::string::npos && !inode->now.empty();
  }
  EXPECT_TRUE(kept);
  ASSERT_TRUE((*store)->checkpoint());
  EXPECT_TRUE(copy.disk.list("/db/rollproof-obsolete")->empty());
}

// Stops the writer, then every mending of it, after each of their calls, losing power each time.
TEST(Mend, CarriesOn_WhereverItWasInterrupted) {
  History history(9);
  int interruptions = 0;
  for (int64_t stop = 0;; ++stop) {
    Copy copy(history.given);
    copy.disk.lose_power([&](const std::string&, uint64_t sector) { return sector % 3 != 2; });
    copy.disk.fail_at = stop;
    const auto first = copy.open(history.mark);
    const bool fired = static_cast<int64_t>(copy.disk.calls.size()) > stop;
    Copy after(copy.disk);
    if (stop % 2 == 0) after.disk.lose_power();
    auto store = after.open(history.mark);
    ASSERT_TRUE(store) << stop << " " << (fired ? copy.disk.calls.back() : "") << ": " << store.error().to_string();
    expect_prefix(read_all(**store), std::to_string(stop));
    ASSERT_TRUE((*store)->close());
    if (!fired) break;
    ++interruptions;
  }
  EXPECT_GT(interruptions, 15);
}

TEST(Mend, StartsOver_WhenTheCreationWasInterrupted) {
  int started_over = 0;
  for (int64_t stop = 0;; ++stop) {
    MemoryGround given;
    given.disk.fail_at = stop;
    const bool created = given.open({.create = true}, kTiny).has_value();
    given.disk.fail_at = -1;
    if (created) break;
    for (const bool power : {false, true}) {
      Copy copy(given);
      if (power) copy.disk.lose_power();
      auto store = level::open(copy.world, given.where, {.create = true, .interrupted = true}, kTiny);
      ASSERT_TRUE(store) << stop << " " << given.disk.calls.back() << ": " << store.error().to_string();
      EXPECT_TRUE(read_all(**store)->empty());
      ASSERT_TRUE((*store)->close());
      ++started_over;
    }
  }
  EXPECT_GT(started_over, 20);
}

TEST(Mend, RefusesToStartOver_WhenThereWereTables) {
  MemoryGround given;
  {
    auto store = given.open({.create = true}, kTiny);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), noise(1, 600))}));
    ASSERT_TRUE((*store)->close());
  }
  given.disk.names.erase("/db/CURRENT");
  const auto store = given.open({.create = true, .interrupted = true}, kTiny);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::corruption);
  EXPECT_EQ(store.error().path, "/db/CURRENT");
}

TEST(Mend, BringsTablesBack_ThatTheManifestStillNeeds) {
  MemoryGround given;
  Records expected;
  {
    auto store = given.open({.create = true}, kTiny);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), noise(static_cast<uint64_t>(i), 600))}));
    expected = *read_all(*store.value());
    ASSERT_TRUE((*store)->close());
  }
  given.disk.folders.insert("/db/rollproof-obsolete");
  TestDisk::Names moved;
  for (const auto& [name, inode] : given.disk.names) {
    const bool away = name.ends_with(".ldb");
    moved[away ? "/db/rollproof-obsolete/" + os::name_of_path(name) : name] = inode;
  }
  ASSERT_NE(moved, given.disk.names);
  given.disk.names = moved;
  EXPECT_EQ(given.open({}).error().code, Code::corruption);
  auto store = given.open({.interrupted = true}, kTiny);
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_EQ(*read_all(**store), expected);
}

TEST(Mend, RefusesAManifest_WithARecordBehindTheBreak) {
  MemoryGround given;
  {
    auto store = given.open({.create = true}, kTiny);
    for (int i = 0; i < 300; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), noise(static_cast<uint64_t>(i), 600))}));
    ASSERT_TRUE((*store)->close());
  }
  const auto found = scan(given.disk, "/db");
  const std::string path = "/db/" + found->manifest_file;
  ASSERT_GT(found->manifest_framing.records, 2u);
  const std::string whole = given.disk.names.at(path)->now;
  given.disk.names.at(path)->now[whole.size() / 2] ^= 1;
  auto store = given.open({.interrupted = true}, kTiny);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::corruption);
  EXPECT_EQ(store.error().path, path);
}

TEST(Mend, RefusesWhatIsNotAMark) {
  MemoryGround given;
  ASSERT_TRUE((*given.open({.create = true}))->close());
  for (const char* mark : {"x", "log 3", "log 3 x; manifest MANIFEST-2 3", "log 1 2; manifest MANIFEST-2 3 "}) {
    EXPECT_EQ(given.open({.interrupted = true, .mark = mark}).error().code, Code::invalid) << mark;
  }
}

}  // namespace
}  // namespace rollproof::store::level
