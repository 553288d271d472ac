#include "harness/drill/completeness.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace rollproof::drill {
namespace {

constexpr std::array kOfEveryStep = {fault::Kind::crash, fault::Kind::process_death, fault::Kind::io_error};
constexpr size_t kGapsShown = 12;

bool is_of_every_step(fault::Kind kind) { return std::find(kOfEveryStep.begin(), kOfEveryStep.end(), kind) != kOfEveryStep.end(); }

std::string why_nothing_ran(const Counts& counts) {
  std::vector<std::string> reasons;
  if (counts.pruned != 0) reasons.push_back(fmt::format("{} identical to cases of other scenarios", counts.pruned));
  for (const auto& [reason, count] : counts.excluded) reasons.push_back(fmt::format("{} excluded: {}", count, reason));
  return reasons.empty() ? "nothing was planned" : fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

Completeness completeness_of(const Outcome& outcome) {
  Completeness found;
  std::map<std::string, std::map<fault::Kind, bool>> steps;  // by the scenario's name with the first of the faults
  std::map<std::string, Cell> cells;
  for (const CellOutcome& cell : outcome.cells) {
    const bool ran = cell.counts.run != 0;
    if (!ran) found.gaps.push_back({cell.cell.to_string(), why_nothing_ran(cell.counts), is_of_every_step(cell.cell.fault)});
    if (!is_of_every_step(cell.cell.fault)) continue;
    Cell step = cell.cell;
    step.fault = kOfEveryStep.front();
    steps[step.to_string()][cell.cell.fault] = ran;
    cells[step.to_string()] = step;
  }
  for (const auto& [name, ran] : steps) {
    ++found.steps;
    uint64_t with_cases = 0;
    for (const fault::Kind kind : kOfEveryStep) {
      with_cases += ran.contains(kind) && ran.at(kind);
      if (ran.contains(kind)) continue;
      Cell missing = cells.at(name);
      missing.fault = kind;
      found.gaps.push_back({missing.to_string(), "no story that was told tries this fault here", true});
    }
    found.complete += with_cases == kOfEveryStep.size();
  }
  return found;
}

OrderedJson to_json(const Completeness& completeness) {
  OrderedJson faults = OrderedJson::array(), gaps = OrderedJson::array();
  for (const fault::Kind kind : kOfEveryStep) faults.push_back(fault::name_of(kind));
  for (const Gap& gap : completeness.gaps) gaps.push_back(OrderedJson{{"id", gap.scenario}, {"why", gap.why}});
  return OrderedJson{{"known", completeness.steps}, {"complete", completeness.complete}, {"faults", std::move(faults)}, {"without_a_case", std::move(gaps)}};
}

std::string to_text(const Completeness& completeness) {
  std::string text = fmt::format("{} of {} steps (phase, direction, step, stores) have cases of crash, process death and I/O error\n", completeness.complete, completeness.steps);
  size_t shown = 0, others = 0;
  for (const Gap& gap : completeness.gaps) {
    if (!gap.of_every_step || shown == kGapsShown) {
      ++others;
      continue;
    }
    ++shown;
    text += fmt::format("  ○ no case in {}: {}\n", gap.scenario, gap.why);
  }
  if (others != 0) text += fmt::format("  {} {}scenarios without a case are in run.json with the reason (coverage.steps)\n", others, shown != 0 ? "more " : "");
  return text;
}

}  // namespace rollproof::drill
