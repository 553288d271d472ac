#include "harness/drill/shard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

namespace rollproof::drill {
namespace {

// As many names as a real matrix has, and as alike.
std::vector<Cell> cells() {
  std::vector<Cell> cells;
  for (const char* phase : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    for (const fault::Kind kind : fault::all_kinds()) {
      for (const char* direction : {"forward", "rollback"}) {
        for (int step = 0; step < 20; ++step) cells.push_back({phase, kind, direction, fmt::format("step-{}", step), "leveldb>unified-json"});
      }
    }
  }
  return cells;
}

TEST(Shard, TheUnionIsTheWhole_AndNoScenarioIsInTwo) {
  const auto all = cells();
  for (const uint32_t count : {1u, 2u, 3u, 7u, 16u}) {
    size_t most = 0, least = all.size();
    std::vector<size_t> holders(all.size());
    for (uint32_t index = 1; index <= count; ++index) {
      const Shard shard{index, count};
      size_t held = 0;
      for (size_t i = 0; i < all.size(); ++i) {
        const bool holds = shard.holds(all[i]);
        holders[i] += holds;
        held += holds;
      }
      most = std::max(most, held);
      least = std::min(least, held);
    }
    EXPECT_EQ(std::set<size_t>(holders.begin(), holders.end()), std::set<size_t>{1}) << count;
    EXPECT_LE(most, 3 * least) << "so uneven that " << count << " machines are no faster";
  }
}

TEST(Shard, TheSameNameIsAlwaysInTheSameShard) {
  // Written down: a new version of the program that split otherwise could not be merged with an old one, and nobody would notice.
  for (const fault::Kind kind : fault::all_kinds()) {
    EXPECT_TRUE((Shard{3, 3}.holds({"copy", kind, "forward", "copy-records", "leveldb>unified-json"})));
    EXPECT_TRUE((Shard{2, 3}.holds({"cutover", kind, "rollback", "settle", "leveldb>unified-json"})));
  }
}

TEST(Shard, TakesCasesAndCountsOfOtherShardsOutOfAPlan) {
  Plan whole;
  whole.cells = cells();
  for (uint32_t i = 0; i < whole.cells.size(); ++i) {
    whole.counts.push_back({.planned = 3, .run = 1, .pruned = 1, .excluded = {{"r", 1}}});
    whole.cases.push_back({.cell = i});
  }
  uint64_t planned = 0, cases = 0;
  for (uint32_t index = 1; index <= 3; ++index) {
    Plan part = whole;
    keep_shard(part, {index, 3});
    EXPECT_EQ(part.cells.size(), whole.cells.size()) << "indices of cells stay what they are";
    uint64_t here = 0;
    for (const Counts& counts : part.counts) here += counts.planned;
    EXPECT_EQ(here, 3 * part.cases.size());
    planned += here;
    cases += part.cases.size();
  }
  EXPECT_EQ(planned, 3 * whole.cells.size());
  EXPECT_EQ(cases, whole.cases.size());
}

TEST(Shard, RefusesWhatIsNone) {
  EXPECT_EQ(Shard::parse("2/8")->index, 2u);
  EXPECT_EQ(Shard::parse("2/8")->count, 8u);
  EXPECT_TRUE(Shard::parse("1/1")->whole());
  for (const char* text : {"", "1", "/", "0/2", "3/2", "1/0", "1/2/3", "-1/2", "a/b", " 1/2", "1/1001", "1/99999999999"}) {
    const auto shard = Shard::parse(text);
    ASSERT_FALSE(shard) << text;
    EXPECT_EQ(shard.error().code, Code::invalid);
  }
}

}  // namespace
}  // namespace rollproof::drill
