#include "reports/run.h"

#include <gtest/gtest.h>

#include "reports/record_for_tests.h"

namespace rollproof::reports {
namespace {

Verdict verdict_of(const TestJson& scenario) { return run_of(record_for_tests(TestJson::array({scenario}))).value().scenarios.at(0).verdict; }

TEST(ReadRun, RefusesWhatIsNoRecordItKnows) {
  for (const char* bytes : {"", "nothing", "[]", "{}", "null", R"({"schema_version":"1"})", R"({"schema_version":2})", R"({"schema_version":0})", R"({"schema_version":1.0})", R"({"schema_version":1)"}) {
    const auto run = read_run(bytes);
    ASSERT_FALSE(run) << bytes;
    EXPECT_EQ(run.error().code, Code::invalid);
    EXPECT_FALSE(run.error().hint.empty());
  }
  EXPECT_NE(read_run(R"({"schema_version":2})").error().message.find("schema_version 2"), std::string::npos);
}

TEST(ReadRun, KnowsTheDigestOfItsBytes) {
  EXPECT_EQ(read_run(R"({"schema_version":1})").value().sha256, "a9d5f6d002d956b8af5787a05e0ca000d45c03977ffa54ee8fbed719fed5fd23");
}

TEST(ReadRun, BelievesPassed_OnlyWithWhatShowsIt) {
  EXPECT_EQ(verdict_of(scenario_for_tests({})), Verdict::passed);
  EXPECT_EQ(verdict_of(scenario_for_tests({.failed = 1})), Verdict::failed);
  EXPECT_EQ(verdict_of(scenario_for_tests({.inconclusive = 1})), Verdict::inconclusive);
  EXPECT_EQ(verdict_of(scenario_for_tests({.run = false})), Verdict::not_run);
  TestJson json = scenario_for_tests({});
  json["fault"]["fired_count"] = 0;
  EXPECT_EQ(verdict_of(json), Verdict::inconclusive) << "the fault did not go off";
  json = scenario_for_tests({});
  json["cases"]["run"] = 0;
  EXPECT_EQ(verdict_of(json), Verdict::inconclusive) << "nothing ran";
  json = scenario_for_tests({});
  json["execution"] = "crashed";
  EXPECT_EQ(verdict_of(json), Verdict::inconclusive) << "it did not come to its end";
  json = scenario_for_tests({});
  json["verdict"] = "excellent";
  EXPECT_EQ(verdict_of(json), Verdict::inconclusive) << "a word that nobody knows";
  json = scenario_for_tests({.failed = 1});
  json["verdict"] = "passed";
  EXPECT_EQ(verdict_of(json), Verdict::failed) << "one case of it failed";
  json = scenario_for_tests({});
  json["verdict"] = "not_run";
  EXPECT_EQ(verdict_of(json), Verdict::inconclusive) << "it was run";
}

TEST(ReadRun, TakesNothingForGood_WhereFieldsAreOfAnotherKind) {
  const auto run = run_of(TestJson{{"schema_version", 1}, {"scenarios", "many"}, {"gate", {{"exit_code", -1}}}, {"mutants", 7}, {"coverage", TestJson::array({1})}, {"recovery", nullptr}, {"violations_total", -5}}).value();
  EXPECT_TRUE(run.scenarios.empty());
  EXPECT_NE(run.exit_code.value(), 0);
  EXPECT_EQ(run.violations_total, 0u);
}

TEST(Percentile, IsTheTimeThatSoManyStayedWithin) {
  const Times times{{10, 50}, {20, 45}, {30, 5}};
  EXPECT_EQ(percentile(times, 50), 10);
  EXPECT_EQ(percentile(times, 51), 20);
  EXPECT_EQ(percentile(times, 95), 20);
  EXPECT_EQ(percentile(times, 96), 30);
  EXPECT_EQ(percentile(times, 100), 30);
  EXPECT_EQ(percentile({{7, 1}}, 95), 7);
  EXPECT_EQ(percentile({}, 50), std::nullopt);
}

}  // namespace
}  // namespace rollproof::reports
