#include "harness/drill/real_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>

namespace rollproof::drill {

using OrderedJson = nlohmann::ordered_json;

OrderedJson real_json(const std::vector<RealResult>& results, const Cell& cell) {
  uint64_t cases = 0, passed = 0, failed = 0, inconclusive = 0;
  OrderedJson what = OrderedJson::array();
  for (const RealResult& result : results) {
    if (!(result.cell() == cell)) continue;
    ++cases;
    ++(result.verdict == "passed" ? passed : result.verdict == "failed" ? failed : inconclusive);
    what.push_back(fmt::format("{}: {}; {}", result.id.substr(result.id.find('/') + 1), result.outcome, result.proof));
  }
  return OrderedJson{{"cases", cases}, {"passed", passed}, {"failed", failed}, {"inconclusive", inconclusive}, {"what", std::move(what)}};
}

std::string proof_of(const std::vector<RealResult>& results, const Cell& cell) {
  bool passed = false, failed = false;
  for (const RealResult& result : results) {
    if (!(result.cell() == cell)) continue;
    passed = passed || result.verdict == "passed";
    failed = failed || result.verdict == "failed";
  }
  return passed && !failed ? "both" : "simulated";
}

OrderedJson to_json(const RealOutcome& real) {
  return OrderedJson{{"planned", real.planned}, {"cases", real.results.size()}, {"passed", real.count("passed")}, {"failed", real.count("failed")}, {"inconclusive", real.count("inconclusive")}, {"left_out", real.left_out}, {"broke_off", real.broke_off}, {"duration_ms", real.duration_ms}};
}

std::string to_text(const RealOutcome& real) {
  if (real.planned == 0 && real.left_out.empty() && real.broke_off.empty()) return "";
  std::map<std::string, uint64_t> kinds;
  std::set<std::string> cells;
  for (const RealResult& result : real.results) {
    if (result.verdict != "passed") continue;
    ++kinds[std::string(fault::name_of(result.cell().fault))];
    cells.insert(result.cell().to_string());
  }
  std::vector<std::string> parts;
  for (const auto& [kind, count] : kinds) parts.push_back(fmt::format("{} {}", count, kind));
  const uint64_t failed = real.count("failed"), unsure = real.count("inconclusive");
  std::string text = fmt::format("{} real processes: {} of {} faults passed ({}), {} scenarios proved both ways, in {:.1f} s\n", failed == 0 ? "✓" : "✗", real.count("passed"), real.planned, fmt::join(parts, ", "), cells.size(),
                                 static_cast<double>(real.duration_ms) / 1000);
  if (unsure != 0) text += fmt::format("  ? {} did not go off, and prove nothing\n", unsure);
  if (real.planned > real.results.size()) text += fmt::format("  ○ {} not run: out of time\n", real.planned - real.results.size());
  if (!real.broke_off.empty()) text += fmt::format("  ✗ real processes broke off: {}\n", real.broke_off);
  for (const std::string& reason : real.left_out) text += fmt::format("  ○ left out: {}\n", reason);
  return text;
}

}  // namespace rollproof::drill
