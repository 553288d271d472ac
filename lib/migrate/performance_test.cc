#include "lib/migrate/performance.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::migrate {
namespace {

TEST(Latency, IsTheSmallestThatSoManyPercentDidNotExceed) {
  std::vector<int64_t> durations;
  for (int64_t n = 100; n >= 1; --n) durations.push_back(n);
  const Latency latency = latency_of(durations);
  EXPECT_EQ(latency.count, 100u);
  EXPECT_EQ(latency.p50_us, 50);
  EXPECT_EQ(latency.p95_us, 95);
  EXPECT_EQ(latency.p99_us, 99);
  EXPECT_EQ(latency_of({7}).p99_us, 7);
  EXPECT_EQ(latency_of({}).count, 0u);
}

Performance with_p95(int64_t read, int64_t write, int64_t query, uint64_t memory) {
  Performance performance;
  performance.read = {100, 0, read, read};
  performance.write = {100, 0, write, write};
  performance.query = {100, 0, query, query};
  performance.memory_bytes = memory;
  return performance;
}

TEST(Limits, AreThoseOfTheDocuments_AboveTheFloor) {
  const Performance baseline = with_p95(30'000, 50'000, 100'000, 1'000'000'000);
  EXPECT_TRUE(slower_than_allowed(baseline, with_p95(60'000, 150'000, 500'000, 1'500'000'000)).empty());
  EXPECT_EQ(slower_than_allowed(baseline, with_p95(60'001, 50'000, 100'000, 0)).size(), 1u);
  EXPECT_EQ(slower_than_allowed(baseline, with_p95(30'000, 150'001, 100'000, 0)).size(), 1u);
  EXPECT_EQ(slower_than_allowed(baseline, with_p95(30'000, 50'000, 500'001, 0)).size(), 1u);
  EXPECT_EQ(slower_than_allowed(baseline, with_p95(30'000, 50'000, 100'000, 1'500'000'002)).size(), 1u);
}

TEST(Limits, DoNotCount_BelowWhatTheDocumentsCallNormal) {
  EXPECT_TRUE(slower_than_allowed(with_p95(2, 100, 50, 1'000'000), with_p95(20'000, 40'000, 100'000, 1'000'000'000)).empty());
}

TEST(Limits, LetWritesToBothStoresCostHalfAsMuchAgain) {
  EXPECT_TRUE(slower_than_allowed_while_dual({20, 0, 40'000, 0}, {20, 0, 60'000, 0}).empty());
  EXPECT_EQ(slower_than_allowed_while_dual({20, 0, 40'000, 0}, {20, 0, 60'001, 0}).size(), 1u);
}

TEST(SlowerOf, TakesEachKindByItself) {
  const Performance one{.read = {10, 1, 30, 3}, .write = {5, 1, 2, 3}, .query = {3, 1, 7, 9}, .memory_bytes = 5, .records = 28};
  const Performance other{.read = {10, 1, 20, 3}, .write = {5, 1, 4, 3}, .query = {3, 1, 8, 9}, .memory_bytes = 9, .records = 28};
  const Performance slower = slower_of(one, other);
  EXPECT_EQ(slower.read.p95_us, 30);
  EXPECT_EQ(slower.write.p95_us, 4);
  EXPECT_EQ(slower.query.p95_us, 8);
  EXPECT_EQ(slower.memory_bytes, 9u);
}

TEST(Measure, TimesEveryKindOfCall_AndLeavesNoByteChanged) {
  os::ScratchDirectory scratch;
  os::PosixWorld posix(true);
  const store::Where where{"leveldb", scratch / "db"};
  {
    auto store = store::open(posix.world(), where, {.create = true});
    ASSERT_TRUE(store);
    for (int n = 0; n < 1000; ++n) {
      ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, "56-Contract" + std::to_string(n), "{}"}}));
    }
    ASSERT_TRUE((*store)->close());
  }
  const auto before = store::take_fingerprint(posix.world(), where, nullptr);
  const auto found = measure(posix.world(), where, {.reads = 50, .writes = 5, .queries = 2, .scratch = scratch / "scratch"});
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->records, 1000u);
  EXPECT_GE(found->read.count, 50u);
  EXPECT_LE(found->read.count, 100u);
  EXPECT_EQ(found->write.count, 5u);
  EXPECT_EQ(found->query.count, 2u);
  EXPECT_GT(found->read.p50_us + found->query.p50_us, 0);
  EXPECT_GT(found->write.p50_us, 0);
  EXPECT_TRUE(*before == *store::take_fingerprint(posix.world(), where, nullptr));
  EXPECT_FALSE(*os::exists(posix.world().files, scratch / "scratch"));
  const Performance again = performance_from(to_json(*found));
  EXPECT_EQ(to_json(again), to_json(*found));
}

}  // namespace
}  // namespace rollproof::migrate
