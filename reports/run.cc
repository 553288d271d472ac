#include "reports/run.h"

#include <algorithm>

namespace rollproof::reports {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::failed: return "failed";
    case Verdict::inconclusive: return "inconclusive";
    case Verdict::not_run: return "not_run";
  }
  return "inconclusive";
}

std::string_view glyph_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "✓";
    case Verdict::failed: return "✗";
    case Verdict::inconclusive: return "?";
    case Verdict::not_run: return "○";
  }
  return "?";
}

uint64_t Counts::excluded_total() const {
  uint64_t total = 0;
  for (const auto& [reason, count] : excluded) total += count;
  return total;
}

std::optional<int64_t> percentile(const Times& times, int percent) {
  uint64_t all = 0;
  for (const auto& [ms, count] : times) all += count;
  if (all == 0) return std::nullopt;
  const uint64_t wanted = std::max<uint64_t>(1, (all / 100) * percent + (all % 100 * percent + 99) / 100);
  uint64_t seen = 0;
  for (const auto& [ms, count] : times) {
    seen += count;
    if (seen >= wanted) return ms;
  }
  return times.rbegin()->first;
}

uint64_t Run::count(Verdict verdict) const {
  return static_cast<uint64_t>(std::count_if(scenarios.begin(), scenarios.end(), [&](const Scenario& one) { return one.verdict == verdict; }));
}

bool Run::controls_passed() const {
  return !controls.empty() && std::all_of(controls.begin(), controls.end(), [](const Control& one) { return one.verdict == "passed"; });
}

std::vector<const Violation*> Run::outside_of_scenarios() const {
  std::vector<const Violation*> found;
  for (const Violation& violation : violations) {
    if (violation.case_id.find('@') == std::string::npos) found.push_back(&violation);  // a scenario's name ends with @ and its stores
  }
  return found;
}

}  // namespace rollproof::reports
