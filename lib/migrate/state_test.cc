#include "lib/migrate/state.h"

#include <gtest/gtest.h>

#include "lib/migrate/events.h"

namespace rollproof::migrate {
namespace {

class StateTest : public ::testing::Test {
 protected:
  void given(const Json& event) {
    Json stamped = event;
    stamped["time_ms"] = 1;
    auto entry = control(stamped);
    ASSERT_TRUE(state_.apply({++position_, entry.kind, entry.payload}));
  }
  void begin() {
    given({{"type", "migration_begin"}, {"migration", "m"}, {"source", "leveldb:a"}, {"target", "unified-json:b"}, {"config_sha256", "x"}, {"target_existed", false}});
  }
  State state_;
  journal::Position position_ = 0;
};

TEST_F(StateTest, ReachesAPhase_OnlyWhenEveryEarlierOneIsDone) {
  begin();
  given({{"type", "step_done"}, {"phase", "dual-write"}, {"step", "done"}});
  EXPECT_EQ(state_.reached(), std::nullopt);
  given({{"type", "step_done"}, {"phase", "validate"}, {"step", "done"}});
  EXPECT_EQ(state_.reached(), Phase::dual_write);
  given({{"type", "phase_undone"}, {"phase", "dual-write"}});
  EXPECT_EQ(state_.reached(), Phase::validate);
}

TEST_F(StateTest, KeepsTheFirstPositionOfACopy_AndForgetsTheTargetWhenItStopsFollowing) {
  begin();
  given({{"type", "follow"}, {"following", "live"}, {"position", 7}});
  EXPECT_EQ(state_.target_follower.position, 7u);
  given({{"type", "follow"}, {"following", "paused"}, {"position", 9}});
  EXPECT_EQ(state_.copy_position, 9u);
  given({{"type", "checkpoint"}, {"target", {{"position", 8}, {"mark", "t"}}}});
  given({{"type", "follow"}, {"following", "live"}, {"position", 12}});
  EXPECT_EQ(state_.target_follower.position, 8u) << "going live after a copy must not skip what was never applied";
  given({{"type", "follow"}, {"following", "none"}, {"position", 13}});
  EXPECT_EQ(state_.target_follower.mark, "");
}

TEST_F(StateTest, NeverLetsTheEpochStartOver) {
  begin();
  given({{"type", "route"}, {"route", "dual_source_first"}, {"epoch", 1}});
  given({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  begin();
  EXPECT_EQ(state_.epoch, 1u);
  EXPECT_EQ(state_.route, Route::source_only);
}

TEST_F(StateTest, HasEveryChangeOfAnEarlierMigrationInTheSource_WhenAnotherOneBegins) {
  begin();
  given({{"type", "checkpoint"}, {"source", {{"position", 2}, {"mark", "s"}}}});
  given({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  begin();
  EXPECT_EQ(state_.source_follower.position, state_.begun_at) << "an older change would be played over what was written since";
  EXPECT_EQ(state_.begun_at, 4u);
}

TEST_F(StateTest, ForgetsTheInventory_WhenForeignWritesAreLeftThatNobodyCounted) {
  begin();
  given({{"type", "seal"}, {"seal", "inventory"}, {"passed", true}, {"position", 2}});
  given({{"type", "foreign_taken_over"}, {"store", "source"}, {"added", 1}, {"changed", 0}, {"removed", 0}});
  EXPECT_TRUE(state_.seals.contains("inventory"));
  given({{"type", "foreign_taken_over"}, {"store", "source"}, {"uncounted", true}});
  EXPECT_FALSE(state_.seals.contains("inventory"));
}

TEST_F(StateTest, ReplacesASeal_OnlyByANewerOne) {
  begin();
  given({{"type", "seal"}, {"seal", "equivalence"}, {"passed", false}, {"position", 4}});
  EXPECT_FALSE(state_.seals.at("equivalence").passed);
  given({{"type", "operation_begin"}, {"operation", "migrate"}, {"operation_id", "o"}, {"through", "cutover"}});
  EXPECT_FALSE(state_.seals.at("equivalence").passed) << "a resume must not forget a failed comparison";
}

TEST_F(StateTest, StartsARollbackAnew_WhenASecondOneBegins) {
  begin();
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "o1"}, {"to", "source"}});
  given({{"type", "step_done"}, {"phase", "rollback"}, {"step", "prove-source"}});
  given({{"type", "operation_end"}, {"result", "failed"}});
  EXPECT_FALSE(state_.operation.has_value());
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "o2"}, {"to", "source"}});
  EXPECT_FALSE(state_.steps_done.contains("rollback/prove-source"));
}

TEST_F(StateTest, HasNoStepUnderWay_WhenARollbackHasEnded) {
  begin();
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "o1"}, {"to", "dual-write"}});
  given({{"type", "step_intent"}, {"phase", "rollback"}, {"step", "switch-back"}});  // made, and the process died before it said so
  given({{"type", "operation_end"}, {"result", "success"}});
  EXPECT_TRUE(state_.steps_begun.empty());
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "o2"}, {"to", "source"}});
  given({{"type", "step_intent"}, {"phase", "rollback"}, {"step", "end"}});
  given({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  EXPECT_TRUE(state_.steps_begun.empty());
}

TEST_F(StateTest, RefusesForDamage_UntilSomethingHasStarted_ThenNeedsAPerson) {
  const auto code = [&] { return exit_code_of(Code::corruption, state_); };
  EXPECT_EQ(code(), ExitCode::refused) << "there was never a migration";
  begin();
  given({{"type", "step_intent"}, {"phase", "validate"}, {"step", "inspect"}});
  EXPECT_EQ(code(), ExitCode::refused);
  given({{"type", "session_begin"}});
  EXPECT_EQ(code(), ExitCode::needs_person) << "a store is open";
  given({{"type", "session_end"}});
  given({{"type", "step_done"}, {"phase", "validate"}, {"step", "done"}});
  EXPECT_EQ(code(), ExitCode::refused);
  given({{"type", "safe_stop"}});
  EXPECT_EQ(code(), ExitCode::needs_person);
  given({{"type", "operation_begin"}, {"operation", "migrate"}, {"operation_id", "o"}, {"through", "cutover"}});
  EXPECT_EQ(code(), ExitCode::refused);
  given({{"type", "step_intent"}, {"phase", "dual-write"}, {"step", "backup"}});
  EXPECT_EQ(code(), ExitCode::needs_person);
  EXPECT_EQ(exit_code_of(Code::locked, state_), ExitCode::locked);
  given({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  EXPECT_EQ(code(), ExitCode::refused);
}

TEST_F(StateTest, CallsAnEntryCorrupt_ThatIsNoControlEvent) {
  for (const char* payload : {"", "{", "[]", "{}", R"({"type":"route"})", R"({"type":"checkpoint","source":{}})"}) {
    State state;
    auto applied = state.apply({1, journal::EntryKind::control, payload});
    ASSERT_FALSE(applied) << payload;
    EXPECT_EQ(applied.error().code, Code::corruption);
  }
}

TEST_F(StateTest, KnowsEveryIncidentOfTheJournal_AlsoThoseOfOlderVersionsAndOtherMigrations) {
  begin();
  given({{"type", "operation_begin"}, {"operation", "migrate"}, {"operation_id", "op-0"}, {"through", "copy"}});
  EXPECT_TRUE(state_.operation->incident.empty());
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-1"}, {"to", "source"}});
  EXPECT_EQ(state_.operation->incident, "INC-19700101-000000");
  given({{"type", "migration_end"}, {"outcome", "rolled_back"}});
  begin();
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-2"}, {"to", "source"}, {"incident", "INC-20250813-153000"}});
  EXPECT_EQ(state_.operation->incident, "INC-20250813-153000");
  given({{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-3"}, {"to", "source"}});
  EXPECT_EQ(state_.incidents, (std::set<std::string>{"INC-19700101-000000", "INC-19700101-000000-2", "INC-20250813-153000"}));
}

}  // namespace
}  // namespace rollproof::migrate
