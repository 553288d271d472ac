#include "reports/gate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "lib/base/time_text.h"
#include "lib/base/words.h"
#include "reports/regression.h"

namespace rollproof::reports {
namespace {

using Verdict = GateClause::Verdict;

constexpr std::array<const char*, 8> kIds = {"safety", "required", "evidence", "pass_rate", "recovery", "regression", "known_failures", "freshness"};
constexpr int64_t kClockSkewMs = 5 * 60'000;  // a record from another machine may be so much ahead
constexpr double kDayMs = 86'400'000;

std::string in_words(double ms) {
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  if (ms < 120'000) return fmt::format("{:.1f} s", ms / 1000);
  return ms < 2 * 3'600'000.0 ? fmt::format("{:.1f} min", ms / 60'000) : ms < 2 * kDayMs ? fmt::format("{:.1f} h", ms / 3'600'000) : fmt::format("{:.1f} d", ms / kDayMs);
}

double percent(uint64_t part, uint64_t whole) { return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole); }

// Never rounded up to what it is not.
std::string percent_text(double percent) { return fmt::format("{:g} %", std::floor(percent * 100 + 1e-9) / 100); }

std::string counted(uint64_t number, const char* one, const char* many) { return fmt::format("{} {}", number, number == 1 ? one : many); }

// What fails a clause, in one sentence.
std::string first_failing(const GateClause& clause) {
  return clause.failing_total == 1 ? clause.failing.front() : fmt::format("{}, and {} more", clause.failing.front(), clause.failing_total - 1);
}

class Judge {
 public:
  Judge(const Figures& run, const Policy& policy, const Figures* baseline, int64_t now_ms) : run_(run), policy_(policy), baseline_(baseline), now_ms_(now_ms) {}

  Gate judge() {
    const std::array<void (Judge::*)(GateClause&), 8> judges = {&Judge::safety, &Judge::required, &Judge::evidence, &Judge::pass_rate, &Judge::recovery, &Judge::regression, &Judge::known_failures, &Judge::freshness};
    std::vector<ExitCode> codes;
    for (size_t i = 0; i < judges.size(); ++i) {
      GateClause clause{.number = static_cast<int>(i) + 1, .id = kIds[i]};
      (this->*judges[i])(clause);
      codes.insert(codes.end(), clause.codes.begin(), clause.codes.end());
      gate_.clauses.push_back(std::move(clause));
    }
    gate_.code = most_important(codes);
    return std::move(gate_);
  }

 private:
  void pass_unless(GateClause& clause, bool failed, ExitCode code) const {
    if (failed) clause.codes.push_back(code);
    clause.verdict = clause.codes.empty() ? Verdict::passed : Verdict::failed;
  }

  void safety(GateClause& clause) {
    uint64_t failed = 0;
    for (const ScenarioFigures& scenario : run_.scenarios) {
      // Only a recovery that was right and late is left to the clauses of thresholds.
      if (scenario.verdict() != "failed" || (scenario.category == "recovery_time_exceeded" && scenario.wrong_records == 0 && !scenario.failed_before)) continue;
      ++failed;
      add_failing(clause, fmt::format("{}: {} of {} cases failed ({}){}{}", scenario.id, scenario.failed, scenario.run, scenario.category,
                                      scenario.wrong_records == 0 ? "" : fmt::format(", {} records lost or wrong", scenario.wrong_records), scenario.failed_before ? ", an earlier attempt failed" : ""));
    }
    for (const auto& [story, verdict] : run_.controls) {
      if (verdict == "failed") add_failing(clause, fmt::format("the story \"{}\" failed without any fault", story));
    }
    if (run_.real_failed != 0) add_failing(clause, fmt::format("{} of real processes failed", counted(run_.real_failed, "case", "cases")));
    for (const std::string& name : run_.mutants_missed) add_failing(clause, fmt::format("the mutant {} got away", name));
    const uint64_t missed = std::max<uint64_t>(run_.mutants_missed.size(), run_.mutants - std::min(run_.mutants, run_.mutants_caught));
    clause.measured = fmt::format("{}, {} failed, {} of {} mutants caught", counted(run_.violations, "violation", "violations"), counted(failed, "scenario", "scenarios"), run_.mutants_caught, run_.mutants);
    clause.limit = "no violation, no failed scenario, every mutant caught";
    pass_unless(clause, run_.violations != 0 || failed != 0 || missed != 0 || clause.failing_total != 0, ExitCode::safety_violated);
    if (clause.verdict == Verdict::failed) clause.why = "can not be waived";
    if (clause.verdict == Verdict::passed && run_.cases_run() == 0) {
      clause.verdict = Verdict::not_judged;
      clause.why = "nothing was run";
    }
  }

  void required(GateClause& clause) {
    clause.limit = fmt::format("every scenario of {}", counted(policy_.required.size(), "pattern", "patterns"));
    if (policy_.required.empty()) {
      clause.why = "the policy names none";
      return;
    }
    uint64_t named = 0, passed = 0;
    bool unmatched = false;
    for (const std::string& pattern : policy_.required) {
      uint64_t fit = 0;
      for (const ScenarioFigures& scenario : run_.scenarios) {
        if (!matches(pattern, scenario.id)) continue;
        ++fit;
        passed += scenario.verdict() == "passed";
        if (scenario.verdict() != "passed") add_failing(clause, fmt::format("{} is {}", scenario.id, scenario.verdict()));
      }
      named += fit;
      if (fit != 0) continue;
      unmatched = true;
      add_failing(clause, fmt::format("\"{}\" matches no scenario of this run", pattern));
    }
    clause.measured = fmt::format("{} of {} scenarios passed", passed, named);
    if (unmatched) clause.codes.push_back(ExitCode::usage);
    pass_unless(clause, passed != named, ExitCode::safety_violated);
    if (clause.verdict == Verdict::failed) clause.why = passed != named ? "can not be waived" : "a pattern that matches nothing is a mistake in the policy, or the run was narrowed";
  }

  void evidence(GateClause& clause) {
    uint64_t unsure = 0;
    for (const ScenarioFigures& scenario : run_.scenarios) unsure += scenario.inconclusive;
    const double steps = percent(run_.steps_complete, run_.steps);
    clause.measured = fmt::format("{} cases run in {} scenarios, {} inconclusive, {} of {} steps complete, {} mutants run", run_.cases_run(), run_.scenarios.size(), unsure, run_.steps_complete, run_.steps, run_.mutants);
    if (run_.real_planned != 0) clause.measured += fmt::format(", {} of {} real processes passed", run_.real_passed, run_.real_planned);
    clause.limit = fmt::format("at least {}, at most {} inconclusive, {} of the steps{}{}", policy_.cases_min, policy_.inconclusive_max, percent_text(policy_.steps_percent_min),
                               policy_.mutants_required ? ", with mutants" : "", policy_.profiles.empty() ? "" : fmt::format(", profile {}", fmt::join(policy_.profiles, " or ")));
    for (const std::string& what : run_.contradictions) add_failing(clause, "the record contradicts itself: " + what);
    if (run_.shards != 1) add_failing(clause, fmt::format("it is shard {} of {}: `rollproof-drill merge` makes one record of all", run_.shard, run_.shards));
    if (run_.execution != "completed") add_failing(clause, fmt::format("the run was {} and holds only what came before", run_.execution));
    if (run_.scenarios.empty()) add_failing(clause, "no scenario was planned: the matrix is empty");
    if (run_.cases_run() < policy_.cases_min) add_failing(clause, run_.cases_run() == 0 ? "nothing was run" : fmt::format("{} cases run, at least {} are wanted", run_.cases_run(), policy_.cases_min));
    if (run_.controls.empty()) add_failing(clause, "no control run without faults");
    for (const auto& [story, verdict] : run_.controls) {
      if (verdict != "passed") add_failing(clause, fmt::format("the control run of \"{}\" is {}: faults prove nothing there", story, verdict));
    }
    if (unsure > policy_.inconclusive_max) add_failing(clause, fmt::format("{} cases without a proof that their fault went off", unsure));
    if (run_.steps != 0 && steps < policy_.steps_percent_min) add_failing(clause, fmt::format("{} of the steps have cases of crash, process death and I/O error", percent_text(steps)));
    if (run_.steps == 0 && policy_.steps_percent_min > 0) add_failing(clause, "no step was crashed, killed or refused a call");
    if (!run_.real_broke_off.empty()) add_failing(clause, "the part with real processes broke off: " + run_.real_broke_off);
    if (const double real = percent(run_.real_passed, run_.real_planned); run_.real_planned != 0 && real < policy_.real_percent_min) {
      add_failing(clause, fmt::format("{} of the {} cases of real processes passed, at least {} are wanted", percent_text(real), run_.real_planned, percent_text(policy_.real_percent_min)));
    }
    if (policy_.mutants_required && run_.mutants == 0) add_failing(clause, "no mutant was run: nobody knows whether this drill would have noticed a mistake (\"mutants_required\")");
    if (!policy_.profiles.empty() && std::find(policy_.profiles.begin(), policy_.profiles.end(), run_.profile) == policy_.profiles.end()) add_failing(clause, fmt::format("profile {} is not accepted", run_.profile));
    pass_unless(clause, clause.failing_total != 0, ExitCode::not_enough_evidence);
    if (clause.verdict == Verdict::failed) clause.why = first_failing(clause);
    clause.margin = fmt::format("{} cases", static_cast<int64_t>(run_.cases_run()) - static_cast<int64_t>(policy_.cases_min));
  }

  void pass_rate(GateClause& clause) {
    uint64_t planned = 0, run = 0, passed = 0, known = 0;
    for (const ScenarioFigures& scenario : run_.scenarios) {
      const bool good = scenario.verdict() == "passed";
      if (!good && is_known(policy_, scenario.id, now_ms_)) {
        ++known;
        continue;
      }
      ++planned;
      run += scenario.verdict() != "not_run";
      passed += good;
      if (!good && scenario.verdict() != "not_run") add_failing(clause, fmt::format("{} is {}", scenario.id, scenario.verdict()));
    }
    clause.limit = fmt::format("{} of the planned, {} of those run", percent_text(policy_.planned_percent_min), percent_text(policy_.judged_percent_min));
    if (planned == 0) {
      clause.why = "no scenario was planned";
      return;
    }
    const double of_planned = percent(passed, planned), of_run = percent(passed, run);
    clause.measured = fmt::format("{} of {} planned ({}), of {} run ({}){}", passed, planned, percent_text(of_planned), run, percent_text(of_run), known == 0 ? "" : fmt::format(", {} known failures left out", known));
    clause.margin = fmt::format("{:+.2f} and {:+.2f} points", of_planned - policy_.planned_percent_min, of_run - policy_.judged_percent_min);
    pass_unless(clause, of_planned < policy_.planned_percent_min || of_run < policy_.judged_percent_min, ExitCode::threshold_missed);
    if (clause.verdict == Verdict::failed) clause.why = fmt::format("{} not run, {} did not pass", counted(planned - run, "scenario was", "scenarios were"), run - passed);
  }

  struct Time {
    std::string phase, what;
    double ms = 0, limit_ms = 0;
  };

  std::vector<Time> times() const {
    Figures rest;
    for (const ScenarioFigures& scenario : run_.scenarios) {
      if (scenario.run != 0 && !is_known(policy_, scenario.id, now_ms_)) rest.scenarios.push_back(scenario);
    }
    const auto limit = [&](const std::string& phase, int64_t otherwise) { return policy_.limit_s.contains(phase) ? policy_.limit_s.at(phase) * 1000 : static_cast<double>(otherwise); };
    std::vector<Time> times;
    for (const auto& [phase, time] : rest.recovery()) times.push_back({phase, "recovery in " + phase, static_cast<double>(time.max_ms), limit(phase, time.target_ms)});
    for (const ProjectionFigures& projection : run_.projections) times.push_back({projection.phase, "the projected way back from " + projection.phase, static_cast<double>(projection.projected_ms), limit(projection.phase, projection.limit_ms)});
    return times;
  }

  void recovery(GateClause& clause) {
    const std::vector<Time> found = times();
    const Time* worst = nullptr;
    for (const Time& time : found) {
      if (time.limit_ms <= 0) continue;
      if (worst == nullptr || time.ms / time.limit_ms > worst->ms / worst->limit_ms) worst = &time;
      if (time.ms * 100 > time.limit_ms * policy_.percent_of_limit_max) add_failing(clause, fmt::format("{} takes {}, its limit is {}", time.what, in_words(time.ms), in_words(time.limit_ms)));
    }
    for (const auto& limit : policy_.limit_s) {
      const bool measured = std::any_of(found.begin(), found.end(), [&](const Time& time) { return time.phase == limit.first; });
      if (!measured) add_failing(clause, fmt::format("{} has a limit in the policy, and was not measured", limit.first));
    }
    clause.limit = policy_.percent_of_limit_max == 100 ? "the limit of each phase" : fmt::format("{} of the limit of each phase", percent_text(policy_.percent_of_limit_max));
    if (worst != nullptr) {
      clause.measured = fmt::format("{} takes {} of {}, the most of all", worst->what, in_words(worst->ms), in_words(worst->limit_ms));
      clause.margin = fmt::format("{:.2f} % of the limit", policy_.percent_of_limit_max - 100 * worst->ms / worst->limit_ms);
    } else if (clause.failing_total == 0) {
      clause.why = "no recovery with a limit was measured";
      return;
    }
    pass_unless(clause, clause.failing_total != 0, ExitCode::threshold_missed);
    if (clause.verdict == Verdict::failed) clause.why = first_failing(clause);
  }

  void regression(GateClause& clause) {
    clause.limit = fmt::format("nothing gone; {:g} % and {:g} ms slower, {:g} % fewer cases are noise", policy_.recovery_noise_percent, policy_.recovery_noise_ms, policy_.cases_noise_percent);
    if (baseline_ == nullptr) {
      clause.why = "no baseline was given";
      return;
    }
    if (!baseline_->contradictions.empty()) {
      add_failing(clause, "the baseline contradicts itself: " + baseline_->contradictions.front());
      clause.why = "the baseline is not to be believed";
      return pass_unless(clause, true, ExitCode::usage);
    }
    const Comparison found = compare(run_, *baseline_, policy_, now_ms_);
    if (!found.not_comparable.empty()) {
      clause.why = "not comparable: " + found.not_comparable;
      return;
    }
    for (const std::string& what : found.regressed) add_failing(clause, what);
    clause.measured = fmt::format("{} regressed, {} within noise{}, against {}", found.regressed.size(), found.noise.size(), found.left_out == 0 ? "" : fmt::format(", {} known failures left out", found.left_out), baseline_->run_id);
    pass_unless(clause, !found.regressed.empty(), ExitCode::regression);
    if (clause.verdict == Verdict::failed) clause.why = first_failing(clause);
  }

  void known_failures(GateClause& clause) {
    uint64_t hidden = 0;
    for (const KnownFailureEntry& known : policy_.known_failures) {
      KnownFailureState state{.known = known};
      uint64_t fit = 0;
      for (const ScenarioFigures& scenario : run_.scenarios) {
        if (!matches(known.id, scenario.id)) continue;
        ++fit;
        state.scenarios += scenario.verdict() != "passed";
      }
      const double days = static_cast<double>(known.expires_ms - known.since_ms) / kDayMs;
      if (now_ms_ >= known.expires_ms) {
        state.state = "expired";
        add_failing(clause, fmt::format("{} expired on {} ({}, {})", known.id, known.expires, known.owner, known.ticket));
      } else if (days > static_cast<double>(policy_.known_failure_days_max)) {
        state.state = "too long";
        add_failing(clause, fmt::format("{} lasts {:.0f} days, at most {} are allowed", known.id, days, policy_.known_failure_days_max));
      } else {
        state.state = now_ms_ < known.since_ms ? "not in force yet" : fit == 0 ? "matches nothing" : state.scenarios == 0 ? "no longer needed" : "in force";
      }
      if (state.state == "in force") hidden += state.scenarios;
      gate_.known_failures.push_back(std::move(state));
    }
    const uint64_t used = std::max<uint64_t>(hidden, policy_.known_failures.size());
    if (used > policy_.known_failures_max) add_failing(clause, fmt::format("{} for {}, at most {} are allowed", counted(policy_.known_failures.size(), "entry", "entries"), counted(hidden, "scenario", "scenarios"), policy_.known_failures_max));
    clause.measured = fmt::format("{}, {} left out", counted(policy_.known_failures.size(), "entry", "entries"), counted(hidden, "scenario", "scenarios"));
    clause.limit = fmt::format("at most {} of {} days, none expired", policy_.known_failures_max, policy_.known_failure_days_max);
    clause.margin = fmt::format("{}", static_cast<int64_t>(policy_.known_failures_max) - static_cast<int64_t>(used));
    pass_unless(clause, clause.failing_total != 0, ExitCode::policy);
    if (clause.verdict == Verdict::failed) clause.why = first_failing(clause);
  }

  void freshness(GateClause& clause) {
    const auto age = static_cast<double>(now_ms_ - run_.finished_ms);
    clause.limit = "at most " + policy_.max_age;
    clause.measured = age < 0 ? fmt::format("{} in the future", in_words(-age)) : fmt::format("{} old", in_words(age));
    clause.margin = in_words(std::max(0.0, static_cast<double>(policy_.max_age_ms) - age));
    const bool ahead = age < -static_cast<double>(kClockSkewMs);
    pass_unless(clause, ahead || age > static_cast<double>(policy_.max_age_ms), ExitCode::not_enough_evidence);
    if (clause.verdict == Verdict::failed) clause.why = ahead ? "it says that it ended in the future" : "a pass that is too old is no pass";
  }

  const Figures& run_;
  const Policy& policy_;
  const Figures* baseline_;
  const int64_t now_ms_;
  Gate gate_;
};

std::string next_of(const Gate& gate, const Figures& run) {
  switch (gate.code) {
    case ExitCode::done: return "Keep run.json: it can be the baseline of the next run.";
    case ExitCode::safety_violated: return run.replay.empty() ? "Look at what fails the clauses; `rollproof-drill explain ID` says what a scenario does." : "Replay the first one: " + run.replay;
    case ExitCode::not_enough_evidence: return gate.clauses[2].verdict == Verdict::failed ? "Run the drill again with what clause 3 misses." : "Run the drill again.";
    case ExitCode::usage: return "Correct the policy (`rollproof-drill list` prints the scenarios), or give a sound baseline.";
    case ExitCode::threshold_missed: return "Mend what misses its threshold; do not move the threshold.";
    case ExitCode::regression: return "Mend what got worse; if it was meant, make this run the baseline.";
    case ExitCode::policy: return "Mend the known failures, or let their owners extend them in the policy.";
    default: return "";
  }
}

}  // namespace

std::string_view name_of(GateClause::Verdict verdict) { return verdict == Verdict::passed ? "passed" : verdict == Verdict::failed ? "failed" : "not judged"; }

bool is_known(const Policy& policy, std::string_view scenario, int64_t now_ms) {
  return std::any_of(policy.known_failures.begin(), policy.known_failures.end(), [&](const KnownFailureEntry& known) {
    return now_ms >= known.since_ms && now_ms < known.expires_ms && matches(known.id, scenario);
  });
}

void add_failing(GateClause& clause, std::string what) {
  ++clause.failing_total;
  if (clause.failing.size() < kFailingListed) clause.failing.push_back(std::move(what));
}

Gate judge(const Figures& run, const Policy& policy, const Figures* baseline, int64_t now_ms) {
  Gate gate = Judge(run, policy, baseline, now_ms).judge();
  gate.next = next_of(gate, run);
  return gate;
}

}  // namespace rollproof::reports
