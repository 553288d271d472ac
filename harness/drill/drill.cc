#include "harness/drill/drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "lib/base/exit_code.h"
#include "lib/base/words.h"

namespace rollproof::drill {
namespace {

using Clock = std::chrono::steady_clock;

// From bad to good: the worst one seen names a scenario.
constexpr std::array<std::string_view, 13> kBadness = {"data_loss", "data_corruption", "wrong_state", "stuck_state", "crash", "timeout", "leak", "recovery_time_exceeded",
                                                       "harness_error", "fault_not_injected", "not_run", "safe_stop", "recovered"};

size_t rank_of(std::string_view category) { return std::find(kBadness.begin(), kBadness.end(), category) - kBadness.begin(); }

class Drill {
 public:
  Drill(const DrillOptions& options, const std::function<void(const Progress&)>& report) : options_(options), report_(report), began_(Clock::now()) {}

  Result<Outcome> run(const std::vector<Story>& all) {
    ROLLPROOF_ASSIGN(const auto stories, chosen(all));
    progress_.stories = stories.size();
    for (const Story* story : stories) {
      ++progress_.story_number;
      progress_.story = story->name;
      if (!stopped_) ROLLPROOF_TRY(tell(*story));
    }
    for (auto& [name, cell] : cells_) outcome_.cells.push_back(std::move(cell));
    std::sort(outcome_.cells.begin(), outcome_.cells.end(), [](const CellOutcome& a, const CellOutcome& b) { return a.cell < b.cell; });
    outcome_.duration_ms = elapsed_ms();
    return std::move(outcome_);
  }

 private:
  int64_t elapsed_ms() const { return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_).count(); }
  bool in_budget() const { return options_.budget_ms == 0 || elapsed_ms() < options_.budget_ms; }

  // A pattern with a dot or an @ is one of scenarios; every story may have them.
  bool names_scenarios() const { return options_.scenario.find_first_of(".@") != std::string::npos; }

  Result<std::vector<const Story*>> chosen(const std::vector<Story>& all) const {
    std::vector<const Story*> stories;
    std::vector<std::string> names;
    for (const Story& story : all) {
      names.push_back(story.name);
      if (names_scenarios() || matches(options_.scenario, story.name)) stories.push_back(&story);
    }
    if (!stories.empty()) return stories;
    const std::string near = nearest(options_.scenario, names);
    return fail(Code::invalid, fmt::format("nothing matches \"{}\"", options_.scenario), "",
                near.empty() ? fmt::format("Known stories: {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"?", near));
  }

  Status tell(const Story& story) {
    ROLLPROOF_ASSIGN(const Recording recording, recording_of(story, options_));
    CaseRunner runner(recording, options_.judge);
    control(recording, runner);
    // Faults in a story that does not even work without one would prove nothing.
    if (options_.control_only || outcome_.controls.back().result.verdict != Verdict::passed) return {};
    ROLLPROOF_ASSIGN(Profile everything, Profile::named("deep"));
    // Every operation of each of these recoveries; from how many first crashes stays the profile's choice.
    everything.second_firsts = options_.profile.second_firsts;
    // What fails from some call on, and parts of a second crash, stay sampled as well: each costs as much as all the others together.
    everything.io_from_every = options_.profile.io_from_every;
    everything.second_part_every = options_.profile.second_every * options_.profile.second_part_every;
    everything.look_every = options_.profile.look_every;
    everything.look_from_every = options_.profile.look_from_every;
    // So does what is sampled everywhere, because a run without a stride would take days.
    everything.variant_every = options_.profile.variant_every;
    everything.variant_dead_every = options_.profile.variant_dead_every;
    everything.allocation_every = options_.profile.allocation_every;
    everything.allocation_from_every = options_.profile.allocation_from_every;
    everything.over_limit_every = options_.profile.over_limit_every;
    everything.stall_every = options_.profile.stall_every;
    everything.stall_look_every = options_.profile.stall_look_every;
    everything.jump_every = options_.profile.jump_every;
    everything.intruder_forward_every = options_.profile.intruder_forward_every;
    everything.cancel_every = options_.profile.cancel_every;
    Profile some = options_.profile;
    if (story.exhaustive_looks) some.look_every = 1;
    if (story.exhaustive_allocations) some.allocation_every = 1;
    Plan plan = plan_cases(recording, runner, story.exhaustive ? everything : some);
    if (names_scenarios()) keep_matching(plan);
    work(recording, plan);
    return {};
  }

  void control(const Recording& recording, CaseRunner& runner) {
    CaseResult result = runner.control();
    for (const auto& logged : recording.log.commands) {
      if (logged.answer.ok) continue;
      result.verdict = Verdict::failed;
      result.category = "steady_state_not_met_before";
      result.violations.push_back({5, fmt::format("without any fault \"{}\" answered {}: {}", logged.command.to_string(), name_of(logged.answer.code), logged.answer.message)});
    }
    for (const auto& violation : result.violations) found({recording.story.name + ":control", violation.promise, violation.what, result.category});
    outcome_.images += result.images;
    outcome_.controls.push_back({.story = recording.story.name, .about = recording.story.about, .operations = recording.trace().size(), .result = std::move(result)});
    ControlOutcome& told = outcome_.controls.back();
    std::string reached;
    for (const auto& logged : recording.log.commands) {
      const auto& command = logged.command;
      if (command.kind == subject::Command::Kind::rollback) told.rollback_from.push_back(reached);
      if (command.kind != subject::Command::Kind::migrate) continue;
      told.migrates_again |= !told.rollback_from.empty();
      reached = command.argument;
    }
  }

  void keep_matching(Plan& plan) const {
    std::erase_if(plan.cases, [&](const Planned& planned) { return !matches(options_.scenario, plan.cells[planned.cell].to_string()); });
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      if (!matches(options_.scenario, plan.cells[i].to_string())) plan.counts[i] = {};
    }
  }

  void work(const Recording& recording, Plan& plan) {
    progress_.done = 0;
    progress_.total = plan.cases.size();
    WorkOptions work{.jobs = options_.jobs, .judge = options_.judge};
    work.arrived = [&](size_t, const CaseResult& result) {
      ++progress_.done;
      progress_.failed += result.verdict == Verdict::failed;
      if (report_) report_(progress_);
      for (const auto& violation : result.violations) stopped_ |= options_.stop_at_promise != 0 && violation.promise == options_.stop_at_promise;
      return !stopped_;
    };
    work.keep_going = [&] {
      if (report_) report_(progress_);
      return in_budget();
    };
    std::vector<std::optional<CaseResult>> results(plan.cases.size());
    if (in_budget()) results = run_cases(recording, plan.cases, work);
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      if (plan.counts[i].planned == 0) continue;
      CellOutcome& outcome = cell(plan.cells[i]);
      outcome.target_ms = recording.story.limit_minutes.contains(outcome.cell.phase) ? recording.story.limit_minutes.at(outcome.cell.phase) * 60'000ll : 0;
      outcome.counts.planned += plan.counts[i].planned;
      outcome.counts.run += plan.counts[i].run;
      outcome.counts.pruned += plan.counts[i].pruned;
      for (const auto& [reason, count] : plan.counts[i].excluded) outcome.counts.excluded[reason] += count;
    }
    for (size_t i = 0; i < results.size(); ++i) fold(recording, plan, i, results[i]);
  }

  CellOutcome& cell(const Cell& of) {
    CellOutcome& outcome = cells_[of.to_string()];
    outcome.cell = of;
    return outcome;
  }

  void fold(const Recording& recording, const Plan& plan, size_t index, const std::optional<CaseResult>& result) {
    CellOutcome& outcome = cell(plan.cells[plan.cases[index].cell]);
    if (!result) {
      --outcome.counts.run;
      ++outcome.counts.excluded[stopped_ ? "stopped at the first violation" : "out of budget"];
      return;
    }
    ++outcome_.cases_run;
    outcome_.images += result->images;
    outcome.images += result->images;
    outcome.fired += result->fired;
    outcome.recovery_ms = std::max(outcome.recovery_ms, result->recovery_ms);
    if (outcome.category.empty() || rank_of(result->category) < rank_of(outcome.category)) outcome.category = result->category;
    if (result->verdict == Verdict::passed) {
      ++outcome.passed;
      return;
    }
    const std::string id = CaseId{outcome.cell, recording.story.name, plan.cases[index].fault}.to_string();
    ++(result->verdict == Verdict::failed ? outcome.failed : outcome.inconclusive);
    if (outcome.first_failing.empty()) {
      outcome.first_failing = id;
      outcome.observed = result->violations.empty() ? result->recovery.message : result->violations.front().what;
    }
    for (const auto& violation : result->violations) found({id, violation.promise, violation.what, result->category});
  }

  // A promise that was not yet violated is listed however long the list is: nobody has to guess what was cut.
  void found(FoundViolation violation) {
    ++outcome_.violations_total;
    const bool fresh = std::none_of(outcome_.violations.begin(), outcome_.violations.end(), [&](const FoundViolation& other) { return other.promise == violation.promise; });
    if (outcome_.violations.size() < kViolationsListed || fresh) outcome_.violations.push_back(std::move(violation));
  }

  const DrillOptions& options_;
  const std::function<void(const Progress&)>& report_;
  const Clock::time_point began_;
  Progress progress_;
  Outcome outcome_;
  std::map<std::string, CellOutcome> cells_;
  bool stopped_ = false;
};

}  // namespace

Result<Recording> recording_of(const Story& story, const DrillOptions& options) {
  if (options.own) return record_story(story, options.own->ground, options.seed);
  ROLLPROOF_ASSIGN(const Ground ground, fixture_ground(story, options.fixtures));
  return record_story(story, ground, options.seed);
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
  if (!control_passed()) return static_cast<int>(ExitCode::not_enough_evidence);
  const bool unsure = std::any_of(cells.begin(), cells.end(), [](const CellOutcome& cell) { return cell.inconclusive != 0; });
  // Faults were asked for, and not one was tried. (A scenario of which a profile takes no sample is counted and said, no more.)
  const bool nothing = !cells.empty() && cases_run == 0;
  if (unsure || nothing) return static_cast<int>(ExitCode::not_enough_evidence);
  const bool in_time = std::all_of(ways_back.begin(), ways_back.end(), [](const WayBack& way) { return way.within_limit(); });
  return in_time ? 0 : static_cast<int>(ExitCode::threshold_missed);
}

Result<Outcome> run_drill(const std::vector<Story>& stories, const DrillOptions& options, const std::function<void(const Progress&)>& progress) {
  return Drill(options, progress).run(stories);
}

}  // namespace rollproof::drill
