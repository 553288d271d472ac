#include "harness/drill/merge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/drill/drill.h"
#include "harness/drill/run_record.h"
#include "reports/figures.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

constexpr const char* kShort = R"({"name": "short", "before": ["migrate dual-write", "put 56-New 90"], "drilled": ["rollback source"]})";

Json record_of_shard(const Shard& shard, const char* run_id) {
  Profile sparse = *Profile::named("catch");
  sparse.whole_every = sparse.none_every = 16;
  sparse.io_every = sparse.death_every = sparse.single_every = sparse.torn_every = sparse.io_from_every = sparse.second_part_every = 64;
  sparse.look_every = sparse.damage_every = sparse.damage_dead_every = 512;
  sparse.look_from_every = 2048;
  sparse.second_firsts = 1;
  const DrillOptions options{.profile = sparse, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures", .shard = shard};
  auto outcome = run_drill({*Story::parse(kShort, "short.json")}, options, {});
  EXPECT_TRUE(outcome);
  return record_of(*outcome, options, {.run_id = run_id, .version = "0", .started_ms = 1000 * shard.index, .finished_ms = 60'000 * shard.index});
}

const Json& whole_record() {
  static const Json whole = record_of_shard({}, "r");
  return whole;
}

// Three shards, drilled once.
const std::vector<ShardRecord>& shards() {
  static const std::vector<ShardRecord> all = [] {
    std::vector<ShardRecord> records;
    for (uint32_t i = 1; i <= 3; ++i) records.push_back({.path = fmt::format("{}.json", i), .sha256 = "s", .record = record_of_shard({i, 3}, "r")});
    return records;
  }();
  return all;
}

Error refusal(const std::function<void(std::vector<ShardRecord>&)>& change) {
  auto records = shards();
  change(records);
  const auto merged = merge_records(std::move(records));
  EXPECT_FALSE(merged);
  return merged ? Error{} : merged.error();
}

TEST(Merge, GivesTheRecordOfTheUndividedRun) {
  Json whole = whole_record();
  auto merged = merge_records({shards()[2], shards()[0], shards()[1]});
  ASSERT_TRUE(merged) << merged.error().to_string();
  EXPECT_EQ((*merged)["evidence"].size(), 3u);
  EXPECT_EQ((*merged)["started_at"], "1970-01-01T00:00:01.000Z");
  EXPECT_EQ((*merged)["finished_at"], "1970-01-01T00:03:00.000Z");
  for (const char* own : {"run_id", "started_at", "finished_at", "duration_ms", "performance", "evidence"}) {
    whole.erase(own);
    merged->erase(own);
  }
  EXPECT_GT(whole["scenarios"].size(), 20u);
  for (const auto& [key, value] : whole.items()) EXPECT_EQ(merged->at(key).dump(), value.dump()) << key;
  EXPECT_EQ(merged->dump(), whole.dump());
}

TEST(Merge, HoldsEachScenarioInOneShard_AndEveryShardAddsUp) {
  size_t scenarios = 0;
  for (const ShardRecord& shard : shards()) {
    const auto figures = reports::figures_of(shard.record);
    ASSERT_TRUE(figures) << figures.error().message;
    EXPECT_THAT(figures->contradictions, testing::IsEmpty());
    EXPECT_EQ(figures->steps_complete, figures->steps) << "the faults of a step are together";
    EXPECT_FALSE(figures->scenarios.empty());
    scenarios += figures->scenarios.size();
  }
  EXPECT_EQ(scenarios, whole_record()["scenarios"].size());
}

TEST(Merge, RefusesWhatIsNotOfOneRun) {
  using Records = std::vector<ShardRecord>;
  for (const auto& [change, what] : {
           std::pair{std::function<void(Records&)>([](Records& r) { r.pop_back(); }), "of 3 shards these are missing: 3"},
           {[](Records& r) { r.erase(r.begin(), r.begin() + 2); }, "missing: 1, 2"},
           {[](Records& r) { r.clear(); }, "nothing to merge"},
           {[](Records& r) { r[2] = r[0]; }, "is shard 1, as is 1.json"},
           {[](Records& r) { r.push_back(r[1]); }, "is shard 2, as is 2.json"},
           {[](Records& r) { r[2].record["shard"]["index"] = 2; }, "is shard 2"},
           {[](Records& r) { r[0].record["shard"] = nullptr; }, "is no shard"},
           {[](Records& r) { r[1].record["shard"]["count"] = 4; }, "another number of shards"},
           {[](Records& r) { r[1].record["seed"] = 2; }, "another seed"},
           {[](Records& r) { r[1].record["profile"] = "deep"; }, "another profile"},
           {[](Records& r) { r[1].record["tool"]["commit"] = "other"; }, "another commit"},
           {[](Records& r) { r[1].record["matrix"]["pattern"] = "short"; }, "another pattern"},
           {[](Records& r) { r[1].record["subject"] = Json{{"kind", "own stores"}, {"source", "a"}, {"target", "b"}}; }, "another subject"},
           {[](Records& r) { r[1].record["schema_version"] = 2; }, "schema_version"},
           {[](Records& r) { r[1].record["scenarios"][0]["cases"]["planned"] = 1'000'000; }, "contradicts itself"},
           {[](Records& r) { r[1].record["scenarios"] = "none"; }, "scenarios is no list"},
           {[](Records& r) { r[1].record = Json::array(); }, "is no record"},
           {[](Records& r) { r[1].record["recovery"] = Json::array(); }, "recovery is no object"},
           {[](Records& r) { r[1].record["scenarios"][0]["images"] = "many"; }, "can not be merged"},
       }) {
    const Error error = refusal(change);
    EXPECT_EQ(error.code, Code::invalid);
    EXPECT_THAT(error.message, HasSubstr(what));
  }
}

TEST(Merge, RefusesAScenarioThatIsInTwo) {
  // Two whole matrices that call themselves shards.
  std::vector<ShardRecord> twice;
  for (uint32_t i = 1; i <= 2; ++i) {
    twice.push_back({.path = fmt::format("{}.json", i), .record = whole_record()});
    twice.back().record["shard"] = Json{{"index", i}, {"count", 2}};
  }
  const auto merged = merge_records(std::move(twice));
  ASSERT_FALSE(merged);
  EXPECT_THAT(merged.error().message, HasSubstr("as does 1.json"));
  EXPECT_EQ(merged.error().path, "2.json");
}

TEST(Merge, TheWorstOfAShardIsTheWorstOfTheWhole) {
  auto records = shards();
  records[1].record["execution"] = "crashed";
  records[1].record["ended_because"] = "it died";
  records[2].record["mutants"] = Json{{"planned", 3}, {"caught", 2}, {"missed", Json::array({Json{{"name", "m"}}})}};
  records[2].record["coverage"]["controls"][0]["verdict"] = "failed";
  auto merged = merge_records(records);
  ASSERT_TRUE(merged) << merged.error().to_string();
  EXPECT_EQ((*merged)["execution"], "crashed");
  EXPECT_EQ((*merged)["ended_because"], "shard 2: it died");
  EXPECT_EQ((*merged)["coverage"]["controls"].size(), 1u);
  EXPECT_EQ((*merged)["coverage"]["controls"][0]["verdict"], "failed");
  EXPECT_EQ((*merged)["mutants"]["planned"], 3);
  EXPECT_EQ((*merged)["gate"]["exit_code"], 11) << "a mutant got away";
  records[2].record["mutants"] = records[0].record["mutants"];
  merged = merge_records(std::move(records));
  EXPECT_EQ((*merged)["gate"]["exit_code"], 12);
}

}  // namespace
}  // namespace rollproof::drill
