#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/outcome_tests.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

// Seconds with three decimals: the schema allows no more.
std::string seconds(int64_t ms) { return fmt::format("{}.{:03}", ms / 1000, ms % 1000); }

struct Sum {
  uint64_t tests = 0, failures = 0, errors = 0, skipped = 0;
  int64_t ms = 0;

  void add(const OutcomeTest& test) {
    ++tests;
    failures += test.verdict == Verdict::failed;
    errors += test.verdict == Verdict::inconclusive;
    skipped += test.verdict == Verdict::not_run;
    ms = std::min<int64_t>(ms + test.ms, 1'000'000'000'000'000);
  }
};

std::string property(std::string_view name, std::string_view value) { return fmt::format("<property name=\"{}\" value=\"{}\"/>", name, xml_escaped(value)); }

std::string properties_of(const OutcomeTest& test) {
  if (test.scenario == nullptr) return "";
  const Scenario& one = *test.scenario;
  return fmt::format("      <properties>{}{}{}{}</properties>\n", property("proof", one.proof), property("cases.run", std::to_string(one.counts.run)), property("cases.planned", std::to_string(one.counts.planned)),
                     property("fault.fired", std::to_string(one.fired)));
}

// Text of an element, where quotes and line feeds may stand as they are.
std::string body(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string case_of(const OutcomeTest& test, JunitDialect dialect) {
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{}\"", xml_escaped(test.group), xml_escaped(test.name), seconds(test.ms));
  std::string inner = dialect == JunitDialect::ci ? properties_of(test) : "";
  const std::string type = xml_escaped(test.category.empty() ? name_of(test.verdict) : std::string_view(test.category)), message = xml_escaped(test.message);
  switch (test.verdict) {
    case Verdict::passed: break;
    case Verdict::failed: inner += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n", type, message, body(test.body)); break;
    case Verdict::inconclusive: inner += fmt::format("      <error type=\"{}\" message=\"{}\">{}</error>\n", type, message, body(test.body)); break;
    case Verdict::not_run:
      inner += dialect == JunitDialect::ci ? fmt::format("      <skipped message=\"{}\"/>\n", message) : fmt::format("      <skipped>{}</skipped>\n", body(test.message));
      break;
  }
  return out + (inner.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inner));
}

}  // namespace

std::string render_junit(const Run& run, JunitDialect dialect) {
  const auto tests = tests_of(run);
  Sum all;
  std::string suites;
  for (size_t at = 0; at < tests.size();) {
    Sum sum;
    std::string cases;
    const std::string& suite = tests[at].suite;
    for (; at < tests.size() && tests[at].suite == suite; ++at) {
      sum.add(tests[at]);
      all.add(tests[at]);
      cases += case_of(tests[at], dialect);
    }
    // Without the fraction, which not every reader knows.
    const std::string when = moment_of(run.started_at) ? fmt::format(" timestamp=\"{}\"", run.started_at.substr(0, 19)) : "";
    suites += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"{}>\n", xml_escaped(suite), sum.tests, sum.failures, sum.errors, sum.skipped, seconds(sum.ms), when);
    if (dialect == JunitDialect::ci) {
      suites += fmt::format("    <properties>{}{}{}{}</properties>\n", property("run", run.run_id), property("profile", run.profile), property("seed", std::to_string(run.seed)),
                            property("time", "of the longest recovery, by the simulated clock"));
    }
    suites += cases + "  </testsuite>\n";
  }
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rollproof-drill\" tests=\"{}\" failures=\"{}\" errors=\"{}\"{} time=\"{}\">\n{}</testsuites>\n", all.tests, all.failures,
                     all.errors, dialect == JunitDialect::ci ? fmt::format(" skipped=\"{}\"", all.skipped) : "", seconds(all.ms), suites);
}

}  // namespace rollproof::reports
