#include "lib/report/drilled.h"

#include <gtest/gtest.h>

namespace rollproof::report {
namespace {

constexpr const char* kStores = "leveldb>unified-json";

Json scenario(const std::string& step, const std::string& fault, int recovery_ms, const std::string& verdict = "passed", int fired = 3) {
  return {{"id", "copy." + fault + ".rollback." + step + "@" + kStores}, {"phase", "copy"}, {"direction", "rollback"}, {"step", step}, {"store", kStores},
          {"fault", {{"kind", fault}, {"fired_count", fired}}}, {"verdict", verdict}, {"proof", "simulated"}, {"recovery_ms", recovery_ms}};
}

Drill drill_of(Json scenarios, Json controls = Json::array()) {
  const Json record{{"schema_version", 1}, {"run_id", "r"}, {"execution", "completed"}, {"scenarios", std::move(scenarios)}, {"coverage", {{"controls", std::move(controls)}}}};
  auto drill = parse_drill(record.dump(), "run.json");
  EXPECT_TRUE(drill) << drill.error().to_string();
  return *drill;
}

Nearest nearest_of(const Drill& drill, const Occurrence& one, const std::string& stores = kStores) { return nearest_cells(drill, {one}, stores).front(); }

const Occurrence kDeathInSettle{"copy", "rollback", "settle", "process-death", ""};

TEST(Drilled, IsTheSame_OnlyIfEverythingFits) {
  const Drill drill = drill_of({scenario("settle", "process-death", 27), scenario("settle", "crash", 99)});
  const Nearest same = nearest_of(drill, kDeathInSettle);
  EXPECT_EQ(same.nearness, Nearness::same);
  EXPECT_EQ(same.cell->recovery_ms, 27);
  EXPECT_EQ(same.what_differs, "");
  EXPECT_EQ(nearest_of(drill, {"copy", "rollback", "checks", "process-death", ""}).nearness, Nearness::near);
  EXPECT_EQ(nearest_of(drill, {"copy", "rollback", "settle", "corruption", ""}).nearness, Nearness::never);
  EXPECT_EQ(nearest_of(drill, {"copy", "forward", "settle", "process-death", ""}).nearness, Nearness::never);
  EXPECT_EQ(nearest_of(drill, kDeathInSettle, "leveldb>postgres").nearness, Nearness::never);
  const Nearest none = nearest_of(drill, {"prove", "rollback", "settle", "crash", ""});
  EXPECT_EQ(none.nearness, Nearness::never);
  EXPECT_FALSE(none.cell);
}

TEST(Drilled, IsNever_WhenTheCellFailedOrItsFaultDidNotGoOff) {
  EXPECT_EQ(nearest_of(drill_of({scenario("settle", "process-death", 27, "failed")}), kDeathInSettle).nearness, Nearness::never);
  EXPECT_EQ(nearest_of(drill_of({scenario("settle", "process-death", 27, "passed", 0)}), kDeathInSettle).nearness, Nearness::never);
}

TEST(Drilled, AnUndisturbedRollback_NeedsAControlThatPassed) {
  const Occurrence undisturbed{"copy", "rollback", "", "", ""};
  const Json cells{scenario("settle", "process-death", 27), scenario("open", "crash", 31)};
  EXPECT_EQ(nearest_of(drill_of(cells), undisturbed).nearness, Nearness::never);
  const Drill drill = drill_of(cells, {{{"verdict", "passed"}, {"rollback_from", {"copy"}}}});
  EXPECT_EQ(nearest_of(drill, undisturbed).nearness, Nearness::same);
  EXPECT_EQ(nearest_of(drill, undisturbed).cell->recovery_ms, 31) << "of equally near ones the slowest";
  EXPECT_EQ(nearest_of(drill_of(cells, {{{"verdict", "failed"}, {"rollback_from", {"copy"}}}}), undisturbed).nearness, Nearness::never);
}

TEST(Drilled, RefusesWhatIsNoRecord_AndTakesNothingFromOddMembers) {
  for (const char* text : {"", "{", "[]", "{\"scenarios\": 7}", "{\"scenarios\": [], \"schema_version\": 2}", "{\"scenarios\": []}"}) {
    const auto drill = parse_drill(text, "run.json");
    ASSERT_FALSE(drill) << text;
    EXPECT_EQ(drill.error().code, Code::invalid);
    EXPECT_EQ(drill.error().path, "run.json");
  }
  const Drill odd = drill_of({7, Json::array(), {{"phase", 3}, {"fault", "crash"}}, {{"phase", "copy"}, {"recovery_ms", "soon"}, {"fault", {{"fired_count", -1}}}}});
  EXPECT_EQ(nearest_of(odd, kDeathInSettle).nearness, Nearness::never);
}

}  // namespace
}  // namespace rollproof::report
