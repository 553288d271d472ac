#include "reports/outcome_tests.h"

#include <fmt/format.h>

#include <map>

#include "reports/judgement.h"
#include "reports/matrix.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

std::string left_out(const Scenario& scenario) {
  std::string words;
  for (const auto& [reason, count] : scenario.counts.excluded) words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", counted(count), reason);
  return words.empty() ? "nothing was planned" : words;
}

OutcomeTest test_of(const Scenario& scenario) {
  OutcomeTest test{.suite = fmt::format("{} {}", scenario.phase, scenario.direction), .group = fmt::format("{}.{}", scenario.phase, scenario.fault), .name = scenario.id,
                   .verdict = scenario.verdict, .category = scenario.category, .ms = scenario.recovery_ms, .scenario = &scenario};
  if (test.verdict == Verdict::not_run) {
    test.message = "not run: " + left_out(scenario);
  } else if (test.verdict != Verdict::passed) {
    test.message = scenario.observed.empty() ? scenario.category : scenario.observed;
    test.body = fmt::format("expected: {}\nobserved: {}\ncategory: {}\ncases: {} run, {} failed, {} inconclusive\nreplay: {}\n", scenario.expected, scenario.observed, scenario.category, scenario.counts.run,
                            scenario.failed, scenario.inconclusive, scenario.replay.empty() ? "not recorded" : scenario.replay);
  }
  return test;
}

OutcomeTest test_of(const Control& control) {
  OutcomeTest test{.suite = "control runs", .group = "control", .name = control.story, .verdict = Verdict::passed};
  if (control.verdict == "passed") return test;
  test.verdict = control.verdict == "failed" ? Verdict::failed : Verdict::inconclusive;
  test.message = control.observed.empty() ? "a story without any fault did not pass" : control.observed;
  test.body = "without any fault: " + test.message + "\n";
  return test;
}

OutcomeTest test_of(const Mutant& mutant, bool caught) {
  OutcomeTest test{.suite = "mutants", .group = "mutant", .name = mutant.name, .verdict = caught ? Verdict::passed : Verdict::failed};
  if (caught) return test;
  test.message = fmt::format("got away: {}", mutant.mistake);
  test.body = fmt::format("{}\n{}\n", mutant.mistake, mutant.detail);
  return test;
}

OutcomeTest test_of(const Run& run, const RandomPhase& random) {
  OutcomeTest test{.suite = "random stories", .group = "random", .name = "random stories under random faults", .verdict = random.cases == 0 ? Verdict::not_run : Verdict::passed};
  if (test.verdict == Verdict::not_run) test.message = "not run: none was told to its end";
  for (const Violation* violation : run.outside_of_scenarios()) {
    if (!violation->case_id.starts_with("random:")) continue;
    test.verdict = Verdict::failed;
    test.category = violation->category;
    test.message = violation->what;
    test.body += fmt::format("promise {} in {}: {}\nreplay: {}\n", violation->promise, violation->case_id, violation->what, violation->replay);
  }
  return test;
}

OutcomeTest verdict_of_all(const Run& run) {
  const Judgement judgement = judgement_of(run);
  OutcomeTest test{.suite = "verdict", .group = "verdict", .name = "the run as a whole", .verdict = judgement.verdict};
  if (judgement.verdict == Verdict::passed) return test;
  test.message = judgement.why;
  test.body = judgement.word + ": " + judgement.why + "\n";
  return test;
}

}  // namespace

std::vector<OutcomeTest> tests_of(const Run& run) {
  std::vector<OutcomeTest> tests{verdict_of_all(run)};
  for (const Control& control : run.controls) tests.push_back(test_of(control));
  if (run.random.planned != 0) tests.push_back(test_of(run, run.random));
  for (const Mutant& mutant : run.missed) tests.push_back(test_of(mutant, false));
  for (const Mutant& mutant : run.caught) tests.push_back(test_of(mutant, true));
  std::map<std::string, std::vector<const Scenario*>> suites;
  for (const Scenario& scenario : run.scenarios) suites[scenario.phase + "\n" + scenario.direction].push_back(&scenario);
  for (const Row& row : matrix_of(run).rows) {
    for (const Scenario* scenario : suites[row.phase + "\n" + row.direction]) tests.push_back(test_of(*scenario));
  }
  std::map<std::string, uint64_t> seen;
  for (OutcomeTest& test : tests) {
    if (const uint64_t before = seen[test.group + "\n" + test.name]++; before != 0) test.name += fmt::format(" ({})", before + 1);
  }
  return tests;
}

}  // namespace rollproof::reports
