#include "harness/drill/real_twin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/process/real_case.h"
#include "lib/base/exit_code.h"

namespace rollproof::drill {
namespace {

constexpr size_t kAtOnce = 16;  // most outcomes are found among the first

std::string class_of(const check::Answer& answer) {
  const bool given = answer.ok || answer.code != Code::internal || !answer.message.empty();
  return answer.ok ? "done" : given ? process::class_of_exit(static_cast<int>(exit_code_of(answer.code))) : "died";
}

// As RealRun::outcome(): a process that was killed has not answered, and damage behind its death meets the recovery alone.
std::string outcome_of(const Cell& cell, const CaseResult& result) {
  if (cell.fault == fault::Kind::process_death) return class_of(result.recovery);
  if (cell.fault == fault::Kind::intruder) return class_of(result.recovery) + ", then " + class_of(result.second);
  const std::string command = class_of(result.command);
  if (cell.fault == fault::Kind::corruption && command == "died") return class_of(result.recovery);
  return command + ", then " + class_of(result.recovery);
}

// Neighbours are alike, so those far from each other come first.
std::vector<Planned> scattered(const std::vector<Planned>& cases) {
  std::vector<Planned> order;
  size_t stride = 1;
  while (stride * stride < cases.size()) ++stride;
  for (size_t first = 0; first < stride; ++first) {
    for (size_t i = first; i < cases.size(); i += stride) order.push_back(cases[i]);
  }
  return order;
}

}  // namespace

std::string SimulatedTwin::Answer::to_string() const { return fmt::format("{} simulated cases: {}", cases, fmt::join(seen, "; ")); }

Status SimulatedTwin::tell(const std::string& store) {
  auto& told = told_[store];
  if (!told.empty()) return {};
  for (const Story& story : stories_) {
    // A regression is about one point of an older library; a story with damage in it is another one than the real command is in.
    const bool damaged = std::any_of(story.before.begin(), story.before.end(), [](const auto& command) { return command.kind == subject::Command::Kind::damage || !command.dies_in.empty(); });
    if (story.store() != store || damaged || story.records || !story.cases.empty() || story.names_faults || story.name.starts_with("regression")) continue;
    ROLLPROOF_ASSIGN(Recording recording, recording_of(story, options_));
    told.push_back({&story, std::make_unique<Recording>(std::move(recording)), {}, {}});
  }
  return {};
}

Status SimulatedTwin::plan(Told& told, fault::Kind kind) {
  if (!told.planned.insert(kind).second || !told.story->drills(kind)) return {};
  ROLLPROOF_ASSIGN(Profile profile, Profile::named("deep"));
  // A step may have few allocations, and what becomes of one depends on whose it is.
  profile.allocation_every = 13;
  profile.allocation_from_every = 29;
  profile.foreign_every = UINT32_MAX;  // no real case is of another program
  CaseRunner runner(*told.recording);
  const Plan plan = plan_cases(*told.recording, runner, profile, fmt::format("*.{}.*", fault::name_of(kind)));
  for (const Planned& planned : plan.cases) {
    if (plan.cells[planned.cell].fault == kind) told.cases[plan.cells[planned.cell].to_string()].push_back(planned);
  }
  return {};
}

std::vector<Planned> SimulatedTwin::cases_of(Told& told, const Cell& cell, bool between) {
  const auto found = told.cases.find(cell.to_string());
  if (found == told.cases.end()) return {};
  std::vector<Planned> cases = found->second;
  // Damage between two commands meets the second one, damage behind a death the recovery.
  if (cell.fault == fault::Kind::corruption) {
    std::erase_if(cases, [&](const Planned& planned) { return told.recording->command_beginning_at(planned.fault.at()).has_value() != between; });
  }
  return scattered(cases);
}

Result<SimulatedTwin::Answer> SimulatedTwin::allows(const Cell& cell, const std::string& outcome) {
  const bool between = outcome.find(", then ") != std::string::npos;
  Asked& asked = asked_[{cell.to_string(), between}];
  Answer& answer = asked.answer;
  if (!answer.seen.contains(outcome) && !asked.everything) {
    ROLLPROOF_TRY(tell(cell.store));
    std::vector<std::pair<Told*, std::vector<Planned>>> of_stories;
    for (Told& told : told_[cell.store]) {
      ROLLPROOF_TRY(plan(told, cell.fault));
      of_stories.emplace_back(&told, cases_of(told, cell, between));
    }
    asked.everything = !look_for(cell, outcome, of_stories, answer);
  }
  answer.allowed = answer.seen.contains(outcome);
  return answer;
}

// Some of each story in turn.
bool SimulatedTwin::look_for(const Cell& cell, const std::string& outcome, const std::vector<std::pair<Told*, std::vector<Planned>>>& of_stories, Answer& answer) const {
  WorkOptions work{.jobs = options_.jobs};
  work.arrived = [&](size_t, const CaseResult& result) {
    // What has not gone off, or is no right answer, allows nothing.
    if (result.verdict != Verdict::passed) return true;
    ++answer.cases;
    answer.seen.insert(outcome_of(cell, result));
    return !answer.seen.contains(outcome);
  };
  bool more = true;
  for (size_t first = 0; more && answer.cases < kCasesMax; first += kAtOnce) {
    more = false;
    for (const auto& [told, cases] : of_stories) {
      if (first >= cases.size()) continue;
      more = true;
      const auto from = cases.begin() + static_cast<ptrdiff_t>(first);
      run_cases(*told->recording, {from, from + static_cast<ptrdiff_t>(std::min<size_t>(kAtOnce, cases.size() - first))}, work);
      if (answer.seen.contains(outcome)) return true;
    }
  }
  return false;
}

}  // namespace rollproof::drill
