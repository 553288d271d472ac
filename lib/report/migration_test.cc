#include "lib/report/migration.h"

#include <algorithm>

#include "lib/report/migration_report.h"
#include "lib/report/trail_test.h"

namespace rollproof::report {
namespace {

std::vector<std::string> statuses(const MigrationRecord& record) {
  std::vector<std::string> words;
  for (const PhaseRecord& one : record.phases) words.push_back(one.status);
  return words;
}

Json timed(int64_t p95_us) { return {{"count", 20}, {"p50_us", p95_us / 2}, {"p95_us", p95_us}, {"p99_us", p95_us + 1}}; }
Json performance(int64_t p95_us) { return {{"performance", {{"read", timed(p95_us)}, {"write", timed(p95_us)}, {"query", timed(p95_us)}, {"memory_bytes", 7}, {"records", 28}}}}; }

TEST(MigrationRecord, KnowsEachPhase_AndItsTimeAtWork) {
  Trail trail;
  trail.begin().operation("migrate", "copy").phase("validate").phase("dual-write").step("copy", "begin").intent("copy", "copy-records").end("failed", 21, "the target is damaged");
  trail.at(1000).operation("migrate", "copy").step("copy", "copy-records").event({{"type", "step_done"}, {"phase", "copy"}, {"step", "done"}}).end("success");
  const History history = trail.history();
  const MigrationRecord record = record_of(history, history.migrations[0]);
  EXPECT_EQ(statuses(record), (std::vector<std::string>{"done", "done", "done", "not begun", "not begun"}));
  EXPECT_EQ(record.status, "NOT FINISHED");
  EXPECT_EQ(record.phases[2].attempts, 2u);
  EXPECT_EQ(record.phases[2].at_work_ms, 2000) << "the night between the two attempts is not work";
  EXPECT_EQ(record.commands, 2u);
  EXPECT_EQ(record.commands_failed, 1u);
  ASSERT_EQ(record.errors.size(), 1u);
  EXPECT_NE(record.errors[0].find("the target is damaged"), std::string::npos);
}

TEST(MigrationRecord, IsFailed_WhenItsLastCommandWas) {
  Trail trail;
  trail.begin().operation("migrate", "copy").phase("validate").intent("dual-write", "claim").end("failed", 23, "no");
  const History history = trail.history();
  EXPECT_EQ(record_of(history, history.migrations[0]).status, "FAILED");
}

TEST(MigrationRecord, IsNoSuccess_OnceItWasRolledBack) {
  Trail trail;
  trail.migrated("cutover");
  {
    Trail forward;
    forward.migrated("cutover");
    const History history = forward.history();
    EXPECT_EQ(record_of(history, history.migrations[0]).status, "SUCCESS");
  }
  trail.operation("rollback", "source").rolled_back();
  const History history = trail.history();
  const MigrationRecord record = record_of(history, history.migrations[0]);
  EXPECT_EQ(record.status, "ROLLED BACK");
  EXPECT_EQ(statuses(record), std::vector<std::string>(5, "taken back"));
  EXPECT_EQ(record.incidents.size(), 1u);
  for (const Deliverable& one : record.deliverables) EXPECT_NE(one.verdict, "met") << one.text;
}

TEST(MigrationRecord, TakesBackOnlyWhatTheRollbackTookBack_AndDoesItAgain) {
  Trail trail;
  trail.migrated("prove").operation("rollback", "dual-write").event({{"type", "phase_undone"}, {"phase", "copy"}}).event({{"type", "phase_undone"}, {"phase", "prove"}}).end("success");
  {
    Trail again = trail;
    const History history = again.history();
    EXPECT_EQ(statuses(record_of(history, history.migrations[0])), (std::vector<std::string>{"done", "done", "taken back", "taken back", "not begun"}));
  }
  trail.operation("migrate", "copy").phase("copy").end("success");
  const History history = trail.history();
  EXPECT_EQ(statuses(record_of(history, history.migrations[0])), (std::vector<std::string>{"done", "done", "done", "taken back", "not begun"}));
}

TEST(MigrationRecord, HoldsTheTargetBesideTheBaseline_AsItWasJudgedThen) {
  Trail trail;
  Json copied = performance(900);
  copied["limits_missed"] = {"writes: p95 …"};
  trail.begin().operation("migrate", "copy").step("validate", "baseline", performance(100)).step("copy", "performance", copied).end("success");
  const History history = trail.history();
  const MigrationRecord record = record_of(history, history.migrations[0]);
  ASSERT_EQ(record.performance.size(), 3u);
  EXPECT_EQ(record.performance[0].verdict, "met") << "below what counts";
  EXPECT_EQ(record.performance[1].verdict, "not met");
  EXPECT_DOUBLE_EQ(*record.performance[1].ratio, 9.0);
  EXPECT_EQ(record.deliverables[10].verdict, "not met") << record.deliverables[10].text;
}

TEST(MigrationRecord, SaysNotMeasured_WhereNothingWasJournaled) {
  Trail trail;
  trail.begin().operation("migrate", "copy").phase("validate").end("success");
  const History history = trail.history();
  const MigrationRecord record = record_of(history, history.migrations[0]);
  for (const Compared& one : record.performance) EXPECT_EQ(one.verdict, "not measured");
  const std::string markdown = to_markdown(migration_document(history, record, kStart_ms));
  EXPECT_NE(markdown.find("**Data Integrity**: ? not measured"), std::string::npos) << markdown;
  const Json json = migration_json(history, record, kStart_ms);
  EXPECT_TRUE(json.at("dual_write").is_null());
  EXPECT_TRUE(json.at("availability").is_null());
}

TEST(MigrationRecord, IsNoSuccess_WhenTheWayBackStopped) {
  Trail trail;
  trail.migrated("cutover").operation("rollback", "source").intent("rollback", "check-source");
  {
    Trail open = trail;
    const History history = open.history();
    EXPECT_EQ(record_of(history, history.migrations[0]).status, "FAILED");
  }
  trail.event({{"type", "safe_stop"}, {"code", "corruption"}, {"message", "nothing can replace it"}}).end("failed", 21, "nothing can replace it (./db)");
  const History history = trail.history();
  const MigrationRecord record = record_of(history, history.migrations[0]);
  EXPECT_EQ(record.status, "FAILED");
  ASSERT_EQ(record.errors.size(), 2u);
  EXPECT_NE(record.errors[1].find("see the safe stop"), std::string::npos) << "it is said once";
}

TEST(FindMigration, TakesTheLatest_AndNamesTheNearest) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source").rolled_back();
  trail.event({{"type", "migration_begin"}, {"migration", "mig-2"}, {"source", "leveldb:a"}, {"target", "unified-json:b"}, {"config_sha256", ""}, {"target_existed", false}});
  const History history = trail.history();
  EXPECT_EQ((*find_migration(history, ""))->id, "mig-2");
  EXPECT_EQ((*find_migration(history, "mig-1"))->id, "mig-1");
  const auto missed = find_migration(history, "mig-3");
  ASSERT_FALSE(missed);
  EXPECT_EQ(missed.error().code, Code::not_found);
  EXPECT_NE(missed.error().hint.find("mig-"), std::string::npos);
}

}  // namespace
}  // namespace rollproof::report
