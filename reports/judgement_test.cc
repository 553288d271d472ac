#include "reports/judgement.h"

#include <gtest/gtest.h>

#include "reports/matrix.h"
#include "reports/record_for_tests.h"

namespace rollproof::reports {
namespace {

Judgement judgement(const TestJson& record) { return judgement_of(run_of(record).value()); }

TEST(Judgement, IsPassed_OnlyWhenEverythingIsThere) {
  EXPECT_EQ(judgement(record_for_tests()).verdict, Verdict::passed) << judgement(record_for_tests()).why;
  const auto without = [](auto change) {
    TestJson record = record_for_tests();
    change(record);
    return judgement(record).verdict;
  };
  EXPECT_EQ(without([](TestJson& r) { r["mutants"] = {{"planned", 0}, {"caught", 0}, {"missed", TestJson::array()}}; }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["coverage"]["controls"] = TestJson::array(); }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["coverage"]["controls"][0]["verdict"] = "inconclusive"; }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["scenarios"] = TestJson::array(); }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["execution"] = "interrupted"; }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r.erase("gate"); }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["gate"]["exit_code"] = 12; }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["scenarios"].push_back(scenario_for_tests({.step = "end", .inconclusive = 1})); }), Verdict::inconclusive);
  EXPECT_EQ(without([](TestJson& r) { r["scenarios"].push_back(scenario_for_tests({.step = "end", .failed = 1})); }), Verdict::failed);
  EXPECT_EQ(without([](TestJson& r) { r["violations_total"] = 1; }), Verdict::failed);
  EXPECT_EQ(without([](TestJson& r) { r["mutants"]["missed"].push_back({{"name", "m"}}); }), Verdict::failed);
  EXPECT_EQ(without([](TestJson& r) { r["gate"]["exit_code"] = 10; }), Verdict::failed);
  EXPECT_EQ(without([](TestJson& r) { r["gate"]["clauses"] = TestJson::array({{{"name", "safety"}, {"verdict", "failed"}}}); }), Verdict::failed);
}

TEST(Clauses, SayNotMeasured_WithoutAGate) {
  const auto clauses = clauses_of(run_of(record_for_tests()).value());
  std::string verdicts;
  for (const ClauseRow& clause : clauses) verdicts += clause.verdict + ",";
  EXPECT_EQ(verdicts, "passed,not measured,passed,not measured,passed,not measured,not measured,not measured,");
}

TEST(Clauses, AreThoseOfTheGate_WhenItJudged) {
  TestJson record = record_for_tests();
  record["gate"]["clauses"] = TestJson::array({{{"name", "safety"}, {"verdict", "passed"}, {"measured", 3}, {"limit", "5"}, {"margin", 2}}});
  const auto clauses = clauses_of(run_of(record).value());
  ASSERT_EQ(clauses.size(), 1u);
  EXPECT_EQ(clauses[0].measured, "3");
}

TEST(Judgement, IsNotEnoughEvidence_WhenTheGateSaysSo) {
  TestJson record = record_for_tests();
  record["gate"] = {{"exit_code", 12}, {"clauses", TestJson::array({{{"name", "3 evidence"}, {"verdict", "failed"}, {"why", "no mutants"}, {"failing", {"a", "b", "c", "d"}}, {"failing_total", 9}}})}};
  EXPECT_EQ(judgement(record).verdict, Verdict::inconclusive);
  EXPECT_EQ(judgement(record).why, "clause 3 evidence of the gate asks for more: no mutants; a; b; c; and 6 more");
}

TEST(Matrix, PutsPhasesInTheirOrder_AndTheWorstFirst) {
  const auto run = run_of(record_for_tests(TestJson::array({scenario_for_tests({}), scenario_for_tests({.phase = "validate", .direction = "forward", .inconclusive = 2}),
                                                           scenario_for_tests({.phase = "copy", .fault = "memory", .failed = 2}), scenario_for_tests({.phase = "copy", .run = false})}))).value();
  const Matrix matrix = matrix_of(run);
  std::string text;
  for (const Row& row : matrix.rows) {
    text += row.phase + " " + row.direction + ":";
    for (const Cell& cell : row.cells) text += " " + cell.to_string() + ",";
    text += "\n";
  }
  EXPECT_EQ(text, "validate forward: ? 2 of 10, ·, ·,\ncopy rollback: ○ not run, ✗ 2 of 10, ·,\ncutover rollback: ✓ 10, ·, n/a,\n");
  EXPECT_EQ(matrix.faults, (std::vector<std::string>{"crash", "memory", "connection"}));
  const auto worst = worst_first(run);
  ASSERT_EQ(worst.size(), 2u);
  EXPECT_EQ(worst[0]->phase, "copy");
}

}  // namespace
}  // namespace rollproof::reports
