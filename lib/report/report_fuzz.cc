// Any bytes as an audit trail's events, one JSON object a line, or as the record of a drill: an error that says what is wrong, or a history of
// which every report can be printed in every form.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/report/drilled.h"
#include "lib/report/history.h"
#include "lib/report/incident.h"
#include "lib/report/incident_report.h"
#include "lib/report/migration.h"
#include "lib/report/migration_report.h"
#include "lib/report/scenario.h"

using namespace rollproof;
using namespace rollproof::report;

namespace {

constexpr int64_t kNow_ms = 1'800'000'000'000;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

void print(const Document& document) {
  require(!to_markdown(document).empty() && !to_html(document).empty(), "a report is printed");
  require(to_html(document).find("<script") == std::string::npos, "no text of a journal becomes a script");
}

void report_all(const History& history, const Beside& beside) {
  print(incidents_document(history, kNow_ms));
  (void)incidents_json(history, kNow_ms).dump(-1, ' ', false, Json::error_handler_t::replace);
  for (const std::string& id : history.incidents()) {
    const auto rollback = find_incident(history, id);
    require(rollback.has_value(), "an incident that is listed is found");
    const Incident incident = incident_of(history, **rollback, kNow_ms);
    print(incident_document(history, incident, beside, kNow_ms));
    (void)incident_json(history, incident, beside, kNow_ms).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  for (const Migration& migration : history.migrations) {
    const MigrationRecord record = record_of(history, migration);
    print(migration_document(history, record, kNow_ms));
    (void)migration_json(history, record, kNow_ms).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with("{\"schema_version\"")) {
    const auto drill = parse_drill(text, "run.json");
    if (!drill) require(drill.error().path == "run.json" && !drill.error().message.empty(), "a refusal says what and where");
    return 0;
  }
  HistoryBuilder builder;
  uint64_t position = 0;
  for (size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const Json event = Json::parse(text.begin() + static_cast<int64_t>(start), text.begin() + static_cast<int64_t>(end), nullptr, false);
    const auto taken = builder.take(++position, event);
    if (!taken) require(taken.error().code == Code::corruption, "what is no event is damage");
  }
  report_all(builder.finish(), {.drill = {}, .why_none = "none"});
  return 0;
}

std::vector<std::string> rollproof_fuzz_seeds() {
  const std::string when = R"("time_ms":1755099000000,"migration":"mig-1"})";
  return {
      R"({"type":"migration_begin","source":"leveldb:./db","target":"unified-json:./out","config_sha256":"00","target_existed":false,)" + when + "\n" +
          R"({"type":"operation_begin","operation":"migrate","operation_id":"op-1","through":"cutover","reason":"","by":{"user":"ops","host":"db1","pid":7},)" + when + "\n" +
          R"({"type":"session_begin","command":"migrate",)" + when + "\n" +
          R"({"type":"step_intent","phase":"copy","step":"compare",)" + when + "\n" +
          R"({"type":"step_done","phase":"copy","step":"compare","facts":{"records":28,"differences":0},)" + when + "\n" +
          R"({"type":"seal","seal":"equivalence","passed":true,"position":9,"facts":{"records":28,"digest":"00"},)" + when + "\n" +
          R"({"type":"route","route":"dual_target_first","epoch":2,"hold":true,)" + when + "\n" +
          R"({"type":"safe_stop","code":"corruption","message":"<script>]]>","path":"db/000005.ldb","next":"rollproof recover",)" + when + "\n" +
          R"({"type":"operation_end","operation":"migrate","operation_id":"op-1","result":"failed","exit_code":21,"error":"e","steps":[],)" + when + "\n" +
          R"({"type":"operation_begin","operation":"rollback","operation_id":"op-2","to":"source","reason":"slow","incident":"INC-20250813-153000","detected_ms":1755098000000,"by":{"user":"ops","host":"db1","pid":7},)" + when + "\n" +
          R"({"type":"step_done","phase":"rollback","step":"prove-source","facts":{"records":28,"compared_with":"backup b"},)" + when + "\n" +
          R"({"type":"operation_end","operation":"rollback","operation_id":"op-2","result":"success","exit_code":0,)" + when + "\n" +
          R"({"type":"migration_end","outcome":"rolled_back",)" + when + "\n",
      R"({"schema_version":1,"run_id":"r","started_at":"2026-01-01T00:00:00.000Z","profile":"quick","scenarios":[{"id":"copy.crash.forward.drain@a>b","phase":"copy","direction":"forward","step":"drain","store":"a>b","fault":{"kind":"crash","fired_count":2},"verdict":"passed","proof":"simulated","recovery_ms":3}],"coverage":{"controls":[]},"recovery":{}})",
  };
}
