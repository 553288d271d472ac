#include "reports/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr std::array<std::string_view, 5> kPhases = {"validate", "dual-write", "copy", "prove", "cutover"};
constexpr std::array<std::string_view, 3> kDirections = {"forward", "rollback", "recovery"};
constexpr std::array<std::string_view, 9> kFaults = {"crash", "process-death", "io-error", "second-crash", "intruder", "corruption", "memory", "timeout", "connection"};
// From bad to good.
constexpr std::array<std::string_view, 13> kBadness = {"data_loss", "data_corruption", "wrong_state", "stuck_state", "crash", "timeout", "leak", "recovery_time_exceeded",
                                                       "harness_error", "nondeterministic", "steady_state_not_met_before", "fault_not_injected", "evidence_missing"};

template <size_t N>
size_t rank_in(const std::array<std::string_view, N>& order, std::string_view name) {
  return static_cast<size_t>(std::find(order.begin(), order.end(), name) - order.begin());
}

// Known names in their order, then the others by name.
template <size_t N>
std::vector<std::string> ordered(const std::set<std::string>& names, const std::array<std::string_view, N>& order) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::stable_sort(sorted.begin(), sorted.end(), [&](const std::string& a, const std::string& b) { return rank_in(order, a) < rank_in(order, b); });
  return sorted;
}

// phase.fault.direction.step@store, as far as it goes.
std::vector<std::string> parts_of(const std::string& id) {
  std::vector<std::string> parts{""};
  for (const char c : id) {
    if (c == '@') break;
    if (c == '.' && parts.size() < 4) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  parts.resize(4);
  return parts;
}

}  // namespace

Verdict Cell::verdict() const {
  if (failed != 0) return Verdict::failed;
  if (inconclusive != 0) return Verdict::inconclusive;
  return passed != 0 ? Verdict::passed : Verdict::not_run;
}

std::string Cell::to_string() const {
  if (planned() == 0) return not_applicable ? "n/a" : "·";
  switch (verdict()) {
    case Verdict::failed: return fmt::format("✗ {} of {}", counted(cases_failed), counted(cases_run));
    case Verdict::inconclusive: return cases_inconclusive == 0 ? "? incomplete" : fmt::format("? {} of {}", counted(cases_inconclusive), counted(cases_run));
    case Verdict::passed: return fmt::format("✓ {}", counted(cases_run));
    case Verdict::not_run: break;
  }
  return "○ not run";
}

void Cell::add(const Scenario& scenario) {
  switch (scenario.verdict) {
    case Verdict::passed: ++passed; break;
    case Verdict::failed: ++failed; break;
    case Verdict::inconclusive: ++inconclusive; break;
    case Verdict::not_run: ++not_run; break;
  }
  cases_run += scenario.counts.run;
  cases_failed += scenario.failed;
  cases_inconclusive += scenario.inconclusive;
  images += scenario.images;
  fired += scenario.fired;
  max_ms = std::max(max_ms, scenario.recovery_ms);
  target_ms = std::max(target_ms, scenario.target_ms);
  for (const auto& [ms, count] : scenario.times) times[ms] += count;
}

Matrix matrix_of(const Run& run) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, Cell>> cells;
  std::set<std::string> faults;
  for (const Scenario& scenario : run.scenarios) {
    cells[{scenario.phase, scenario.direction}][scenario.fault].add(scenario);
    faults.insert(scenario.fault);
  }
  for (const auto& [id, reason] : run.not_applicable) {
    const auto parts = parts_of(id);
    Cell& cell = cells[{parts[0], parts[2]}][parts[1]];
    cell.not_applicable = true;
    cell.why = reason;
    faults.insert(parts[1]);
  }
  Matrix matrix{.faults = ordered(faults, kFaults)};
  for (auto& [where, of_fault] : cells) {
    Row row{.phase = where.first, .direction = where.second};
    for (const std::string& fault : matrix.faults) row.cells.push_back(of_fault[fault]);
    matrix.rows.push_back(std::move(row));
  }
  std::stable_sort(matrix.rows.begin(), matrix.rows.end(), [](const Row& a, const Row& b) {
    return std::pair(rank_in(kPhases, a.phase), rank_in(kDirections, a.direction)) < std::pair(rank_in(kPhases, b.phase), rank_in(kDirections, b.direction));
  });
  return matrix;
}

std::vector<std::string> phases_of(const Run& run) {
  std::set<std::string> names;
  for (const Scenario& scenario : run.scenarios) names.insert(scenario.phase);
  for (const auto& [phase, recovery] : run.recovery) names.insert(phase);
  return ordered(names, kPhases);
}

Cell cell_of_phase(const Run& run, const std::string& phase, const std::string& direction) {
  Cell cell;
  for (const Scenario& scenario : run.scenarios) {
    if (scenario.phase == phase && (direction.empty() || scenario.direction == direction)) cell.add(scenario);
  }
  return cell;
}

std::string time_or_nothing(const std::optional<int64_t>& ms) { return ms ? duration_text(*ms) : "not measured"; }

std::vector<const Scenario*> worst_first(const Run& run) {
  std::vector<const Scenario*> worst;
  for (const Scenario& scenario : run.scenarios) {
    if (scenario.verdict == Verdict::failed || scenario.verdict == Verdict::inconclusive) worst.push_back(&scenario);
  }
  std::stable_sort(worst.begin(), worst.end(), [](const Scenario* a, const Scenario* b) {
    return std::tuple(a->verdict != Verdict::failed, rank_in(kBadness, a->category), std::string_view(a->id)) <
           std::tuple(b->verdict != Verdict::failed, rank_in(kBadness, b->category), std::string_view(b->id));
  });
  return worst;
}

std::vector<Kind> kinds_of_trouble(const Run& run) {
  std::vector<Kind> kinds;
  std::map<std::tuple<Verdict, std::string_view, std::string_view>, size_t> known;
  for (const Scenario* scenario : worst_first(run)) {
    const auto [found, fresh] = known.try_emplace({scenario->verdict, scenario->category, scenario->observed}, kinds.size());
    if (fresh) kinds.emplace_back();
    kinds[found->second].push_back(scenario);
  }
  return kinds;
}

}  // namespace rollproof::reports
