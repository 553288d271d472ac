#include "harness/drill/telling.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "harness/drill/yield.h"

namespace rollproof::drill {
namespace {

// In the order of the cases, whichever worker was first: the same seed gives the same events.
class InOrder {
 public:
  // `tell` answers whether to go on.
  InOrder(size_t cases, std::function<bool(size_t, const CaseResult&)> tell) : waiting_(cases), tell_(std::move(tell)) {}
  void take(size_t index, const CaseResult& result) {
    waiting_[index] = result;
    for (; !stopped_ && next_ < waiting_.size() && waiting_[next_]; ++next_) say(next_);
  }
  // Where the time was up some have no result. Behind a stop nothing more is told: what others had done by then is a matter of chance.
  void finish() {
    for (; !stopped_ && next_ < waiting_.size(); ++next_) {
      if (waiting_[next_]) say(next_);
    }
  }
  bool stopped() const { return stopped_; }

 private:
  void say(size_t index) {
    stopped_ = !tell_(index, *waiting_[index]);
    waiting_[index].reset();
  }
  bool stopped_ = false;
  std::vector<std::optional<CaseResult>> waiting_;
  size_t next_ = 0;
  std::function<bool(size_t, const CaseResult&)> tell_;
};

class Teller {
 public:
  explicit Teller(Telling telling) : telling_(std::move(telling)), options_(telling_.options) {}

  Result<Telling::End> tell() {
    const Story& story = telling_.story;
    ROLLPROOF_ASSIGN(const Recording recording, recording_of(options_.control_only ? story.without_deaths() : story, options_));
    CaseRunner runner(recording, options_.judge);
    // Faults in a story that does not even work without one would prove nothing.
    if (!control(recording, runner) || options_.control_only) {
      telling_.ready(telling_.covered);
      return end_;
    }
    Profile profile = story.exhaustive && !options_.profile.thin ? options_.profile.exhaustive() : options_.profile;
    if (story.exhaustive_looks && !profile.thin) profile.look_every = profile.misread_every = profile.exhaustive_looks_every;
    if (story.exhaustive_allocations && !profile.thin) profile.allocation_every = 1;
    Plan plan = plan_cases(recording, runner, profile, telling_.pattern, profile.thin ? &telling_.covered : nullptr);  // no other asks
    ROLLPROOF_TRY(refuse_impossible(recording, runner, plan));
    end_.planned = !plan.cases.empty() || std::any_of(plan.counts.begin(), plan.counts.end(), [](const Counts& counts) { return counts.planned != 0; });
    keep_shard(plan, options_.shard);
    if (options_.budget_ms != 0) order_by_yield(recording, plan);
    say_planned(recording, plan);
    telling_.ready(telling_.covered);
    work(recording, plan);
    return end_;
  }

 private:
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
    telling_.say(told_event(told));
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
    if (!story.names_faults || !story.cases.empty() || telling_.pattern != "*") return {};
    for (const fault::Kind kind : story.faults) {
      if (kind == fault::Kind::second_crash) continue;  // how many there are is the profile's choice, and it may be none
      const bool planned = std::any_of(plan.cells.begin(), plan.cells.end(), [&](const Cell& cell) { return cell.fault == kind; });
      if (!planned) return fail(Code::invalid, fmt::format("story \"{}\": the fault \"{}\" can never fire: there is no point for it", story.name, fault::name_of(kind)), "", "Leave it out.");
    }
    return {};
  }

  void say_planned(const Recording& recording, const Plan& plan) const {
    std::vector<PlannedCell> cells;
    for (size_t i = 0; i < plan.cells.size(); ++i) {
      if (plan.counts[i].planned == 0) continue;
      const auto limit = recording.story.limit_minutes.find(plan.cells[i].phase);
      cells.push_back({plan.cells[i], plan.counts[i], limit == recording.story.limit_minutes.end() ? 0 : limit->second * 60'000ll});
    }
    telling_.say(planned_event(recording.story.name, cells));
  }

  void work(const Recording& recording, const Plan& plan) {
    InOrder told(plan.cases.size(), [&](size_t index, const CaseResult& result) {
      telling_.say(case_event(CaseId{plan.cells[plan.cases[index].cell], recording.story.name, plan.cases[index].fault}.to_string(), result));
      return std::none_of(result.violations.begin(), result.violations.end(), [&](const auto& violation) { return options_.stop_at_promise != 0 && violation.promise == options_.stop_at_promise; });
    });
    WorkOptions work{.jobs = options_.jobs, .judge = options_.judge};
    work.arrived = [&](size_t index, const CaseResult& result) {
      told.take(index, result);
      return !told.stopped();
    };
    work.keep_going = [this] { return telling_.in_time(); };
    if (telling_.in_time()) run_cases(recording, plan.cases, work);
    told.finish();
    end_.stopped = told.stopped();
    end_.in_time = telling_.in_time();
  }

  Telling telling_;
  const DrillOptions& options_;
  Telling::End end_;
};

}  // namespace

Result<Telling::End> tell_story(Telling telling) { return Teller(std::move(telling)).tell(); }

}  // namespace rollproof::drill
