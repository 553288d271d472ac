// The reports of a journal that was really written, and of what is left of one that was damaged.
#include <algorithm>

#include "lib/os/paths.h"
#include "lib/report/incident_report.h"
#include "lib/report/migration_report.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::report {
namespace {

using rollback::Workspace;

History history_of(Workspace& given) {
  const auto config = migrate::read_config(given.world().files, given.config());
  auto history = read_history(given.world(), *config);
  EXPECT_TRUE(history) << history.error().to_string();
  return history ? std::move(*history) : History{};
}

TEST(ReportsOfAJournal, TellWhatWasDone_AndSoDoesTheAuditTrail) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.put("56-LookCoin", "{}"));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  const History history = history_of(given);
  ASSERT_EQ(history.incidents().size(), 1u);
  EXPECT_EQ(history.migrations[0].writes, 1u) << "Rollproof's own probes are not counted";
  const MigrationRecord record = record_of(history, history.migrations[0]);
  EXPECT_EQ(record.phases[2].status, "taken back");
  EXPECT_GT(record.phases[2].at_work_ms, 0);
  ASSERT_NE(record.fact("copy/compare", "differences"), nullptr);
  const Operation& back = *history.incident(history.incidents()[0]);
  EXPECT_EQ(back.phase, Phase::copy);
  ASSERT_NE(back.fact("prove-source", "records"), nullptr);

  const auto trail = read_history_of_trail(given.world().files, given.state("audit.jsonl"));
  ASSERT_TRUE(trail) << trail.error().to_string();
  EXPECT_EQ(trail->incidents(), history.incidents());
  EXPECT_EQ(trail->migrations[0].writes, std::nullopt) << "the trail does not count them";
  Incident from_trail = incident_of(*trail, *trail->incident(history.incidents()[0]), 0), from_journal = incident_of(history, back, 0);
  EXPECT_EQ(from_trail.impact.level, from_journal.impact.level);
  EXPECT_EQ(from_trail.steps.size(), from_journal.steps.size());
}

TEST(ReportsOfAJournal, HoldAReasonOfAnySizeAndAnyBytes) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::validate));
  std::string reason = "<script>alert(1)</script> ]]> \x01\x1b[31m \xff | ";
  while (reason.size() < (1 << 20)) reason += reason;
  ASSERT_TRUE(given.in_session([&](migrate::Session& session) { return rollback::rollback(session, {.reason = reason}); }));
  const History history = history_of(given);
  const Operation& back = *history.incident(history.incidents()[0]);
  const Incident incident = incident_of(history, back, 0);
  const Document document = incident_document(history, incident, {}, 0);
  for (const std::string& text : {to_markdown(document), to_html(document)}) {
    EXPECT_LT(text.size(), 64u << 10);
    EXPECT_NE(text.find("more bytes in the JSON document"), std::string::npos);
    EXPECT_EQ(text.find("<script"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
  const Json json = incident_json(history, incident, {}, 0);
  EXPECT_GE(json.at("reason").get<std::string>().size(), 1u << 20);
  EXPECT_FALSE(Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace), nullptr, false).is_discarded());
  EXPECT_EQ(record_of(history, history.migrations[0]).incidents.size(), 1u);
}

TEST(ReportsOfAJournal, PointToTheAuditTrail_WhenItIsCut) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::dual_write));
  ASSERT_TRUE(given.rollback_to(std::nullopt));
  auto& files = given.world().files;
  const std::string segment = os::join(given.state("journal"), files.list(given.state("journal"))->front());
  const std::string bytes = *os::read_file(files, segment, 8 << 20);
  ASSERT_TRUE(os::replace_file(files, segment, bytes.substr(0, bytes.size() / 2)));
  const auto config = migrate::read_config(files, given.config());
  const auto cut = read_history(given.world(), *config);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Code::corruption);
  EXPECT_NE(cut.error().hint.find("--from-audit"), std::string::npos) << cut.error().hint;
  EXPECT_TRUE(read_history_of_trail(files, given.state("audit.jsonl")));

  std::string trail = *os::read_file(files, given.state("audit.jsonl"), 8 << 20);
  trail[trail.size() / 2] ^= 1;
  ASSERT_TRUE(os::replace_file(files, given.state("copy.jsonl"), trail));
  const auto changed = read_history_of_trail(files, given.state("copy.jsonl"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Code::corruption);
  EXPECT_EQ(read_history_of_trail(files, given.state("nothing.jsonl")).error().code, Code::invalid);
}

TEST(ReportsOfAJournal, AreNotFound_WithoutOne) {
  Workspace given;
  const auto config = migrate::read_config(given.world().files, given.config());
  const auto history = read_history(given.world(), *config);
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().code, Code::not_found);
}

// A rollback that recover() finishes is the same attempt: one incident, which says who carried on.
TEST(AnIncident, IsOne_HoweverOftenItsRollbackIsCarriedOn) {
  Workspace given;
  ASSERT_TRUE(given.migrate_through(Phase::copy));
  ASSERT_TRUE(given.in_session([](migrate::Session& session) -> Status {
    return session.ledger().record({migrate::Json{{"type", "operation_begin"}, {"operation", "rollback"}, {"operation_id", "op-x"}, {"to", "source"}, {"reason", ""}, {"incident", "INC-20250813-153000"}}});
  }));
  migrate::SessionOptions options;
  options.ledger.command = "rollproof recover";
  const auto recovered = rollback::recover(given.world(), given.config(), options);
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_EQ(recovered->finished, "rollback");
  const History history = history_of(given);
  EXPECT_EQ(history.incidents(), std::vector<std::string>{"INC-20250813-153000"});
  const Incident incident = incident_of(history, *history.incident("INC-20250813-153000"), 0);
  EXPECT_EQ(incident.status, "resolved");
  ASSERT_FALSE(incident.disturbances.empty());
  EXPECT_NE(incident.disturbances[0].find("carried on by `rollproof recover`"), std::string::npos);
}

}  // namespace
}  // namespace rollproof::report
