// Records that tests and the fuzz program look at: what `rollproof-drill run` writes, made by hand, small or as large as wanted.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace rollproof::reports {

using TestJson = nlohmann::ordered_json;

struct TestScenario {
  std::string phase = "cutover", fault = "crash", direction = "rollback", step = "settle", store = "leveldb>unified-json";
  uint64_t failed = 0, inconclusive = 0;
  std::string observed = "all ten promises hold";
  std::string excluded;  // a reason; empty: nothing was
  bool run = true;
};

inline TestJson scenario_for_tests(const TestScenario& of) {
  const std::string id = fmt::format("{}.{}.{}.{}@{}", of.phase, of.fault, of.direction, of.step, of.store);
  const std::string verdict = !of.run ? "not_run" : of.failed != 0 ? "failed" : of.inconclusive != 0 ? "inconclusive" : "passed";
  const uint64_t run = of.run ? 10 : 0;
  TestJson json{{"id", id}, {"phase", of.phase}, {"direction", of.direction}, {"step", of.step}, {"store", of.store},
                {"fault", TestJson{{"kind", of.fault}, {"params", TestJson::object()}, {"fired_count", run}}},
                {"proof", "simulated"},
                {"cases", TestJson{{"planned", 13}, {"run", run}, {"pruned", 0}, {"excluded", TestJson::array()}}},
                {"images", run}, {"seed", 1}, {"execution", of.run ? "completed" : "not_started"}, {"verdict", verdict},
                {"verdicts", TestJson{{"passed", run - of.failed - of.inconclusive}, {"failed", of.failed}, {"inconclusive", of.inconclusive}, {"not_run", 3}}},
                {"category", verdict == "failed" ? "data_loss" : verdict == "inconclusive" ? "fault_not_injected" : "recovered"},
                {"expected", "all ten promises hold after recovery"}, {"observed", of.observed}, {"recovery_ms", 31}, {"target_ms", 2700000},
                {"recovery_times", TestJson{{"20", 8}, {"31", 2}}},
                {"replay", verdict == "passed" ? "" : fmt::format("rollproof-drill replay '{}/story:crash(after 33)'", id)}};
  if (!of.run) json["recovery_times"] = TestJson::object();
  if (!of.excluded.empty()) json["cases"]["excluded"].push_back(TestJson{{"reason", of.excluded}, {"count", 3}});
  return json;
}

// Everything that a gate wants: controls from all phases, mutants, no violation.
inline TestJson record_for_tests(TestJson scenarios = TestJson::array({scenario_for_tests({})})) {
  TestJson controls = TestJson::array();
  for (const char* phase : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    controls.push_back(TestJson{{"story", std::string("rollback-from-") + phase}, {"about", "back to the source"}, {"operations", 700}, {"verdict", "passed"}, {"rollback_from", TestJson::array({phase})},
                                {"migrates_again", true}, {"observed", ""}});
  }
  uint64_t run = 0;
  for (const TestJson& scenario : scenarios) run += scenario["cases"]["run"].get<uint64_t>();
  const TestJson mutant{{"name", "lock-missing"}, {"promise", 4}, {"mistake", "the lock is not taken"}, {"case", "c"}, {"replay", "r"}, {"duration_ms", 900}};
  return TestJson{{"schema_version", 1}, {"run_id", "2025-08-13T11-26-18-516Z-quick-0001"},
                  {"tool", TestJson{{"name", "rollproof-drill"}, {"version", "0.1.0"}, {"commit", std::string(40, 'a')}, {"build_type", "release"}}},
                  {"started_at", "2025-08-13T11:26:18.516Z"}, {"finished_at", "2025-08-13T11:27:18.516Z"}, {"duration_ms", 60000}, {"execution", "completed"}, {"ended_because", ""},
                  {"profile", "quick"}, {"seed", 1},
                  {"matrix", TestJson{{"sha256", std::string(64, 'b')}, {"planned", scenarios.size()}, {"not_applicable", TestJson::array({TestJson{{"id", "cutover.connection.rollback.*@leveldb>unified-json"}, {"reason", "no database"}}})}}},
                  {"environment", TestJson{{"disk", "simulated"}, {"model", "strict"}}},
                  {"scenarios", std::move(scenarios)}, {"violations", TestJson::array()}, {"violations_total", 0}, {"gate", TestJson{{"exit_code", 0}, {"meaning", "done; gate passed"}}},
                  {"coverage", TestJson{{"controls", controls}, {"cases", TestJson{{"planned", run + 3}, {"run", run}, {"pruned", 0}, {"excluded", TestJson::array({TestJson{{"reason", "sampled"}, {"count", 3}}})}}},
                                        {"steps", TestJson{{"known", 1}, {"complete", 1}, {"without_a_case", TestJson::array()}}}, {"images", run}}},
                  {"recovery", TestJson{{"cutover", TestJson{{"max_ms", 31}, {"target_ms", 2700000}}}}},
                  {"mutants", TestJson{{"planned", 1}, {"caught", 1}, {"missed", TestJson::array()}, {"caught_by", TestJson::array({mutant})}}}};
}

// The record with `text` wherever a record holds text, names of members left out.
inline void put_everywhere(TestJson& json, const std::string& text) {
  for (auto& value : json) {
    if (value.is_structured()) put_everywhere(value, text);
    if (value.is_string()) value = value.get<std::string>() + text;
  }
}

}  // namespace rollproof::reports
