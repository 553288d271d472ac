#include "lib/report/scenario.h"

#include "lib/report/trail_test.h"

namespace rollproof::report {
namespace {

Json story_of(Trail& trail) {
  const History history = trail.history();
  const auto text = scenario_of(incident_of(history, history.operations.back(), kStart_ms));
  EXPECT_TRUE(text) << text.error().to_string();
  return text ? Json::parse(*text) : Json();
}

TEST(ScenarioOfAnIncident, GoesTheSameWayBack) {
  Trail trail;
  trail.migrated("cutover");
  trail.writes(9);
  trail.operation("rollback", "copy").step("rollback", "prove-source").end("success");
  const Json story = story_of(trail);
  EXPECT_EQ(story.at("before"), (Json{"migrate cutover with 3 writes", "put 56-New 90"}));
  EXPECT_EQ(story.at("drilled"), (Json{"rollback copy"}));
  EXPECT_EQ(story.at("source"), "leveldb");
  EXPECT_EQ(story.at("target"), "unified-json");
  EXPECT_FALSE(story.contains("faults")) << "undisturbed: every kind";
}

TEST(ScenarioOfAnIncident, HasTheFaultThatHappened_InThePhaseInWhichItDid) {
  Trail trail;
  trail.migrated("dual-write").operation("migrate", "copy").intent("copy", "drain").end("failed", 21, "damaged").operation("rollback", "source").rolled_back();
  trail.writes(0);
  const Json story = story_of(trail);
  EXPECT_EQ(story.at("drilled"), (Json{"migrate copy", "rollback source"}));
  EXPECT_EQ(story.at("faults"), (Json{"corruption"}));
  EXPECT_EQ(story.at("before").size(), 1u);
  EXPECT_EQ(story.at("goes_on"), true);
}

TEST(ScenarioOfAnIncident, IsRefused_ForStoresThatNoStoryHas) {
  Trail trail;
  trail.event({{"type", "migration_begin"}, {"migration", "mig-1"}, {"source", "local-storage:a"}, {"target", "postgres:b"}, {"config_sha256", ""}, {"target_existed", false}});
  trail.operation("rollback", "source");
  const History history = trail.history();
  const auto text = scenario_of(incident_of(history, history.operations.back(), kStart_ms));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Code::refused);
}

}  // namespace
}  // namespace rollproof::report
