#include "reports/attestation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "reports/outcome_tests.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

bool is_hex(const std::string& text, size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Json names_of(const std::vector<OutcomeTest>& tests, Verdict verdict) {
  Json names = Json::array();
  for (const OutcomeTest& test : tests) {
    if (test.verdict == verdict) names.push_back(test.scenario != nullptr ? test.name : test.group + ": " + test.name);
  }
  return names;
}

}  // namespace

std::string render_attestation(const Run& run) {
  Json subject = Json::array();
  if (is_hex(run.commit, 40)) subject.push_back(Json{{"name", "rollproof"}, {"digest", Json{{"gitCommit", run.commit}}}});
  if (is_hex(run.sha256, 64)) subject.push_back(Json{{"name", "run.json"}, {"digest", Json{{"sha256", run.sha256}}}});
  Json configuration = Json::array();
  if (is_hex(run.matrix_sha256, 64)) configuration.push_back(Json{{"name", "matrix of profile " + run.profile + ", seed " + std::to_string(run.seed)}, {"digest", Json{{"sha256", run.matrix_sha256}}}});
  const auto tests = tests_of(run);
  // The first is the verdict on the whole. What was not run is in none of the lists, as the predicate has none for it.
  const Verdict verdict = tests.front().verdict;
  const char* result = verdict == Verdict::passed ? "PASSED" : verdict == Verdict::failed ? "FAILED" : "WARNED";
  const Json predicate{{"result", result}, {"configuration", std::move(configuration)}, {"passedTests", names_of(tests, Verdict::passed)}, {"warnedTests", names_of(tests, Verdict::inconclusive)},
                       {"failedTests", names_of(tests, Verdict::failed)}};
  return Json{{"_type", "https://in-toto.io/Statement/v1"}, {"subject", std::move(subject)}, {"predicateType", "https://in-toto.io/attestation/test-result/v0.1"}, {"predicate", predicate}}.dump(1) + "\n";
}

}  // namespace rollproof::reports
