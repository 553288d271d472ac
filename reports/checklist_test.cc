#include "reports/checklist.h"

#include <gtest/gtest.h>

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

Json scenario(const char* direction, const char* fault, uint64_t failed = 0, const char* excluded = nullptr, const char* step = "settle") {
  Json json{{"direction", direction}, {"step", step}, {"fault", Json{{"kind", fault}}}, {"verdict", failed == 0 ? "passed" : "failed"}, {"replay", "replay this"},
            {"cases", Json{{"planned", 10}, {"run", 10}, {"pruned", 0}, {"excluded", Json::array()}}},
            {"verdicts", Json{{"passed", 10 - failed}, {"failed", failed}, {"inconclusive", 0}}}};
  if (excluded != nullptr) json["cases"]["excluded"].push_back(Json{{"reason", excluded}, {"count", 3}});
  return json;
}

Json good_record() {
  Json controls = Json::array();
  for (const char* phase : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    controls.push_back(Json{{"verdict", "passed"}, {"rollback_from", Json::array({phase})}, {"migrates_again", true}});
  }
  return Json{{"run_id", "r"}, {"profile", "default"}, {"seed", 1}, {"coverage", Json{{"controls", controls}}},
              {"scenarios", Json::array({scenario("rollback", "crash"), scenario("recovery", "second-crash"), scenario("rollback", "intruder"),
                                            scenario("rollback", "corruption", 0, nullptr, "backup"), scenario("rollback", "corruption", 0, "sampled", "source")})},
              {"violations", Json::array()}};
}

std::string verdict(const Json& record, int line) { return checklist_of(record).at(line - 1).verdict; }

TEST(Checklist, SaysMetOnlyForWhatWasMeasured) {
  const Json record = good_record();
  const std::vector<std::string> expected = {"met", "met", "not measured", "met", "met", "not measured", "met", "met", "not applicable", "met", "met", "not measured"};
  for (int i = 1; i <= 12; ++i) EXPECT_EQ(verdict(record, i), expected[i - 1]) << i << ": " << checklist_of(record)[i - 1].evidence;
}

TEST(Checklist, AnEmptyRecordMeetsNothing) {
  for (const auto& line : checklist_of(Json::object())) EXPECT_NE(line.verdict, "met") << line.text;
}

TEST(Checklist, AFailedCaseIsNotMet_AndSaysHowToReplayIt) {
  Json record = good_record();
  record["scenarios"][0] = scenario("rollback", "crash", 1);
  EXPECT_EQ(verdict(record, 4), "not met");
  EXPECT_NE(checklist_of(record)[3].evidence.find("replay this"), std::string::npos);
}

TEST(Checklist, WhatTheProfileLeftOutIsNotMeasured_WhateverItIs) {
  for (const char* reason : {"prefixes: sampled by profile quick", "single sectors: sampled by profile default", "out of budget"}) {
    Json record = good_record();
    record["scenarios"][0] = scenario("rollback", "crash", 0, reason);
    EXPECT_EQ(verdict(record, 4), "not measured");
    EXPECT_NE(checklist_of(record)[3].evidence.find(reason), std::string::npos);
  }
  Json record = good_record();
  record["scenarios"][1] = scenario("recovery", "second-crash", 0, "recoveries of first crashes: sampled by profile default");
  EXPECT_EQ(verdict(record, 4), "not measured");
  record["scenarios"][1] = scenario("recovery", "second-crash", 1);
  EXPECT_EQ(verdict(record, 4), "not met");
  record["scenarios"].erase(1);
  EXPECT_EQ(verdict(record, 4), "not measured") << "without a crash of a recovery";
}

TEST(Checklist, ADamagedBackupIsJudgedByTheCasesThatDamageOne) {
  Json record = good_record();
  record["scenarios"][3] = scenario("rollback", "corruption", 0, "damage between two commands: sampled by profile default", "backup");
  EXPECT_EQ(verdict(record, 2), "not measured");
  record["scenarios"][3] = scenario("rollback", "corruption", 1, nullptr, "backup");
  EXPECT_EQ(verdict(record, 2), "not met");
  record["scenarios"][3] = scenario("forward", "corruption", 0, nullptr, "backup");
  EXPECT_EQ(verdict(record, 2), "not measured");
}

TEST(Checklist, AViolatedPromiseTakesItsLinesDown) {
  Json record = good_record();
  record["violations"].push_back(Json{{"promise", 9}, {"case", "c"}, {"what", "w"}});
  EXPECT_EQ(verdict(record, 11), "not met");
  EXPECT_EQ(verdict(record, 12), "not met");
  EXPECT_EQ(verdict(record, 7), "met");
}

TEST(Checklist, APhaseWithoutAnUndisturbedRollbackIsNotMeasured) {
  Json record = good_record();
  record["coverage"]["controls"].erase(3);
  EXPECT_EQ(verdict(record, 1), "not measured");
}

TEST(Checklist, TheSameRecordGivesTheSameBytes) { EXPECT_EQ(render_checklist(good_record()), render_checklist(good_record())); }

}  // namespace
}  // namespace rollproof::reports
