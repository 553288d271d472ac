#include "lib/store/leveldb/level.h"

#include <gtest/gtest.h>

#include "lib/store/leveldb/ground_for_tests.h"

namespace rollproof::store::level {
namespace {

using namespace testing_ground;

// Beside the checkout where it is present; it is not part of the project.
const std::string kRealDatabase = std::string(ROLLPROOF_SOURCE_DIR) + "/../shared/data/lookcoin/leveldb";

TEST(Level, KeepsWhatWasApplied_AcrossCloseAndOpen) {
  Ground given;
  auto store = given.open({.create = true});
  ASSERT_TRUE(store) << store.error().to_string();
  ASSERT_TRUE((*store)->apply({put("a", "1"), put("b", "2")}));
  ASSERT_TRUE((*store)->apply({remove("a"), put("", std::string("\0x", 2))}));
  auto mark = (*store)->close();
  ASSERT_TRUE(mark) << mark.error().to_string();
  EXPECT_TRUE(mark->starts_with("log ")) << *mark;
  store = given.open({});
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_EQ(*read_all(**store), (Records{{"b", "2"}, {"", std::string("\0x", 2)}}));
  EXPECT_EQ(**(*store)->get("b"), "2");
  EXPECT_EQ(*(*store)->get("a"), std::nullopt);
  ASSERT_TRUE((*store)->close());
  EXPECT_FALSE(given.image().contains("rollproof-obsolete"));
  EXPECT_FALSE(*os::exists(given.files, given.at("rollproof-obsolete")));
}

TEST(Level, SaysNotFound_WhenThereIsNoDatabase) {
  Ground given;
  EXPECT_EQ(given.open({}).error().code, Code::not_found);
  EXPECT_EQ(level::open_read_only(given.world, given.where, {}).error().code, Code::not_found);
  EXPECT_FALSE(*level::is_there(given.world, given.where));
  EXPECT_EQ(given.open({.create = true, .interrupted = true, .mark = "log 3 10; manifest MANIFEST-000002 50"}).error().code, Code::corruption);
}

TEST(Level, LeavesNoTableBehind_ThatACursorReadWhileItWasReplaced) {
  for (const bool single_threaded : {true, false}) {
    Ground given(single_threaded);
    auto store = given.open({.create = true}, kTiny);
    ASSERT_TRUE(store);
    const auto fill = [&](uint64_t seed) {
      for (uint64_t i = 0; i < 3000; ++i) ASSERT_TRUE((*store)->apply({put("key" + std::to_string(i % 900), noise(seed + i, 400))}));
    };
    fill(1);
    {
      auto cursor = (*store)->scan();
      ASSERT_TRUE(cursor);
      record::Record record;
      ASSERT_TRUE((*cursor)->next(record));
      fill(5000);
    }
    ASSERT_TRUE((*store)->close());
    const auto inspection = level::inspect(given.world, given.where);
    ASSERT_TRUE(inspection);
    EXPECT_TRUE(inspection->problems.empty()) << inspection->problems.size() << " findings, the first: " << inspection->problems[0].file;
  }
}

TEST(Level, ReadsWithStockLevelDb_AfterClose) {
  for (const bool single_threaded : {true, false}) {
    Ground given(single_threaded);
    auto store = given.open({.create = true}, kTiny);
    ASSERT_TRUE(store);
    for (int i = 0; i < 3000; ++i) ASSERT_TRUE((*store)->apply({put("key" + std::to_string(i % 900), noise(static_cast<uint64_t>(i), 400))}));
    ASSERT_TRUE((*store)->close());
    EXPECT_TRUE(level::inspect(given.world, given.where)->problems.empty());
    int found = 0;
    given.with_stock_leveldb([&](leveldb::DB& db) {
      for (int i = 2100; i < 3000; ++i) {
        std::string value;
        ASSERT_TRUE(db.Get({}, "key" + std::to_string(i % 900), &value).ok());
        found += value == noise(static_cast<uint64_t>(i), 400);
      }
    });
    EXPECT_EQ(found, 900);
  }
}

TEST(Level, ReadingChangesNoByte_EvenWithTablesToCompact) {
  Ground given;
  given.with_stock_leveldb([](leveldb::DB& db) {
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(db.Put({}, std::to_string(i), noise(static_cast<uint64_t>(i), 300)).ok());
  });
  const Records before = given.image();
  for (const bool single_threaded : {true, false}) {
    given.world.single_threaded = single_threaded;
    auto store = level::open_read_only(given.world, given.where, {});
    ASSERT_TRUE(store) << store.error().to_string();
    EXPECT_EQ(read_all(**store)->size(), 2000u);
    EXPECT_EQ((*store)->apply({put("a", "b")}).error().code, Code::refused);
    EXPECT_EQ((*store)->checkpoint().error().code, Code::refused);
    for (int i = 0; i < 2000; ++i) ASSERT_TRUE(**(*store)->get(std::to_string(i)) == noise(static_cast<uint64_t>(i), 300));
    EXPECT_TRUE((*store)->close());
    EXPECT_EQ(given.image(), before);
  }
}

TEST(Level, ReadsTheRealDatabase_WithoutChangingIt) {
  Ground given;
  if (!*os::exists(given.files, kRealDatabase)) GTEST_SKIP() << "the real database is not here";
  Records real;
  const auto names = os::files_below(given.files, kRealDatabase);
  for (const auto& name : *names) real[name] = *os::read_file(given.files, os::join(kRealDatabase, name));
  given.write_image(real);
  EXPECT_TRUE(level::inspect(given.world, given.where)->problems.empty());
  const auto before = take_fingerprint(given.world, given.where, nullptr);
  auto store = level::open_read_only(given.world, given.where, {});
  ASSERT_TRUE(store) << store.error().to_string();
  const auto records = read_all(**store);
  EXPECT_EQ(records->size(), 28u);
  ASSERT_TRUE((*store)->close());
  EXPECT_EQ(given.image(), real);
  EXPECT_EQ(*take_fingerprint(given.world, given.where, nullptr), *before);
  store = given.open({});
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_EQ(*read_all(**store), *records);
  ASSERT_TRUE((*store)->close());
}

TEST(Level, ShowsOneMoment_WhileChangesGoOn) {
  Ground given;
  auto store = given.open({.create = true}, kTiny);
  ASSERT_TRUE((*store)->apply({put("a", "1"), put("b", "2")}));
  auto cursor = (*store)->scan();
  ASSERT_TRUE((*store)->apply({remove("b"), put("c", "3")}));
  for (int i = 0; i < 500; ++i) ASSERT_TRUE((*store)->apply({put("x" + std::to_string(i), noise(1, 500))}));
  std::string keys;
  record::Record record;
  while (*(*cursor)->next(record)) keys += record.key;
  EXPECT_EQ(keys, "ab");
  EXPECT_EQ((*store)->close().error().code, Code::internal) << "a cursor is open";
  cursor->reset();
  EXPECT_TRUE((*store)->close());
}

TEST(Level, SaysLocked_WhenAnotherHasItOpen) {
  Ground given;
  auto store = given.open({.create = true});
  ASSERT_TRUE(store);
  EXPECT_EQ(given.open({}).error().code, Code::locked);
  leveldb::DB* db = nullptr;
  EXPECT_FALSE(leveldb::DB::Open({}, given.where.path, &db).ok());
  ASSERT_TRUE((*store)->close());
  given.with_stock_leveldb([&](leveldb::DB&) {
    // A lock of the same process is seen too: stock LevelDB's lock belongs to the process, ours to the open file.
    EXPECT_EQ(given.open({}).error().code, Code::locked);
  });
}

TEST(Level, LeavesTheBytesOfLock) {
  Ground given;
  ASSERT_TRUE((*given.open({.create = true}))->close());
  EXPECT_EQ(given.image()["LOCK"], "");
}

TEST(Level, RefusesWithHint_WhenAnotherProgramCrashed) {
  Ground given;
  given.with_stock_leveldb([](leveldb::DB& db) { ASSERT_TRUE(db.Put({}, "a", "1").ok()); });
  Records image = given.image();
  for (auto& [name, bytes] : image) {
    if (name.ends_with(".log")) bytes += std::string("\x12\x34\x56\x78\x50\x00\x01half", 11);
  }
  given.write_image(image);
  auto store = given.open({});
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::refused) << store.error().to_string();
  EXPECT_FALSE(store.error().hint.empty());
  EXPECT_EQ(given.image(), image);
  auto reading = level::open_read_only(given.world, given.where, {});
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(*read_all(**reading), (Records{{"a", "1"}}));
  EXPECT_EQ(given.image(), image);
  store = given.open({.interrupted = true});
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_EQ(*read_all(**store), (Records{{"a", "1"}}));
}

TEST(Level, NamesTheTable_WhenOneByteOfItIsWrong) {
  Ground given;
  auto store = given.open({.create = true}, kTiny);
  for (int i = 0; i < 400; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), noise(static_cast<uint64_t>(i), 400))}));
  ASSERT_TRUE((*store)->close());
  Records image = given.image();
  std::string table;
  for (auto& [name, bytes] : image) {
    if (name.ends_with(".ldb") && table.empty()) bytes[bytes.size() / 3] ^= 0x10, table = name;
  }
  ASSERT_FALSE(table.empty());
  given.write_image(image);
  const auto expect_named = [&](const Error& error) {
    EXPECT_EQ(error.code, Code::corruption) << error.to_string();
    EXPECT_EQ(error.path, given.at(table)) << error.to_string();
  };
  for (const bool writing : {false, true}) {
    store = writing ? given.open({}) : level::open_read_only(given.world, given.where, {});
    ASSERT_TRUE(store) << store.error().to_string();
    const auto all = read_all(**store);
    ASSERT_FALSE(all);
    expect_named(all.error());
    int failed = 0;
    for (int i = 0; i < 400; ++i) {
      const auto value = (*store)->get(std::to_string(i));
      if (!value) expect_named(value.error());
      failed += !value;
    }
    EXPECT_GT(failed, 0);
  }
}

TEST(Level, NeverTakesAMissingTableForAMissingKey) {
  Ground given;
  given.with_stock_leveldb([](leveldb::DB& db) {
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(db.Put({}, std::to_string(i), noise(static_cast<uint64_t>(i), 400)).ok());
  });
  auto store = given.open({});
  ASSERT_TRUE(store) << store.error().to_string();
  for (const auto& [name, bytes] : given.image()) {
    if (name.ends_with(".ldb") && !name.starts_with("rollproof")) {
      ASSERT_TRUE(given.files.remove(given.at(name)));
    }
  }
  int absent = 0;
  for (int i = 0; i < 500; ++i) {
    const auto value = (*store)->get(std::to_string(i));
    absent += value && !*value;
  }
  EXPECT_EQ(absent, 0);
}

TEST(Level, DestroyRemovesItsFilesAndNoOthers) {
  Ground given;
  ASSERT_TRUE((*given.open({.create = true}))->close());
  auto foreign = given.files.create(given.at("notes.txt"));
  ASSERT_TRUE(foreign);
  ASSERT_TRUE(level::destroy(given.world, given.where));
  EXPECT_EQ(*given.files.list(given.where.path), std::vector<std::string>{"notes.txt"});
  ASSERT_TRUE(given.files.remove(given.at("notes.txt")));
  ASSERT_TRUE((*given.open({.create = true}))->close());
  ASSERT_TRUE(level::destroy(given.world, given.where));
  EXPECT_FALSE(*os::exists(given.files, given.where.path));
  EXPECT_TRUE(level::destroy(given.world, given.where));
}

}  // namespace
}  // namespace rollproof::store::level
