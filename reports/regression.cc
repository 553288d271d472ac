#include "reports/regression.h"

#include <fmt/format.h>

#include <unordered_map>

#include "reports/gate.h"

namespace rollproof::reports {
namespace {

class Comparing {
 public:
  Comparing(const Figures& run, const Figures& baseline, const Policy& policy, int64_t now_ms) : run_(run), baseline_(baseline), policy_(policy), now_ms_(now_ms) {}

  Comparison compare() {
    found_.not_comparable = difference();
    if (!found_.not_comparable.empty()) return std::move(found_);
    scenarios();
    for (const auto& [story, verdict] : baseline_.controls) {
      if (!run_.controls.contains(story)) found_.regressed.push_back(fmt::format("the story \"{}\" is not told any more", story));
    }
    if (policy_.mutants_required && run_.mutants < baseline_.mutants) found_.regressed.push_back(fmt::format("{} mutants, and {} in the baseline", run_.mutants, baseline_.mutants));
    if (baseline_.real_planned != 0 && run_.real_planned == 0) found_.regressed.push_back(fmt::format("no real process, and {} in the baseline", baseline_.real_planned));
    cases();
    recovery();
    return std::move(found_);
  }

 private:
  std::string difference() const {
    if (run_.shards != 1 || baseline_.shards != 1) return "one of them is a shard: merge the shards first";
    if (run_.profile != baseline_.profile) return fmt::format("profile {}, and {} in the baseline", run_.profile, baseline_.profile);
    if (run_.seed != baseline_.seed) return fmt::format("seed {}, and {} in the baseline", run_.seed, baseline_.seed);
    if (run_.subject != baseline_.subject) return fmt::format("it drilled {}, and {} in the baseline", run_.subject, baseline_.subject);
    return {};
  }

  void scenarios() {
    std::unordered_map<std::string_view, const ScenarioFigures*> now;
    for (const ScenarioFigures& scenario : run_.scenarios) now.emplace(scenario.id, &scenario);
    for (const ScenarioFigures& before : baseline_.scenarios) {
      const auto found = now.find(before.id);
      if (found == now.end()) {
        found_.regressed.push_back(fmt::format("{} is gone: the matrix has shrunk", before.id));
      } else if (before.verdict() == "passed" && found->second->verdict() != "passed") {
        if (is_known(policy_, before.id, now_ms_)) {
          ++found_.left_out;
        } else {
          found_.regressed.push_back(fmt::format("{} passed, and is {} now", before.id, found->second->verdict()));
        }
      }
    }
  }

  void worse(bool beyond, std::string what) { (beyond ? found_.regressed : found_.noise).push_back(std::move(what)); }

  // Cases that were pruned were proven by identical ones.
  void cases() {
    const auto proven = [](const Figures& figures) {
      uint64_t sum = 0;
      for (const ScenarioFigures& scenario : figures.scenarios) sum += scenario.run + scenario.pruned;
      return static_cast<double>(sum);
    };
    const double before = proven(baseline_), now = proven(run_);
    if (now >= before) return;
    const double percent = 100 * (before - now) / before;
    worse(percent > policy_.cases_noise_percent, fmt::format("{:.0f} cases run or pruned, {:.1f} % fewer than {:.0f}", now, percent, before));
  }

  // Of the scenarios that are no known failures, on both sides.
  Figures without_known(const Figures& figures) const {
    Figures rest;
    for (const ScenarioFigures& scenario : figures.scenarios) {
      if (!is_known(policy_, scenario.id, now_ms_)) rest.scenarios.push_back(scenario);
    }
    return rest;
  }

  void recovery() {
    const auto before = without_known(baseline_).recovery(), now = without_known(run_).recovery();
    for (const auto& [phase, time] : now) {
      if (!before.contains(phase) || time.max_ms <= before.at(phase).max_ms) continue;
      const auto old_ms = static_cast<double>(before.at(phase).max_ms), slower_ms = static_cast<double>(time.max_ms) - old_ms;
      const bool beyond = slower_ms > policy_.recovery_noise_ms && slower_ms * 100 > old_ms * policy_.recovery_noise_percent;
      worse(beyond, fmt::format("recovery in {} takes {} ms, {:.0f} more than in the baseline", phase, time.max_ms, slower_ms));
    }
  }

  const Figures& run_;
  const Figures& baseline_;
  const Policy& policy_;
  const int64_t now_ms_;
  Comparison found_;
};

}  // namespace

Comparison compare(const Figures& run, const Figures& baseline, const Policy& policy, int64_t now_ms) { return Comparing(run, baseline, policy, now_ms).compare(); }

}  // namespace rollproof::reports
