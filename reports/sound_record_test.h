// A record for tests: two steps under four faults each, all of them passed, that adds up. A test changes what it is about, and calls settled() where
// the sums shall still be right.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "lib/base/digest.h"
#include "reports/figures.h"

namespace rollproof::reports {

using RecordJson = nlohmann::ordered_json;

inline RecordJson scenario_row(const std::string& phase, const std::string& fault, const std::string& direction, const std::string& step, uint64_t passed = 10) {
  using Json = RecordJson;
  return Json{{"id", phase + "." + fault + "." + direction + "." + step + "@leveldb>unified-json"},
              {"phase", phase}, {"direction", direction}, {"step", step}, {"store", "leveldb>unified-json"},
              {"fault", Json{{"kind", fault}, {"params", Json::object()}, {"fired_count", passed}}},
              {"proof", "simulated"},
              {"cases", Json{{"planned", passed + 5}, {"run", passed}, {"pruned", 2}, {"excluded", Json::array({Json{{"reason", "sampled"}, {"count", 3}}})}}},
              {"images", passed}, {"seed", 1}, {"execution", passed == 0 ? "not_started" : "completed"}, {"verdict", passed == 0 ? "not_run" : "passed"},
              {"verdicts", Json{{"passed", passed}, {"failed", 0}, {"inconclusive", 0}, {"not_run", 3}}},
              {"category", passed == 0 ? "not_run" : "recovered"}, {"expected", "e"}, {"observed", "o"}, {"recovery_ms", 30}, {"target_ms", 60'000}, {"replay", ""}};
}

// Sums, matrix and times as the scenarios say.
inline RecordJson settled(RecordJson record) {
  using Json = RecordJson;
  std::string names;
  Json recovery = Json::object(), cases{{"planned", 0}, {"run", 0}, {"pruned", 0}, {"excluded", Json::array()}};
  std::map<std::string, std::map<std::string, bool>> steps;
  uint64_t images = 0;
  for (const Json& scenario : record["scenarios"]) {
    names += scenario["id"].get<std::string>() + "\n";
    for (const char* count : {"planned", "run", "pruned"}) cases[count] = cases[count].get<uint64_t>() + scenario["cases"][count].get<uint64_t>();
    images += scenario["images"].get<uint64_t>();
    Json& phase = recovery[scenario["phase"].get<std::string>()];
    if (phase.is_null()) phase = Json{{"max_ms", 0}, {"target_ms", scenario["target_ms"]}};
    if (scenario["recovery_ms"] > phase["max_ms"]) phase["max_ms"] = scenario["recovery_ms"];
    const std::string fault = scenario["fault"]["kind"].get<std::string>();
    if (fault != "crash" && fault != "process-death" && fault != "io-error") continue;
    steps[scenario["phase"].get<std::string>() + scenario["direction"].get<std::string>() + scenario["step"].get<std::string>()][fault] = scenario["cases"]["run"] != 0;
  }
  uint64_t complete = 0;
  for (const auto& [step, faults] : steps) complete += faults.size() == 3 && std::all_of(faults.begin(), faults.end(), [](const auto& fault) { return fault.second; });
  record["matrix"] = Json{{"sha256", sha256_hex(names)}, {"planned", record["scenarios"].size()}, {"pattern", "*"}, {"not_applicable", Json::array()}};
  record["recovery"] = std::move(recovery);
  record["coverage"]["cases"] = std::move(cases);
  record["coverage"]["steps"] = Json{{"known", steps.size()}, {"complete", complete}, {"faults", Json::array({"crash", "process-death", "io-error"})}, {"without_a_case", Json::array()}};
  record["coverage"]["images"] = images + 7;
  return record;
}

inline RecordJson sound_record() {
  using Json = RecordJson;
  Json record{{"schema_version", 1},
              {"run_id", "r"},
              {"tool", Json{{"name", "rollproof-drill"}, {"version", "0.1.0"}, {"commit", "c"}, {"build_type", "release"}}},
              {"started_at", "2026-03-01T12:00:00.000Z"},
              {"finished_at", "2026-03-01T12:01:00.000Z"},
              {"execution", "completed"},
              {"profile", "default"},
              {"seed", 1},
              {"subject", Json{{"kind", "fixtures"}}},
              {"scenarios", Json::array()},
              {"violations", Json::array()},
              {"violations_total", 0},
              {"coverage", Json{{"controls", Json::array({Json{{"story", "there-and-back"}, {"verdict", "passed"}}})}}},
              {"mutants", Json{{"planned", 2}, {"caught", 2}, {"missed", Json::array()}}}};
  for (const char* phase : {"copy", "cutover"}) {
    for (const char* fault : {"crash", "process-death", "io-error", "memory"}) record["scenarios"].push_back(scenario_row(phase, fault, "rollback", "settle"));
  }
  return settled(std::move(record));
}

inline Figures figures(const RecordJson& record) { return figures_of(record).value(); }

// Of scenario `index`, one of the cases.
inline void fail_case(RecordJson& record, size_t index, const char* category = "data_loss", const char* verdict = "failed") {
  RecordJson& scenario = record["scenarios"][index];
  scenario["verdict"] = verdict;
  scenario["category"] = category;
  scenario["verdicts"]["passed"] = scenario["verdicts"]["passed"].get<uint64_t>() - 1;
  scenario["verdicts"][verdict] = scenario["verdicts"][verdict].get<uint64_t>() + 1;
}

inline void leave_out(RecordJson& record, size_t index) {
  RecordJson& scenario = record["scenarios"][index];
  scenario = scenario_row(scenario["phase"].get<std::string>(), scenario["fault"]["kind"].get<std::string>(), "rollback", "settle", 0);
}

}  // namespace rollproof::reports
