#include "lib/report/history.h"

#include "lib/report/trail_test.h"

namespace rollproof::report {
namespace {

TEST(History, TellsOperationsWithTheirStepsAndTimes) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source", "too slow").rolled_back();
  const History history = trail.history();
  ASSERT_EQ(history.migrations.size(), 1u);
  ASSERT_EQ(history.operations.size(), 2u);
  const Operation& back = history.operations[1];
  EXPECT_EQ(back.kind, "rollback");
  EXPECT_EQ(back.reason, "too slow");
  EXPECT_EQ(back.by, "ops@db1, pid 7");
  EXPECT_EQ(back.phase, Phase::copy);
  EXPECT_EQ(back.route_before, "dual_source_first");
  EXPECT_EQ(back.route_after, "source_only");
  ASSERT_NE(back.done_step("settle"), nullptr);
  EXPECT_EQ(*back.done_step("settle")->done_ms - back.done_step("settle")->begun_ms, 1000);
  ASSERT_NE(back.fact("prove-source", "records"), nullptr);
  EXPECT_EQ(*back.fact("prove-source", "records"), 28);
  EXPECT_NE(back.done_step("end"), nullptr) << "the end of the migration is the end of that step";
  EXPECT_EQ(history.migrations[0].outcome, "rolled_back");
  EXPECT_EQ(history.migrations[0].operations.size(), 2u);
}

TEST(History, GivesEveryRollbackAnIncident_AlsoThoseOfJournalsWithoutIds) {
  Trail trail;
  trail.migrated("copy").at(100).operation("rollback", "dual-write").end("failed", 21, "damaged");
  trail.at(100).operation("rollback", "source").rolled_back();
  const History history = trail.history();
  EXPECT_EQ(history.incidents(), (std::vector<std::string>{"INC-20250813-153140", "INC-20250813-153140-2"}));
  EXPECT_TRUE(history.operations[0].incident.empty()) << "a migration is no incident";
  ASSERT_NE(history.incident("INC-20250813-153140-2"), nullptr);
  EXPECT_EQ(history.incident("INC-20250813-153140-2")->goal, "source");
  EXPECT_EQ(history.incident("INC"), nullptr);
}

TEST(History, KnowsThePhaseThatIsRolledBack_AfterOthersWereTakenBack) {
  Trail trail;
  trail.migrated("prove").operation("rollback", "dual-write");
  trail.event({{"type", "phase_undone"}, {"phase", "copy"}}).event({{"type", "phase_undone"}, {"phase", "prove"}}).end("success");
  trail.operation("rollback", "source").rolled_back();
  const History history = trail.history();
  EXPECT_EQ(history.operations[1].phase, Phase::prove);
  EXPECT_EQ(history.operations[2].phase, Phase::dual_write);
}

TEST(History, CountsWritesOnlyWhileAMigrationRuns) {
  Trail trail;
  trail.writes(5);
  trail.migrated("copy");
  trail.writes(3);
  trail.operation("rollback", "source").rolled_back();
  trail.writes(7);
  EXPECT_EQ(trail.history().migrations[0].writes, 3u);
}

TEST(History, RefusesWhatIsNoEvent) {
  HistoryBuilder builder;
  for (const Json& json : {Json(), Json::array(), Json{{"type", 7}}, Json{{"type", "operation_begin"}}, Json{{"type", "step_done"}, {"phase", "copy"}}}) {
    const auto taken = builder.take(3, json);
    ASSERT_FALSE(taken) << json.dump();
    EXPECT_EQ(taken.error().code, Code::corruption);
  }
}

}  // namespace
}  // namespace rollproof::report
