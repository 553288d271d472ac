#include "harness/drill/drill.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "harness/drill/yield.h"
#include "lib/base/words.h"
#include "lib/migrate/phase.h"

namespace rollproof::drill {
namespace {

using Clock = std::chrono::steady_clock;

class Drill {
 public:
  Drill(const DrillOptions& options, const std::function<void(const Progress&)>& report, OutcomeFold told, size_t stories_ended)
      : options_(options), report_(report), began_(Clock::now()), fold_(std::move(told)), stories_ended_(stories_ended) {}

  Result<Outcome> run(const std::vector<Story>& all) {
    ROLLPROOF_ASSIGN(auto stories, chosen(all));
    // What another program does is a fault that is a part of the story: without it there is nothing to be told.
    if (options_.control_only) {
      std::erase_if(stories, [](const Story* story) { return story->tells_of_others(); });
      if (stories.empty()) return fail(Code::invalid, fmt::format("\"{}\": these stories tell of other programs, and have no control without faults", options_.scenario), "", "Run them without --control-only.");
    }
    progress_.stories = stories.size();
    for (const Story* story : stories) {
      ++progress_.story_number;
      progress_.story = story->name;
      if (stopped_ || progress_.story_number <= stories_ended_) continue;
      // No story takes the time of those behind it; what it leaves is theirs.
      deadline_ms_ = elapsed_ms() + (options_.budget_ms - elapsed_ms()) / static_cast<int64_t>(stories.size() - progress_.story_number + 1);
      say(story_event(story->name));
      ROLLPROOF_TRY(tell(*story));
      fold_.story_ends(left_out_because());
      say(done_event(story->name, left_out_because()));
    }
    if (names_scenarios() && !options_.control_only && !planned_ && stories_ended_ == 0 && in_budget()) return nothing_matches();
    Outcome outcome = fold_.take();
    outcome.duration_ms = elapsed_ms();
    return outcome;
  }

 private:
  int64_t elapsed_ms() const { return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_).count(); }
  bool in_budget() const { return options_.budget_ms == 0 || elapsed_ms() < deadline_ms_; }

  std::string left_out_because() const { return stopped_ ? "stopped at the first violation" : in_budget() ? "" : kOutOfBudget; }
  void say(const OrderedJson& event) const {
    if (options_.event) options_.event(event);
  }

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

  // The first piece of the pattern that nothing has, if one stands alone between dots.
  tl::unexpected<Error> nothing_matches() const {
    std::string hint = "`rollproof-drill list` prints all scenarios.";
    std::vector<std::string> known{"forward", "rollback", "recovery"};
    for (const fault::Kind kind : fault::all_kinds()) known.emplace_back(fault::name_of(kind));
    for (const migrate::Phase phase : migrate::kPhases) known.emplace_back(name_of(phase));
    const std::string_view head = std::string_view(options_.scenario).substr(0, options_.scenario.find('@'));
    for (size_t start = 0; start <= head.size();) {
      const size_t end = std::min(head.find('.', start), head.size());
      const std::string_view piece = head.substr(start, end - start);
      const std::string near = piece.find('*') == std::string_view::npos ? nearest(piece, known) : "";
      if (!near.empty() && near != piece) {
        hint = fmt::format("Did you mean \"{}\" by \"{}\"?", near, piece);
        break;
      }
      start = end + 1;
    }
    return fail(Code::invalid, fmt::format("no scenario matches \"{}\"", options_.scenario), "", hint);
  }

  Status tell(const Story& story) {
    ROLLPROOF_ASSIGN(const Recording recording, recording_of(options_.control_only ? story.without_deaths() : story, options_));
    CaseRunner runner(recording, options_.judge);
    // Faults in a story that does not even work without one would prove nothing.
    if (!control(recording, runner) || options_.control_only) return {};
    Profile profile = story.exhaustive && !options_.profile.thin ? options_.profile.exhaustive() : options_.profile;
    if (story.exhaustive_looks && !profile.thin) profile.look_every = profile.misread_every = profile.exhaustive_looks_every;
    if (story.exhaustive_allocations && !profile.thin) profile.allocation_every = 1;
    Plan plan = plan_cases(recording, runner, profile, names_scenarios() ? options_.scenario : "*", &covered_);
    ROLLPROOF_TRY(refuse_impossible(recording, runner, plan));
    planned_ |= !plan.cases.empty() || std::any_of(plan.counts.begin(), plan.counts.end(), [](const Counts& counts) { return counts.planned != 0; });
    keep_shard(plan, options_.shard);
    if (options_.budget_ms != 0) order_by_yield(recording, plan);
    work(recording, plan);
    return {};
  }

  // Whether it passed.
  bool control(const Recording& recording, CaseRunner& runner) {
    CaseResult result = runner.control();
    for (const auto& logged : recording.log.commands) {
      const std::string wrong = subject::wrong_with_answer(logged.command, logged.answer);
      if (wrong.empty()) continue;
      result.verdict = Verdict::failed;
      result.category = "steady_state_not_met_before";
      result.violations.push_back({logged.command.refused ? 6 : 5, fmt::format("without any fault \"{}\" {}", logged.command.to_string(), wrong)});
    }
    const bool passed = result.verdict == Verdict::passed;
    ControlOutcome told{.story = recording.story.name, .about = recording.story.about, .operations = recording.trace().size(), .result = std::move(result)};
    std::string reached;
    for (const auto& logged : recording.log.commands) {
      const auto& command = logged.command;
      if (command.kind == subject::Command::Kind::rollback) told.rollback_from.push_back(reached);
      if (command.kind != subject::Command::Kind::migrate) continue;
      told.migrates_again |= !told.rollback_from.empty();
      reached = command.argument;
    }
    say(told_event(told));
    fold_.control(std::move(told));
    return passed;
  }

  // What a file names and no run could bring about is a mistake in it.
  Status refuse_impossible(const Recording& recording, CaseRunner& runner, const Plan& plan) const {
    const Story& story = recording.story;
    for (const fault::Fault& fault : story.cases) {
      const CaseResult result = runner.run(fault);
      if (result.verdict != Verdict::inconclusive) continue;
      return fail(Code::invalid, fmt::format("story \"{}\": the case {} can never fire: {}", story.name, fault.to_string(), result.recovery.message.empty() ? "nothing in the story meets it" : result.recovery.message), "",
                  "Operations are numbered from the beginning of the story; a library that has changed may have others.");
    }
    if (!story.names_faults || !story.cases.empty() || names_scenarios()) return {};
    for (const fault::Kind kind : story.faults) {
      if (kind == fault::Kind::second_crash) continue;  // how many there are is the profile's choice, and it may be none
      const bool planned = std::any_of(plan.cells.begin(), plan.cells.end(), [&](const Cell& cell) { return cell.fault == kind; });
      if (!planned) return fail(Code::invalid, fmt::format("story \"{}\": the fault \"{}\" can never fire: there is no point for it", story.name, fault::name_of(kind)), "", "Leave it out.");
    }
    return {};
  }

  void work(const Recording& recording, Plan& plan) {
    progress_.done = 0;
    progress_.total = plan.cases.size();
    WorkOptions work{.jobs = options_.jobs, .judge = options_.judge};
    work.arrived = [&](size_t index, const CaseResult& result) {
      say(case_event(name_of_case(recording, plan, index), result));
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
    std::vector<PlannedCell> cells;
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      if (plan.counts[i].planned == 0) continue;
      const auto limit = recording.story.limit_minutes.find(plan.cells[i].phase);
      cells.push_back({plan.cells[i], plan.counts[i], limit == recording.story.limit_minutes.end() ? 0 : limit->second * 60'000ll});
    }
    say(planned_event(recording.story.name, cells));
    fold_.planned(cells);
    std::vector<std::optional<CaseResult>> results(plan.cases.size());
    if (in_budget()) results = run_cases(recording, plan.cases, work);
    // In the order of the cases, whichever worker was first: the same seed gives the same record.
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i]) fold_.result(plan.cells[plan.cases[i].cell], name_of_case(recording, plan, i), *results[i]);
    }
  }

  static std::string name_of_case(const Recording& recording, const Plan& plan, size_t index) {
    return CaseId{plan.cells[plan.cases[index].cell], recording.story.name, plan.cases[index].fault}.to_string();
  }

  const DrillOptions& options_;
  const std::function<void(const Progress&)>& report_;
  const Clock::time_point began_;
  Progress progress_;
  OutcomeFold fold_;
  const size_t stories_ended_;
  int64_t deadline_ms_ = 0;  // of the story that is told, if there is a budget
  bool stopped_ = false;
  Covered covered_;
  bool planned_ = false;  // something, in one of the stories
};

}  // namespace

Result<Recording> recording_of(const Story& story, const DrillOptions& options) {
  if (options.own) return record_story(story, options.own->ground, options.seed);
  ROLLPROOF_ASSIGN(const Ground ground, fixture_ground(story, options.fixtures));
  return record_story(story, ground, options.seed);
}

Result<Outcome> run_drill(const std::vector<Story>& stories, const DrillOptions& options, const std::function<void(const Progress&)>& progress, OutcomeFold told, size_t stories_ended) {
  return Drill(options, progress, std::move(told), stories_ended).run(stories);
}

}  // namespace rollproof::drill
