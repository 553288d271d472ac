#include "lib/report/incident.h"

#include <algorithm>

#include "lib/report/occurrence.h"
#include "lib/report/trail_test.h"

namespace rollproof::report {
namespace {

constexpr int64_t kMinute = 60;

std::vector<std::string> verdicts(const Incident& incident) {
  std::vector<std::string> words;
  for (const Response& one : incident.responses) words.push_back(one.verdict);
  return words;
}

Incident last_incident(const History& history, int64_t now_s = 24 * 3600) { return incident_of(history, history.operations.back(), kStart_ms + 1000 * now_s); }

TEST(Incident, HoldsTheTimesAgainstTheLimits_FromTheDetectionThatWasSaid) {
  Trail trail;
  trail.migrated("cutover").at(60 * kMinute).operation("rollback", "source", "broken", kStart_ms + 52 * kMinute * 1000).rolled_back();
  const History history = trail.history();
  const Incident incident = last_incident(history);
  EXPECT_EQ(incident.status, "resolved");
  EXPECT_EQ(incident.trigger, "broken");
  // Decided after 8 minutes: nobody knows when the assessment was over, and it was no later.
  EXPECT_EQ(verdicts(incident), (std::vector<std::string>{"not measured", "met", "met", "met"}));
  EXPECT_EQ(incident.responses[1].taken_ms, 8 * kMinute * 1000);
  EXPECT_EQ(incident.limit_ms, 45 * kMinute * 1000);
  EXPECT_EQ(incident.impact.level, "medium") << "the target had answered";
}

TEST(Incident, IsNotMeasured_WithoutADetection) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source").rolled_back();
  const History history = trail.history();
  const Incident incident = last_incident(history);
  EXPECT_FALSE(incident.detected.time_ms);
  EXPECT_EQ(verdicts(incident), std::vector<std::string>(4, "not measured"));
  EXPECT_EQ(incident.impact.level, "low");
  EXPECT_TRUE(incident.trigger.empty());
}

TEST(Incident, MissesALimit_WhenTheWayFromTheDecisionAloneWasLonger) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source").step("rollback", "check-source").at(90 * kMinute).rolled_back();
  const History history = trail.history();
  EXPECT_EQ(verdicts(last_incident(history)), (std::vector<std::string>{"not measured", "not measured", "not met", "not met"}));
}

TEST(Incident, TakesTheFirstFailureOfTheJournalAsDetection) {
  Trail trail;
  trail.migrated("dual-write").at(100).operation("migrate", "copy").intent("copy", "copy-records").at(130).end("failed", 21, "the target is damaged");
  trail.at(4 * kMinute).operation("rollback", "source").rolled_back();
  const History history = trail.history();
  const Incident incident = last_incident(history);
  EXPECT_EQ(incident.detected.time_ms, kStart_ms + 130'000);
  EXPECT_EQ(verdicts(incident), (std::vector<std::string>{"met", "met", "met", "met"}));
  EXPECT_TRUE(incident.responses[0].at_most);
  EXPECT_NE(incident.trigger.find("the target is damaged"), std::string::npos);
  EXPECT_EQ(incident.occurrences.front().fault, "corruption");
  EXPECT_EQ(incident.occurrences.front().step, "copy-records");
  EXPECT_EQ(incident.occurrences.front().direction, "forward");
}

TEST(Incident, ForgetsAFailureThatAMigrationGotOver) {
  Trail trail;
  trail.begin().operation("migrate", "copy").intent("validate", "inspect").end("failed", 23, "refused");
  trail.operation("migrate", "copy").phase("validate").end("success").operation("rollback", "source").rolled_back();
  const History history = trail.history();
  EXPECT_TRUE(last_incident(history).before.empty());
}

TEST(Incident, NamesTheStepAtWhichItWasInterrupted) {
  Trail trail;
  trail.migrated("cutover").operation("rollback", "source").event({{"type", "session_begin"}, {"command", "rollproof rollback"}});
  trail.step("rollback", "check-source").intent("rollback", "settle").event({{"type", "session_begin"}, {"command", "rollproof recover"}}).rolled_back();
  const History history = trail.history();
  const Incident incident = last_incident(history);
  EXPECT_EQ(incident.disturbances.size(), 2u);
  EXPECT_EQ(to_text(incident.occurrences.front()), "process-death at settle on the way back from cutover");
  EXPECT_EQ(incident.occurrences.size(), 1u) << "it was not undisturbed";
}

// Its stores were closed by then: no session was open.
TEST(Incident, NamesTheStepAtWhichItWasInterrupted_BehindTheLastSession) {
  Trail trail;
  trail.migrated("cutover").operation("rollback", "source").step("rollback", "check-source").intent("rollback", "release").step("rollback", "release");
  trail.step("rollback", "verify-restored").intent("rollback", "end").end("success");
  const History history = trail.history();
  const Incident incident = last_incident(history);
  ASSERT_EQ(incident.occurrences.size(), 1u);
  EXPECT_EQ(to_text(incident.occurrences.front()), "process-death at release on the way back from cutover");
}

TEST(Incident, NamesTheDamageThatItCameUpon) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source").step("rollback", "check-source", {{"damage", "000005.ldb: checksum"}}).step("rollback", "settle").end("success");
  const History history = trail.history();
  const Incident incident = last_incident(history);
  EXPECT_NE(incident.trigger.find("000005.ldb"), std::string::npos);
  ASSERT_EQ(incident.failures.size(), 1u);
  EXPECT_EQ(incident.occurrences.front().fault, "corruption");
}

TEST(Incident, IsHigh_WhenTheSourceHadToBeMadeAnew_OrItDidNotEnd) {
  Trail damaged;
  damaged.migrated("copy").operation("rollback", "source");
  damaged.event({{"type", "source_replacing"}, {"ready", "r"}, {"aside", "db.damaged-1"}, {"from", "backup b"}, {"position", 3}, {"mark", ""}}).rolled_back();
  const History first = damaged.history();
  EXPECT_EQ(last_incident(first).impact.level, "high");
  EXPECT_EQ(last_incident(first).occurrences.front().step, "source");
  Trail open;
  open.migrated("copy").operation("rollback", "source").step("rollback", "check-source");
  const History second = open.history();
  const Incident incident = last_incident(second);
  EXPECT_EQ(incident.impact.level, "high");
  EXPECT_EQ(incident.status, "not ended");
  EXPECT_FALSE(incident.verified.time_ms);
}

TEST(Incident, IsFoundByItsId_AndTheNearestIsNamed) {
  Trail trail;
  trail.migrated("copy").operation("rollback", "source").rolled_back();
  const History history = trail.history();
  const std::string id = history.incidents().front();
  EXPECT_TRUE(find_incident(history, id));
  const auto missed = find_incident(history, id.substr(0, id.size() - 1) + "9");
  ASSERT_FALSE(missed);
  EXPECT_EQ(missed.error().code, Code::not_found);
  EXPECT_NE(missed.error().hint.find(id), std::string::npos) << missed.error().hint;
  EXPECT_EQ(find_incident(History{}, "INC-1").error().code, Code::not_found);
}

}  // namespace
}  // namespace rollproof::report
