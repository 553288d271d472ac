#include "reports/trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "reports/matrix.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kSlowest = 20;
constexpr size_t kFailed = 500;

std::vector<const Scenario*> chosen_of(const Run& run) {
  std::vector<const Scenario*> chosen = worst_first(run), slowest;
  if (chosen.size() > kFailed) chosen.resize(kFailed);
  const std::set<const Scenario*> already(chosen.begin(), chosen.end());
  for (const Scenario& scenario : run.scenarios) {
    if (scenario.verdict == Verdict::passed && !already.contains(&scenario)) slowest.push_back(&scenario);
  }
  std::stable_sort(slowest.begin(), slowest.end(), [](const Scenario* a, const Scenario* b) { return a->recovery_ms > b->recovery_ms; });
  if (slowest.size() > kSlowest) slowest.resize(kSlowest);
  chosen.insert(chosen.end(), slowest.begin(), slowest.end());
  return chosen;
}

Json slice(const std::string& name, const std::string& kind, int64_t from_ms, int64_t ms, size_t row) {
  return Json{{"name", name}, {"cat", kind}, {"ph", "X"}, {"ts", from_ms * 1000}, {"dur", ms * 1000}, {"pid", 1}, {"tid", row}};
}

}  // namespace

std::string render_trace(const Run& run) {
  Json events = Json::array();
  events.push_back(Json{{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"tid", 0}, {"args", Json{{"name", "longest recovery per scenario, simulated time"}}}});
  size_t row = 0;
  for (const Scenario* scenario : chosen_of(run)) {
    ++row;
    events.push_back(Json{{"name", "thread_name"}, {"ph", "M"}, {"pid", 1}, {"tid", row}, {"args", Json{{"name", std::string(glyph_of(scenario->verdict)) + " " + scenario->id}}}});
    events.push_back(Json{{"name", "thread_sort_index"}, {"ph", "M"}, {"pid", 1}, {"tid", row}, {"args", Json{{"sort_index", row}}}});
    Json whole = slice("recovery", scenario->fault, 0, scenario->recovery_ms, row);
    whole["args"] = Json{{"verdict", name_of(scenario->verdict)}, {"category", scenario->category}, {"observed", scenario->observed}, {"target_ms", scenario->target_ms}, {"replay", scenario->replay}};
    events.push_back(std::move(whole));
    if (!scenario->parts) continue;
    int64_t at = 0;
    for (const char* part : {"detect", "decide", "undo", "verify"}) {
      events.push_back(slice(part, "part", at, scenario->parts->at(part), row));
      at += scenario->parts->at(part);
    }
  }
  return Json{{"displayTimeUnit", "ms"}, {"otherData", Json{{"run_id", run.run_id}, {"clock", "simulated"}}}, {"traceEvents", std::move(events)}}.dump(1) + "\n";
}

}  // namespace rollproof::reports
