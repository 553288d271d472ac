#include "reports/rollback_evidence.h"

#include <fmt/format.h>

#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr size_t kReasonsListed = 3;

struct Sum {
  uint64_t scenarios = 0, planned = 0, run = 0, pruned = 0, failed = 0, inconclusive = 0, excluded = 0;
  std::set<std::string> reasons;
  std::string replay;  // of the first that was not passed

  std::string to_string() const {
    std::string words = fmt::format("{} run in {}, {} failed, {} inconclusive; {} identical ones pruned", plural(run, "case"), plural(scenarios, "scenario"), counted(failed), counted(inconclusive), counted(pruned));
    if (excluded != 0) {
      std::string why;
      size_t listed = 0;
      for (const std::string& reason : reasons) {
        if (listed++ == kReasonsListed) break;
        why += (why.empty() ? "" : "; ") + reason;
      }
      if (reasons.size() > kReasonsListed) why += fmt::format("; and {} more reasons in run.json", reasons.size() - kReasonsListed);
      words += fmt::format(", {} left out ({})", counted(excluded), why);
    }
    return replay.empty() ? words : words + ". " + replay;
  }
};

Sum sum_of(const Run& run, const std::function<bool(const Scenario&)>& chosen) {
  Sum sum;
  for (const Scenario& scenario : run.scenarios) {
    if (!chosen(scenario)) continue;
    ++sum.scenarios;
    sum.planned += scenario.counts.planned;
    sum.run += scenario.counts.run;
    sum.pruned += scenario.counts.pruned;
    sum.failed += scenario.failed;
    // A scenario without proof is one in which nothing is known.
    sum.inconclusive += scenario.verdict == Verdict::inconclusive ? std::max<uint64_t>(1, scenario.inconclusive) : scenario.inconclusive;
    sum.excluded += scenario.counts.excluded_total();
    for (const auto& [reason, count] : scenario.counts.excluded) sum.reasons.insert(reason);
    if (sum.replay.empty() && scenario.verdict == Verdict::failed) sum.replay = scenario.replay;
  }
  return sum;
}

}  // namespace

bool rolls_back(const Scenario& scenario) { return scenario.direction == "rollback" || scenario.direction == "recovery"; }

LineFinding judged(const Run& run, const std::function<bool(const Scenario&)>& chosen, const std::string& nothing) {
  const Sum sum = sum_of(run, chosen);
  if (sum.failed != 0) return {"not met", sum.to_string()};
  if (sum.run == 0) return {"not measured", nothing};
  if (sum.excluded != 0) return {"not measured", fmt::format("{} of {} planned cases were not run. {}", counted(sum.excluded), counted(sum.planned), sum.to_string())};
  if (sum.inconclusive != 0 || !run.controls_passed()) return {"not measured", sum.to_string()};
  return {"met", sum.to_string()};
}

LineFinding promised(const Run& run, const std::set<int>& promises, const std::string& what) {
  const Sum cases = sum_of(run, rolls_back);
  if (cases.run == 0) return {"not measured", "no rollback under a fault in this run"};
  for (const Violation& violation : run.violations) {
    if (promises.contains(violation.promise)) return {"not met", fmt::format("promise {} was broken in {}: {}", violation.promise, violation.case_id, violation.what)};
  }
  // The list of violations may be cut, but never by a promise (harness/drill/outcome.h).
  if (cases.inconclusive != 0 || !run.controls_passed()) return {"not measured", cases.to_string()};
  return {"met", fmt::format("{}: checked in {} rollbacks and recoveries", what, counted(cases.run))};
}

LineFinding promised_in_part(const Run& run, const std::set<int>& promises, const std::string& what, const std::string& missing) {
  LineFinding finding = promised(run, promises, what);
  if (finding.verdict != "met") return finding;
  return {"not measured", finding.evidence + "; missing: " + missing};
}

}  // namespace rollproof::reports
