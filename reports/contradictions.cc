#include "reports/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "lib/base/digest.h"
#include "lib/base/time_text.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kOfEveryStep = {"crash", "process-death", "io-error"};

class Finder {
 public:
  Finder(const Json& record, Figures& figures) : record_(record), figures_(figures) {}

  void all() {
    std::set<std::string> seen;
    for (size_t i = 0; i < figures_.scenarios.size(); ++i) {
      const ScenarioFigures& scenario = figures_.scenarios[i];
      if (!seen.insert(scenario.id).second) say(fmt::format("{}: it is there twice", scenario.id));
      of_scenario(scenario, record_["scenarios"][i]);
    }
    matrix();
    coverage();
    real();
    recovery();
    others();
  }

 private:
  void say(std::string what) {
    if (figures_.contradictions.size() < kContradictionsListed) figures_.contradictions.push_back(std::move(what));
  }

  static std::string text(const Json& json) { return json.get<std::string>(); }

  void of_scenario(const ScenarioFigures& scenario, const Json& json) {
    const std::string id = fmt::format("{}.{}.{}.{}@{}", scenario.phase, scenario.fault, text(json["direction"]), text(json["step"]), text(json["store"]));
    if (id != scenario.id) say(fmt::format("{}: its parts say {}", scenario.id, id));
    if (scenario.planned != scenario.run + scenario.pruned + scenario.excluded) {
      say(fmt::format("{}: {} cases planned, but {} run + {} pruned + {} excluded", scenario.id, scenario.planned, scenario.run, scenario.pruned, scenario.excluded));
    }
    if (scenario.passed + scenario.failed + scenario.inconclusive != scenario.run) {
      say(fmt::format("{}: {} cases run, but {} passed + {} failed + {} inconclusive", scenario.id, scenario.run, scenario.passed, scenario.failed, scenario.inconclusive));
    }
    if (json["verdicts"]["not_run"].get<uint64_t>() != scenario.excluded) say(fmt::format("{}: {} cases not run, but {} excluded", scenario.id, json["verdicts"]["not_run"].get<uint64_t>(), scenario.excluded));
    if (scenario.fired < scenario.passed) say(fmt::format("{}: {} cases passed, but their fault went off {} times", scenario.id, scenario.passed, scenario.fired));
    if (text(json["verdict"]) != scenario.verdict()) say(fmt::format("{}: verdict \"{}\", but its cases say {}", scenario.id, text(json["verdict"]), scenario.verdict()));
    const std::string execution = text(json["execution"]);
    if ((execution == "not_started" && scenario.run != 0) || (execution == "completed" && scenario.run == 0)) say(fmt::format("{}: execution \"{}\", but {} cases run", scenario.id, execution, scenario.run));
  }

  void matrix() {
    const Json& matrix = record_["matrix"];
    if (matrix["planned"].get<uint64_t>() != figures_.scenarios.size()) say(fmt::format("matrix: {} scenarios planned, but {} are there", matrix["planned"].get<uint64_t>(), figures_.scenarios.size()));
    std::string names;
    for (const ScenarioFigures& scenario : figures_.scenarios) names += scenario.id + "\n";
    if (text(matrix["sha256"]) != sha256_hex(names)) say("matrix: its sha256 is not that of the scenarios that are there");
  }

  void coverage() {
    uint64_t planned = 0, run = 0, pruned = 0, images = 0;
    std::map<std::string, std::set<std::string>> steps;  // by everything but the fault: the faults that have cases
    for (size_t i = 0; i < figures_.scenarios.size(); ++i) {
      const ScenarioFigures& scenario = figures_.scenarios[i];
      const Json& json = record_["scenarios"][i];
      planned += scenario.planned;
      run += scenario.run;
      pruned += scenario.pruned;
      if (json.contains("images") && json["images"].is_number_integer()) images = std::max(images, json["images"].get<uint64_t>());
      if (std::find(kOfEveryStep.begin(), kOfEveryStep.end(), scenario.fault) == kOfEveryStep.end()) continue;
      auto& faults = steps[fmt::format("{}.{}.{}@{}", scenario.phase, text(json["direction"]), text(json["step"]), text(json["store"]))];
      if (scenario.run != 0) faults.insert(scenario.fault);
    }
    figures_.steps = steps.size();
    figures_.steps_complete = static_cast<uint64_t>(std::count_if(steps.begin(), steps.end(), [](const auto& step) { return step.second.size() == kOfEveryStep.size(); }));
    const Json& coverage = record_["coverage"];
    const auto same = [&](const char* what, uint64_t said, uint64_t counted) {
      if (said != counted) say(fmt::format("coverage: {} {}, but the scenarios add up to {}", said, what, counted));
    };
    same("cases planned", coverage["cases"]["planned"].get<uint64_t>(), planned);
    same("cases run", coverage["cases"]["run"].get<uint64_t>(), run);
    same("cases pruned", coverage["cases"]["pruned"].get<uint64_t>(), pruned);
    same("steps", coverage["steps"]["known"].get<uint64_t>(), figures_.steps);
    same("complete steps", coverage["steps"]["complete"].get<uint64_t>(), figures_.steps_complete);
    if (figures_.images < images) say(fmt::format("coverage: {} disk contents, but one scenario alone has {}", figures_.images, images));
  }

  void real() {
    if (!record_["coverage"].contains("real") || record_["coverage"]["real"].is_null()) return;
    const Json& real = record_["coverage"]["real"];
    const uint64_t cases = real["cases"].get<uint64_t>(), judged = figures_.real_passed + figures_.real_failed + real["inconclusive"].get<uint64_t>();
    if (cases != judged) say(fmt::format("real processes: {} cases, but {} passed, failed or inconclusive", cases, judged));
    if (cases > figures_.real_planned) say(fmt::format("real processes: {} cases of {} planned", cases, figures_.real_planned));
  }

  void recovery() {
    const auto times = figures_.recovery();
    for (const auto& [phase, time] : times) {
      const Json* said = record_["recovery"].contains(phase) ? &record_["recovery"][phase] : nullptr;
      if (said == nullptr || !said->contains("max_ms") || (*said)["max_ms"].is_null()) {
        say(fmt::format("recovery: no time of {}", phase));
      } else if ((*said)["max_ms"].get<int64_t>() != time.max_ms) {
        say(fmt::format("recovery: {} ms in {}, but its scenarios say {}", (*said)["max_ms"].get<int64_t>(), phase, time.max_ms));
      }
    }
  }

  void others() {
    if (figures_.violation_cases.size() > figures_.violations) say(fmt::format("violations: {} listed, but {} in all", figures_.violation_cases.size(), figures_.violations));
    if (figures_.mutants != figures_.mutants_caught + figures_.mutants_missed.size()) {
      say(fmt::format("mutants: {} planned, but {} caught + {} missed", figures_.mutants, figures_.mutants_caught, figures_.mutants_missed.size()));
    }
    if (parse_time(text(record_["finished_at"])) < parse_time(text(record_["started_at"]))) say("it ended before it began");
  }

  const Json& record_;
  Figures& figures_;
};

}  // namespace

void find_contradictions(const Json& record, Figures& figures) { Finder(record, figures).all(); }

}  // namespace rollproof::reports
