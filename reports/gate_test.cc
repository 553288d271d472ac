#include "reports/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "lib/base/time_text.h"
#include "reports/gate_text.h"
#include "reports/sound_record_test.h"

namespace rollproof::reports {
namespace {

using Json = RecordJson;
using testing::HasSubstr;

const int64_t kNow = *parse_time("2026-03-02");
constexpr const char* kCopyMemory = "copy.memory.rollback.settle@leveldb>unified-json";

Policy lenient() {
  Policy policy;
  policy.planned_percent_min = 0;
  policy.judged_percent_min = 0;
  policy.inconclusive_max = 1'000'000;
  policy.steps_percent_min = 0;
  return policy;
}

KnownFailureEntry known(const std::string& id, const char* since = "2026-02-20", const char* expires = "2026-04-01") {
  return {.id = id, .owner = "o", .ticket = "T-1", .reason = "r", .since = since, .expires = expires, .since_ms = *parse_time(since), .expires_ms = *parse_time(expires)};
}

// A change to a sound run, a policy and a baseline; the clause that it is about, what becomes of it, and the exit code.
struct Row {
  const char* about;
  std::function<void(Json& record, Policy& policy, Json& baseline)> change;
  int clause;
  GateClause::Verdict verdict;
  int exit_code;
};

constexpr auto kPassed = GateClause::Verdict::passed;
constexpr auto kFailed = GateClause::Verdict::failed;
constexpr auto kNotJudged = GateClause::Verdict::not_judged;

void violate(Json& record) {
  record["violations_total"] = 1;
  record["violations"].push_back(Json{{"promise", 8}, {"case", "c"}, {"what", "w"}, {"category", "leak"}, {"replay", "rollproof-drill replay 'c'"}});
}
void empty_matrix(Json& record) {
  record["scenarios"] = Json::array();
  record = settled(std::move(record));
}
void run_nothing(Json& record) {
  for (size_t i = 0; i < record["scenarios"].size(); ++i) leave_out(record, i);
  record = settled(std::move(record));
}
void add_real(Json& record, uint64_t planned, uint64_t passed, uint64_t failed = 0, const char* broke_off = "") {
  record["coverage"]["real"] = Json{{"planned", planned}, {"cases", passed + failed}, {"passed", passed}, {"failed", failed}, {"inconclusive", 0}, {"broke_off", broke_off}};
}
void slow(Json& record, int64_t ms) {
  record["scenarios"][3]["recovery_ms"] = ms;
  record = settled(std::move(record));
}
void without(Json& record, size_t index) {
  record["scenarios"].erase(index);
  record = settled(std::move(record));
}
void not_run(Json& record, size_t index) {
  leave_out(record, index);
  record = settled(std::move(record));
}

const std::vector<Row> kRows = {
    {"a sound run", [](Json&, Policy&, Json&) {}, 1, kPassed, 0},
    {"a violation of any promise", [](Json& r, Policy&, Json&) { violate(r); }, 1, kFailed, 11},
    {"a lost row", [](Json& r, Policy&, Json&) { fail_case(r, 0); }, 1, kFailed, 11},
    {"a stuck state", [](Json& r, Policy&, Json&) { fail_case(r, 0, "stuck_state"); }, 1, kFailed, 11},
    {"records that differ in a scenario that calls itself passed", [](Json& r, Policy&, Json&) { r["scenarios"][0]["integrity"] = Json{{"missing", 1}, {"extra", 0}, {"changed", 0}, {"duplicated", 0}}; }, 1, kFailed, 11},
    {"an attempt that failed before the one that passed", [](Json& r, Policy&, Json&) { r["scenarios"][0]["attempts"] = Json::array({Json{{"verdict", "failed"}}, Json{{"verdict", "passed"}}}); }, 1, kFailed, 11},
    {"a mutant that got away", [](Json& r, Policy&, Json&) { r["mutants"] = Json{{"planned", 2}, {"caught", 1}, {"missed", Json::array({Json{{"name", "m"}}})}}; }, 1, kFailed, 11},
    {"a story that fails without a fault", [](Json& r, Policy&, Json&) { r["coverage"]["controls"][0]["verdict"] = "failed"; }, 1, kFailed, 11},
    {"a real process that failed", [](Json& r, Policy&, Json&) { add_real(r, 10, 9, 1); }, 1, kFailed, 11},
    {"nothing was run", [](Json& r, Policy&, Json&) { run_nothing(r); }, 1, kNotJudged, 12},

    {"the policy requires nothing", [](Json&, Policy&, Json&) {}, 2, kNotJudged, 0},
    {"required and passed", [](Json&, Policy& p, Json&) { p.required = {"copy.*.rollback.*"}; }, 2, kPassed, 0},
    {"required and failed", [](Json& r, Policy& p, Json&) { p.required = {"copy.*.rollback.*"}; fail_case(r, 0, "recovery_time_exceeded"); }, 2, kFailed, 11},
    {"required and not run", [](Json& r, Policy& p, Json&) { p = lenient(); p.required = {"copy.memory.*"}; not_run(r, 3); }, 2, kFailed, 11},
    {"required and inconclusive", [](Json& r, Policy& p, Json&) { p = lenient(); p.required = {"copy.memory.*"}; fail_case(r, 3, "fault_not_injected", "inconclusive"); }, 2, kFailed, 11},
    {"a pattern that matches nothing", [](Json&, Policy& p, Json&) { p.required = {"copy.*", "cpoy.*"}; }, 2, kFailed, 2},

    {"enough", [](Json&, Policy&, Json&) {}, 3, kPassed, 0},
    {"nothing was run", [](Json& r, Policy& p, Json&) { p = lenient(); run_nothing(r); }, 3, kFailed, 12},
    {"an emptied matrix", [](Json& r, Policy& p, Json&) { p = lenient(); empty_matrix(r); }, 3, kFailed, 12},
    {"an inconclusive case", [](Json& r, Policy&, Json&) { fail_case(r, 0, "fault_not_injected", "inconclusive"); }, 3, kFailed, 12},
    {"as many inconclusive cases as the policy lets pass", [](Json& r, Policy& p, Json&) { p = lenient(); fail_case(r, 0, "fault_not_injected", "inconclusive"); }, 3, kPassed, 0},
    {"a step without a crash", [](Json& r, Policy& p, Json&) { p = lenient(); p.steps_percent_min = 51; not_run(r, 0); }, 3, kFailed, 12},
    {"half of the steps where half are wanted", [](Json& r, Policy& p, Json&) { p = lenient(); p.steps_percent_min = 50; not_run(r, 0); }, 3, kPassed, 0},
    {"fewer cases than are wanted", [](Json&, Policy& p, Json&) { p.cases_min = 81; }, 3, kFailed, 12},
    {"as many cases as are wanted", [](Json&, Policy& p, Json&) { p.cases_min = 80; }, 3, kPassed, 0},
    {"no mutants", [](Json& r, Policy&, Json&) { r["mutants"] = Json{{"planned", 0}, {"caught", 0}, {"missed", Json::array()}}; }, 3, kFailed, 12},
    {"no mutants where none are wanted", [](Json& r, Policy& p, Json&) { p.mutants_required = false; r["mutants"] = Json{{"planned", 0}, {"caught", 0}, {"missed", Json::array()}}; }, 3, kPassed, 0},
    {"another profile", [](Json&, Policy& p, Json&) { p.profiles = {"deep"}; }, 3, kFailed, 12},
    {"an accepted profile", [](Json&, Policy& p, Json&) { p.profiles = {"deep", "default"}; }, 3, kPassed, 0},
    {"real processes that broke off", [](Json& r, Policy&, Json&) { add_real(r, 10, 10, 0, "no room"); }, 3, kFailed, 12},
    {"too few real processes that passed", [](Json& r, Policy&, Json&) { add_real(r, 100, 89); }, 3, kFailed, 12},
    {"enough real processes that passed", [](Json& r, Policy&, Json&) { add_real(r, 100, 90); }, 3, kPassed, 0},
    {"real processes that do not add up", [](Json& r, Policy&, Json&) { add_real(r, 100, 100); r["coverage"]["real"]["cases"] = 99; }, 3, kFailed, 12},
    {"no control run", [](Json& r, Policy&, Json&) { r["coverage"]["controls"] = Json::array(); }, 3, kFailed, 12},
    {"an inconclusive control run", [](Json& r, Policy&, Json&) { r["coverage"]["controls"][0]["verdict"] = "inconclusive"; }, 3, kFailed, 12},
    {"a run that was interrupted", [](Json& r, Policy&, Json&) { r["execution"] = "interrupted"; }, 3, kFailed, 12},
    {"a shard", [](Json& r, Policy&, Json&) { r["shard"] = Json{{"index", 1}, {"count", 2}}; }, 3, kFailed, 12},
    {"a record that does not add up", [](Json& r, Policy& p, Json&) { p = lenient(); r["scenarios"][0]["cases"]["planned"] = 99; }, 3, kFailed, 12},

    {"all passed", [](Json&, Policy&, Json&) {}, 4, kPassed, 0},
    {"too many not run", [](Json& r, Policy& p, Json&) { p.planned_percent_min = 87.6; not_run(r, 3); }, 4, kFailed, 10},
    {"as many not run as the policy lets pass", [](Json& r, Policy& p, Json&) { p.planned_percent_min = 87.5; not_run(r, 3); }, 4, kPassed, 0},
    {"one that was late", [](Json& r, Policy& p, Json&) { p.planned_percent_min = 50; fail_case(r, 3, "recovery_time_exceeded"); }, 4, kFailed, 10},
    {"one that was late, and known", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory)}; fail_case(r, 3, "recovery_time_exceeded"); }, 4, kPassed, 0},
    {"one that was late, and is not known yet", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory, "2026-03-03")}; fail_case(r, 3, "recovery_time_exceeded"); }, 4, kFailed, 10},
    {"an emptied matrix", [](Json& r, Policy&, Json&) { empty_matrix(r); }, 4, kNotJudged, 12},

    {"in time", [](Json&, Policy&, Json&) {}, 5, kPassed, 0},
    {"exactly the limit", [](Json& r, Policy&, Json&) { slow(r, 60'000); }, 5, kPassed, 0},
    {"over the limit", [](Json& r, Policy&, Json&) { slow(r, 60'001); }, 5, kFailed, 10},
    {"over the limit, and known", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory)}; slow(r, 60'001); }, 5, kPassed, 0},
    {"over the policy's limit", [](Json&, Policy& p, Json&) { p.limit_s = {{"copy", 0.029}}; }, 5, kFailed, 10},
    {"no reserve", [](Json& r, Policy& p, Json&) { p.percent_of_limit_max = 50; slow(r, 30'001); }, 5, kFailed, 10},
    {"a limit for what was not measured", [](Json&, Policy& p, Json&) { p.limit_s = {{"prove", 60}}; }, 5, kFailed, 10},
    {"a projected way back that is too long", [](Json& r, Policy&, Json&) { r["recovery"]["copy"]["projection"] = Json{{"projected_ms", 70'000}, {"limit_ms", 60'000}}; }, 5, kFailed, 10},
    {"no limit", [](Json& r, Policy&, Json&) { for (Json& scenario : r["scenarios"]) scenario["target_ms"] = 0; r = settled(r); }, 5, kNotJudged, 0},

    {"as the baseline", [](Json&, Policy&, Json&) {}, 6, kPassed, 0},
    {"no baseline", [](Json&, Policy&, Json& b) { b = nullptr; }, 6, kNotJudged, 0},
    {"another profile", [](Json&, Policy&, Json& b) { b["profile"] = "deep"; }, 6, kNotJudged, 0},
    {"another seed", [](Json&, Policy&, Json& b) { b["seed"] = 2; }, 6, kNotJudged, 0},
    {"another subject", [](Json&, Policy&, Json& b) { b["subject"] = Json{{"kind", "own stores"}, {"source", "leveldb:a"}, {"target", "unified-json:b"}}; }, 6, kNotJudged, 0},
    {"a matrix that shrank", [](Json& r, Policy&, Json&) { without(r, 3); }, 6, kFailed, 13},
    {"a matrix that shrank, known or not", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory)}; without(r, 3); }, 6, kFailed, 13},
    {"a matrix that grew", [](Json&, Policy&, Json& b) { without(b, 3); }, 6, kPassed, 0},
    {"one that passed and was not run", [](Json& r, Policy& p, Json&) { p = lenient(); not_run(r, 3); }, 6, kFailed, 13},
    {"one that passed and was not run, and known", [](Json& r, Policy& p, Json&) { p = lenient(); p.known_failures = {known(kCopyMemory)}; not_run(r, 3); }, 6, kPassed, 0},
    {"a story that is not told", [](Json&, Policy&, Json& b) { b["coverage"]["controls"].push_back(Json{{"story", "other"}, {"verdict", "passed"}}); }, 6, kFailed, 13},
    {"no real processes any more", [](Json&, Policy&, Json& b) { add_real(b, 10, 10); }, 6, kFailed, 13},
    {"fewer mutants", [](Json&, Policy&, Json& b) { b["mutants"] = Json{{"planned", 3}, {"caught", 3}, {"missed", Json::array()}}; }, 6, kFailed, 13},
    {"slower within noise", [](Json& r, Policy&, Json&) { slow(r, 130); }, 6, kPassed, 0},
    {"slower", [](Json& r, Policy&, Json&) { slow(r, 131); }, 6, kFailed, 13},
    {"slower by less than the percentage", [](Json& r, Policy& p, Json&) { p.recovery_noise_percent = 400; slow(r, 131); }, 6, kPassed, 0},
    {"faster", [](Json&, Policy&, Json& b) { slow(b, 50'000); }, 6, kPassed, 0},
    {"fewer cases", [](Json& r, Policy&, Json&) { for (size_t i = 0; i < 8; ++i) r["scenarios"][i] = scenario_row(i < 4 ? "copy" : "cutover", r["scenarios"][i]["fault"]["kind"], "rollback", "settle", 7); r = settled(r); }, 6, kFailed, 13},
    {"a baseline that does not add up", [](Json&, Policy&, Json& b) { b["scenarios"][0]["cases"]["planned"] = 99; }, 6, kFailed, 2},

    {"none known", [](Json&, Policy&, Json&) {}, 7, kPassed, 0},
    {"known and in force", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory)}; slow(r, 60'001); }, 7, kPassed, 0},
    {"expired, though nothing fails any more", [](Json&, Policy& p, Json&) { p.known_failures = {known(kCopyMemory, "2026-01-01", "2026-03-02")}; }, 7, kFailed, 14},
    {"expired, and it counts again", [](Json& r, Policy& p, Json&) { p.known_failures = {known(kCopyMemory, "2026-01-01", "2026-03-02")}; slow(r, 60'001); }, 7, kFailed, 10},
    {"too long", [](Json&, Policy& p, Json&) { p.known_failures = {known(kCopyMemory, "2026-01-01", "2026-06-01")}; }, 7, kFailed, 14},
    {"too many entries", [](Json&, Policy& p, Json&) { p.known_failures_max = 1; p.known_failures = {known(kCopyMemory), known("other")}; }, 7, kFailed, 14},
    {"one entry for too many scenarios", [](Json& r, Policy& p, Json&) { p = lenient(); p.known_failures_max = 1; p.known_failures = {known("*.memory.*")}; leave_out(r, 3); not_run(r, 7); }, 7, kFailed, 14},

    {"fresh", [](Json&, Policy&, Json&) {}, 8, kPassed, 0},
    {"too old", [](Json&, Policy& p, Json&) { p.max_age_ms = 11 * 3'600'000; }, 8, kFailed, 12},
    {"of tomorrow", [](Json& r, Policy&, Json&) { r["finished_at"] = "2026-03-03T00:00:00Z"; }, 8, kFailed, 12},
    {"of a clock that is a little ahead", [](Json& r, Policy&, Json&) { r["finished_at"] = "2026-03-02T00:04:00Z"; }, 8, kPassed, 0},
};

TEST(Gate, JudgesEachClauseInBothDirections) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::to_string(row.clause) + ": " + row.about);
    Json record = sound_record(), baseline = sound_record();
    Policy policy;
    row.change(record, policy, baseline);
    const Figures before = baseline.is_null() ? Figures{} : figures(baseline);
    const Gate gate = judge(figures(record), policy, baseline.is_null() ? nullptr : &before, kNow);
    ASSERT_EQ(gate.clauses.size(), 8u);
    const GateClause& clause = gate.clauses[static_cast<size_t>(row.clause) - 1];
    EXPECT_EQ(name_of(clause.verdict), name_of(row.verdict)) << to_text(gate);
    // Without the baseline where the row is about another clause: what a run got worse in is shown there.
    const Gate alone = judge(figures(record), policy, row.clause == 6 && !baseline.is_null() ? &before : nullptr, kNow);
    EXPECT_EQ(static_cast<int>(alone.code), row.exit_code) << to_text(alone);
    EXPECT_EQ(clause.why.empty(), clause.verdict == kPassed);
    EXPECT_EQ(clause.codes.empty(), clause.verdict != kFailed);
    EXPECT_FALSE(clause.limit.empty());
  }
}

TEST(Gate, HasARowForEachClausePassedAndFailed) {
  for (int clause = 1; clause <= 8; ++clause) {
    for (const auto verdict : {kPassed, kFailed}) {
      EXPECT_TRUE(std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) { return row.clause == clause && row.verdict == verdict; })) << clause;
    }
  }
}

TEST(Gate, NothingWaivesALostRow_NorAMutant_NorARequiredScenario) {
  Policy policy = lenient();
  policy.known_failures_max = 1000;
  policy.known_failures = {known("*"), known("*copy*"), known(kCopyMemory)};
  policy.required = {"cutover.*"};
  policy.mutants_required = false;
  policy.percent_of_limit_max = 100;
  const auto code = [&](const std::function<void(Json&)>& change) {
    Json record = sound_record();
    change(record);
    return static_cast<int>(judge(figures(record), policy, nullptr, kNow).code);
  };
  EXPECT_EQ(code([](Json&) {}), 0);
  EXPECT_EQ(code([](Json& record) { fail_case(record, 3); }), 11);
  EXPECT_EQ(code([](Json& record) { fail_case(record, 3); record["scenarios"][3]["attempts"] = Json::array({Json{{"verdict", "passed"}}}); }), 11) << "a retry";
  EXPECT_EQ(code([](Json& record) { fail_case(record, 3); record["known_failures"] = Json::array({Json{{"id", "*"}}}); record["gate"] = Json{{"exit_code", 0}}; }), 11) << "the record's own words";
  EXPECT_EQ(code([](Json& record) { fail_case(record, 3); record["scenarios"][3]["verdict"] = "passed"; }), 11) << "a verdict that was edited";
  EXPECT_EQ(code([](Json& record) { record["mutants"] = Json{{"planned", 2}, {"caught", 1}, {"missed", Json::array()}}; }), 11);
  EXPECT_EQ(code([](Json& record) { not_run(record, 7); }), 11);
  EXPECT_EQ(code([](Json& record) { run_nothing(record); }), 11) << "required ones that were not run";
  EXPECT_EQ(code([](Json& record) { empty_matrix(record); }), 12);
}

TEST(Gate, TakesTheMostImportantOfSeveralCodes) {
  Json record = sound_record();
  Policy policy;
  policy.required = {"nothing.*"};
  policy.known_failures = {known(kCopyMemory, "2026-01-01", "2026-02-01")};
  const Json baseline = record;
  const Figures before = figures(baseline);
  const auto code = [&] { return static_cast<int>(judge(figures(record), policy, &before, kNow).code); };
  EXPECT_EQ(code(), 14);
  without(record, 7);
  EXPECT_EQ(code(), 13);
  slow(record, 60'001);
  EXPECT_EQ(code(), 10);
  record["execution"] = "crashed";
  EXPECT_EQ(code(), 12);
  violate(record);
  EXPECT_EQ(code(), 11);
}

TEST(Gate, DependsOnNothingButWhatItIsGiven) {
  const Figures run = figures(sound_record());
  const Gate one = judge(run, {}, &run, kNow), again = judge(run, {}, &run, kNow);
  EXPECT_EQ(to_json(one).dump(), to_json(again).dump());
}

TEST(GateText, EndsWithCodeMeaningAndWhatToDo) {
  Json record = sound_record();
  violate(record);
  const std::string text = to_text(judge(figures(record), {}, nullptr, kNow));
  EXPECT_THAT(text, testing::EndsWith("exit code 11: a required scenario failed, or safety was violated. Replay the first one: rollproof-drill replay 'c'\n"));
  EXPECT_THAT(text, HasSubstr("✗ 1 safety"));
  EXPECT_THAT(text, HasSubstr("○ 6 regression"));
}

TEST(GateText, PrintsNoControlCharactersOfARecord) {
  Json record = sound_record();
  record["mutants"]["missed"].push_back(Json{{"name", "\x1b[2Jgone\n"}});
  const std::string text = to_text(judge(figures(record), {}, nullptr, kNow));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("?[2Jgone?"));
}

TEST(GateText, SaysHowManyMoreFailed) {
  Json record = sound_record();
  for (size_t i = 0; i < 8; ++i) fail_case(record, i);
  EXPECT_THAT(to_text(judge(figures(record), {}, nullptr, kNow)), HasSubstr("and 3 more"));
}

}  // namespace
}  // namespace rollproof::reports
