#include "reports/judgement.h"

#include <fmt/format.h>

#include <array>

#include "lib/base/exit_code.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

constexpr std::array<const char*, 10> kPromises = {
    "nothing acknowledged is lost", "nothing is invented",         "rollback restores exactly", "one owner",  "it always ends",
    "never silently wrong",         "the way back is never burnt", "it cleans up",              "it says so", "in time",
};

// "promise 4 (one owner) and 1 more were broken".
std::string broken_promises(const Run& run) {
  std::string first;
  uint64_t others = 0;
  for (const BrokenPromise& promise : promises_of(run)) {
    if (promise.listed == 0) continue;
    others += !first.empty();
    if (first.empty()) first = fmt::format("promise {} ({})", promise.promise, promise.text);
  }
  if (first.empty()) return "the record does not list them";
  return others == 0 ? first + " was broken" : fmt::format("{} and {} more were broken", first, others);
}

// In the order of the exit codes' weight. Empty: nothing speaks against the run.
std::string failure_of(const Run& run) {
  if (run.violations_total != 0) return fmt::format("{}: {}", plural(run.violations_total, "violation"), broken_promises(run));
  if (const uint64_t failed = run.count(Verdict::failed); failed != 0) return fmt::format("{} failed", plural(failed, "scenario"));
  if (!run.missed.empty()) return fmt::format("{} got away: the drill misses mistakes, so its green means nothing", plural(run.missed.size(), "mutant"));
  for (const ClauseRow& clause : run.clauses) {
    // A gate that asks for more evidence has a failed clause as well, and that is no failed run.
    if (clause.verdict == "failed" && run.exit_code != static_cast<int>(ExitCode::not_enough_evidence)) return fmt::format("the gate's clause \"{}\" failed{}", clause.name, clause.why.empty() ? "" : ": " + clause.why);
  }
  const int code = run.exit_code.value_or(0);
  for (const int bad : {1, 2, 10, 11, 13, 14, 255}) {
    if (code == bad) return fmt::format("the gate ended with {}: {}", code, meaning_of(static_cast<ExitCode>(code)));
  }
  return {};
}

// What is missing before anybody looks at a threshold.
std::string missing_in(const Run& run) {
  if (run.execution != "completed") return fmt::format("the run was {} and holds only what came before{}", run.execution, run.ended_because.empty() ? "" : ": " + run.ended_because);
  if (run.controls.empty()) return "no control run without faults";
  if (!run.controls_passed()) return "a control run without any fault did not pass, so faults prove nothing";
  if (run.count(Verdict::passed) == 0) return "no scenario was run under a fault";
  if (const uint64_t unsure = run.count(Verdict::inconclusive); unsure != 0) return fmt::format("{} inconclusive: no proof that the fault went off", plural(unsure, "scenario is", "scenarios are"));
  if (run.clauses.empty() && run.mutants_planned == 0) return "the must-fail control (mutants) was not run, so nobody knows whether this drill would notice a mistake (run it with --with-mutants)";
  if (run.mutants_caught < run.mutants_planned) return fmt::format("{} of {} mutants caught", run.mutants_caught, run.mutants_planned);
  return {};
}

std::string doubt_of(const Run& run) {
  if (const std::string missing = missing_in(run); !missing.empty()) return missing;
  if (!run.exit_code) return "the record holds no verdict of a gate";
  if (*run.exit_code == static_cast<int>(ExitCode::not_enough_evidence)) {
    for (const ClauseRow& clause : run.clauses) {
      if (clause.verdict == "failed") return fmt::format("clause {} of the gate asks for more{}", clause.name, clause.why.empty() ? "" : ": " + clause.why);
    }
  }
  return *run.exit_code == 0 ? "" : fmt::format("the gate ended with {}: {}", *run.exit_code, meaning_of(static_cast<ExitCode>(*run.exit_code)));
}

ClauseRow safety_of(const Run& run) {
  ClauseRow clause{.name = "1 safety", .measured = plural(run.violations_total, "violation") + (run.mutants_planned == 0 ? ", mutants not run" : fmt::format(", {} of {} mutants caught", run.mutants_caught, run.mutants_planned)),
                .limit = "0 violations, every mutant caught", .margin = "none: not one is allowed"};
  clause.why = "can not be waived";
  if (run.violations_total != 0 || !run.missed.empty() || run.count(Verdict::failed) != 0) {
    clause.verdict = "failed";
  } else {
    clause.verdict = run.mutants_planned == 0 || run.mutants_caught < run.mutants_planned || run.count(Verdict::passed) == 0 ? "inconclusive" : "passed";
  }
  return clause;
}

ClauseRow evidence_of(const Run& run) {
  const std::string doubt = missing_in(run);
  return {.name = "3 enough evidence", .measured = fmt::format("{} inconclusive, {} not run, {} control runs", run.count(Verdict::inconclusive), run.count(Verdict::not_run), run.controls.size()),
          .limit = "0 inconclusive, every control passed", .margin = "", .why = doubt, .verdict = doubt.empty() ? "passed" : "inconclusive"};
}

ClauseRow pass_rate_of(const Run& run) {
  const uint64_t passed = run.count(Verdict::passed), planned = run.scenarios.size();
  ClauseRow clause{.name = "4 pass rate over planned", .limit = "no policy sets one", .why = "scenarios that were not run count as planned", .verdict = "not measured"};
  clause.measured = planned == 0 ? "nothing planned" : fmt::format("{} of {} scenarios ({:.1f} %)", counted(passed), counted(planned), 100.0 * static_cast<double>(passed) / static_cast<double>(planned));
  return clause;
}

// Simulated recoveries, and rollbacks that were really timed; the one with the least room counts.
ClauseRow recovery_of(const Run& run) {
  ClauseRow clause{.name = "5 recovery time per phase", .limit = "the phase's target", .verdict = "not measured"};
  double worst = -1;
  const auto consider = [&](const std::string& what, int64_t ms, int64_t target) {
    if (target <= 0) return;
    const double share = static_cast<double>(ms) / static_cast<double>(target);
    if (share <= worst) return;
    worst = share;
    clause.measured = fmt::format("{}: {} of {}", what, duration_text(ms), duration_text(target));
    clause.margin = share <= 1 ? fmt::format("{} left", duration_text(target - ms)) : fmt::format("{} over", duration_text(ms - target));
    clause.verdict = share <= 1 ? "passed" : "failed";
  };
  for (const std::string& phase : phases_of(run)) {
    const Cell cell = cell_of_phase(run, phase);
    if (cell.cases_run != 0) consider(phase + ", simulated clock", cell.max_ms, cell.target_ms);
  }
  for (const Projection& one : run.projections) consider(one.phase + ", projected from a real rollback", one.projected_ms, one.limit_ms);
  if (worst < 0) clause.measured = "no recovery";
  return clause;
}

// Of a run of a part: phases from which no rollback was tried under a fault.
std::string phases_without_rollback(const Run& run) {
  std::string names;
  for (const char* phase : {"validate", "dual-write", "copy", "prove", "cutover"}) {
    if (cell_of_phase(run, phase, "rollback").cases_run == 0) names += (names.empty() ? "" : ", ") + std::string(phase);
  }
  return names;
}

}  // namespace

Judgement judgement_of(const Run& run) {
  if (const std::string why = failure_of(run); !why.empty()) return {Verdict::failed, "FAILED", why};
  if (const std::string why = doubt_of(run); !why.empty()) return {Verdict::inconclusive, "NOT ENOUGH EVIDENCE", why};
  return {Verdict::passed, "PASSED", fmt::format("no promise was broken in {} recovered and checked disk contents", counted(run.images))};
}

std::vector<ClauseRow> clauses_of(const Run& run) {
  if (!run.clauses.empty()) return run.clauses;
  const char* no_policy = "not judged: the run had no policy (rollproof-drill gate judges with one)";
  return {safety_of(run),
          {.name = "2 required scenarios", .measured = "", .limit = "", .margin = "", .why = no_policy, .verdict = "not measured"},
          evidence_of(run),
          pass_rate_of(run),
          recovery_of(run),
          {.name = "6 regression", .measured = "", .limit = "", .margin = "", .why = "no baseline to compare with", .verdict = "not measured"},
          {.name = "7 known failures", .measured = plural(run.known_failures.size(), "entry", "entries"), .limit = "", .margin = "", .why = no_policy, .verdict = "not measured"},
          {.name = "8 freshness", .measured = "finished " + readable_moment(run.finished_at), .limit = "", .margin = "", .why = no_policy, .verdict = "not measured"}};
}

std::vector<std::string> shown_by(const Run& run) {
  std::vector<std::string> lines;
  if (!run.controls.empty()) {
    lines.push_back(fmt::format("{} without any fault ({}): {}", plural(run.controls.size(), "story was told", "stories were told"), run.controls_passed() ? "✓ all passed" : "✗ not all passed",
                                "migrations and rollbacks, all ten promises checked after every command"));
  }
  if (run.cases.run != 0) {
    lines.push_back(fmt::format("{} of {} possible fault points were tried; each recovery was run twice, and the data compared record by record by readers of the harness's own: {}", counted(run.cases.run),
                                counted(run.cases.planned), plural(run.images, "disk content")));
  }
  if (run.steps_known != 0) lines.push_back(fmt::format("{} of {} steps (phase, direction, step, stores) were tried with a crash, a process death and a failing call", run.steps_complete, run.steps_known));
  if (run.random.cases != 0) lines.push_back(fmt::format("{} of {} random stories were told under {}", counted(run.random.stories), counted(run.random.planned), plural(run.random.cases, "random fault")));
  if (run.mutants_planned != 0) lines.push_back(fmt::format("{} of {} deliberately broken programs (mutants) were caught by the same drill", run.mutants_caught, run.mutants_planned));
  std::string real;
  for (const Projection& one : run.projections) real += fmt::format("{}{} {}{}", real.empty() ? "" : ", ", one.phase, one.source_damaged ? "with a damaged source " : "", duration_text(one.measured_ms));
  if (!real.empty()) lines.push_back(fmt::format("the way back was really gone on a copy of {} records, on a real disk: from {}", counted(run.projections.front().records), real));
  if (lines.empty()) lines.push_back("nothing");
  return lines;
}

std::vector<std::string> not_shown_by(const Run& run) {
  std::vector<std::string> lines;
  if (run.cases.excluded_total() != 0) lines.push_back(fmt::format("{} fault points were left out, each with its reason (section Environment and method)", counted(run.cases.excluded_total())));
  if (const uint64_t not_run = run.count(Verdict::not_run); not_run != 0) lines.push_back(fmt::format("{} not run at all", plural(not_run, "scenario was", "scenarios were")));
  if (!run.pattern.empty() && run.pattern != "*") lines.push_back(fmt::format("anything but a part: only what matches {} was run", run.pattern));
  if (const std::string phases = phases_without_rollback(run); !phases.empty()) lines.push_back("the way back under faults from " + phases);
  bool real = false, simulated = false;
  for (const Scenario& scenario : run.scenarios) (scenario.proof == "simulated" ? simulated : real) = true;
  if (simulated) lines.push_back(real ? "most scenarios were run on a simulated disk only" : "faults were brought about on a simulated disk and by a simulated clock; the times of recoveries are no wall-clock times of your disk");
  if (run.projections.empty()) lines.push_back("how long a rollback takes on your data: drill your own stores (rollproof-drill run --config rollproof.json)");
  if (run.mutants_planned == 0) lines.push_back("whether the drill notices mistakes: no mutants were run");
  if (!run.not_applicable.empty()) lines.push_back("faults that can not happen here: " + run.not_applicable.front().second);
  lines.push_back("more than one host, or disks whose fsync lies: lib/ASSUMPTIONS.md lists what is taken for granted");
  return lines;
}

std::vector<BrokenPromise> promises_of(const Run& run) {
  std::vector<BrokenPromise> promises;
  for (size_t i = 0; i < kPromises.size(); ++i) promises.push_back({static_cast<int>(i) + 1, kPromises[i], 0});
  for (const Violation& violation : run.violations) {
    if (violation.promise >= 1 && violation.promise <= 10) ++promises[violation.promise - 1].listed;
  }
  return promises;
}

}  // namespace rollproof::reports
