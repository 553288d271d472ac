#include "harness/drill/outcome.h"

#include <algorithm>
#include <array>

#include "lib/base/exit_code.h"

namespace rollproof::drill {
namespace {

// From bad to good: the worst one seen names a scenario.
constexpr std::array<std::string_view, 13> kBadness = {"data_loss", "data_corruption", "wrong_state", "stuck_state", "crash", "timeout", "leak", "recovery_time_exceeded",
                                                       "harness_error", "fault_not_injected", "not_run", "safe_stop", "recovered"};

// To two digits: few different times, and none looks shorter than it was.
int64_t rounded_up(int64_t ms) {
  int64_t unit = 1;
  while (ms / unit >= 100) unit *= 10;
  return (ms + unit - 1) / unit * unit;
}

size_t rank_of(std::string_view category) { return std::find(kBadness.begin(), kBadness.end(), category) - kBadness.begin(); }

}  // namespace

void OutcomeFold::control(ControlOutcome control) {
  for (const auto& violation : control.result.violations) outcome_.found({control.story + ":control", violation.promise, violation.what, control.result.category});
  outcome_.images += control.result.images;
  outcome_.controls.push_back(std::move(control));
}

void OutcomeFold::planned(const std::vector<PlannedCell>& cells) {
  for (const PlannedCell& planned : cells) {
    CellOutcome& outcome = cell(planned.cell);
    outcome.target_ms = planned.target_ms;
    outcome.counts.planned += planned.counts.planned;
    outcome.counts.run += planned.counts.run;
    outcome.counts.pruned += planned.counts.pruned;
    for (const auto& [reason, count] : planned.counts.excluded) outcome.counts.excluded[reason] += count;
    if (planned.counts.run != 0) awaited_[planned.cell.to_string()] += planned.counts.run;
  }
}

void OutcomeFold::result(const Cell& of, const std::string& case_id, const CaseResult& result) {
  const std::string name = of.to_string();
  if (const auto awaited = awaited_.find(name); awaited != awaited_.end() && --awaited->second == 0) awaited_.erase(awaited);
  CellOutcome& outcome = cell(of);
  ++outcome_.cases_run;
  outcome_.images += result.images;
  outcome.images += result.images;
  outcome.fired += result.fired;
  if (result.recovery_ms > outcome.recovery_ms) outcome.parts = result.parts;
  outcome.recovery_ms = std::max(outcome.recovery_ms, result.recovery_ms);
  outcome.integrity.add(result.integrity);
  ++outcome.recovery_times[rounded_up(result.recovery_ms)];
  if (outcome.category.empty() || rank_of(result.category) < rank_of(outcome.category)) outcome.category = result.category;
  if (result.verdict == Verdict::passed) {
    ++outcome.passed;
    return;
  }
  ++(result.verdict == Verdict::failed ? outcome.failed : outcome.inconclusive);
  if (outcome.first_failing.empty()) {
    outcome.first_failing = case_id;
    outcome.observed = result.violations.empty() ? result.recovery.message : result.violations.front().what;
  }
  for (const auto& violation : result.violations) outcome_.found({case_id, violation.promise, violation.what, result.category});
}

void OutcomeFold::story_ends(const std::string& reason) {
  for (const auto& [name, count] : awaited_) {
    Counts& counts = cells_.at(name).counts;
    counts.run -= count;
    counts.excluded[reason] += count;
  }
  awaited_.clear();
}

void OutcomeFold::died(const std::string& execution, const std::string& why) {
  outcome_.execution = execution;
  outcome_.ended_because = why;
}

Outcome OutcomeFold::take() {
  for (auto& [name, cell] : cells_) outcome_.cells.push_back(std::move(cell));
  std::sort(outcome_.cells.begin(), outcome_.cells.end(), [](const CellOutcome& a, const CellOutcome& b) { return a.cell < b.cell; });
  return std::move(outcome_);
}

CellOutcome& OutcomeFold::cell(const Cell& of) {
  CellOutcome& outcome = cells_[of.to_string()];
  outcome.cell = of;
  return outcome;
}

void Outcome::found(FoundViolation violation) {
  ++violations_total;
  const bool fresh = std::none_of(violations.begin(), violations.end(), [&](const FoundViolation& other) { return other.promise == violation.promise; });
  if (violations.size() < kViolationsListed || fresh) violations.push_back(std::move(violation));
}

void Outcome::add_real(RealResult result) {
  for (const auto& violation : result.violations) found({result.id, violation.promise, violation.what, "wrong_state"});
  ++real.planned;
  real.results.push_back(std::move(result));
}

Counts Outcome::total() const {
  Counts total;
  for (const CellOutcome& cell : cells) {
    total.planned += cell.counts.planned;
    total.run += cell.counts.run;
    total.pruned += cell.counts.pruned;
    for (const auto& [reason, count] : cell.counts.excluded) total.excluded[reason] += count;
  }
  return total;
}

bool Outcome::control_passed() const {
  return !controls.empty() && std::all_of(controls.begin(), controls.end(), [](const ControlOutcome& control) { return control.result.verdict == Verdict::passed; });
}

int Outcome::exit_code() const {
  if (violations_total != 0) return static_cast<int>(ExitCode::safety_violated);
  if (execution == "interrupted") return static_cast<int>(ended_because.find("SIGTERM") == std::string::npos ? ExitCode::interrupted : ExitCode::terminated);
  if (execution != "completed" || !control_passed() || !real.broke_off.empty()) return static_cast<int>(ExitCode::not_enough_evidence);
  // A scenario that was to be tried and had its time taken is one that nobody knows anything about.
  const auto untried = [](const CellOutcome& cell) { return cell.counts.run == 0 && cell.counts.pruned == 0 && cell.counts.excluded.contains(kOutOfBudget); };
  const bool unsure = std::any_of(cells.begin(), cells.end(), [&](const CellOutcome& cell) { return cell.inconclusive != 0 || untried(cell); });
  // Faults were asked for, and not one was tried. (A scenario of which a profile takes no sample is counted and said, no more.)
  const bool nothing = !cells.empty() && cases_run == 0;
  if (unsure || nothing) return static_cast<int>(ExitCode::not_enough_evidence);
  const bool in_time = std::all_of(ways_back.begin(), ways_back.end(), [](const WayBack& way) { return way.within_limit(); });
  return in_time ? 0 : static_cast<int>(ExitCode::threshold_missed);
}

}  // namespace rollproof::drill
