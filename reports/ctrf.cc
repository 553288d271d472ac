#include "reports/ctrf.h"

#include <nlohmann/json.hpp>

#include "reports/judgement.h"
#include "reports/outcome_tests.h"
#include "reports/text.h"

namespace rollproof::reports {
namespace {

using Json = nlohmann::ordered_json;

const char* status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::failed: return "failed";
    case Verdict::inconclusive: return "other";
    case Verdict::not_run: return "skipped";
  }
  return "other";
}

Json test_json(const OutcomeTest& test) {
  Json json{{"name", test.name}, {"status", status_of(test.verdict)}, {"duration", test.ms}, {"suite", Json::array({test.suite})}, {"rawStatus", name_of(test.verdict)}, {"tags", Json::array({test.group})}};
  if (!test.message.empty()) json["message"] = test.message;
  if (!test.body.empty()) json["trace"] = test.body;
  if (test.scenario == nullptr) return json;
  const Scenario& one = *test.scenario;
  json["extra"] = Json{{"category", one.category}, {"proof", one.proof}, {"casesRun", one.counts.run}, {"casesPlanned", one.counts.planned}, {"faultFired", one.fired}, {"replay", one.replay}};
  return json;
}

}  // namespace

std::string render_ctrf(const Run& run) {
  Json list = Json::array();
  uint64_t passed = 0, failed = 0, other = 0, skipped = 0;
  for (const OutcomeTest& test : tests_of(run)) {
    passed += test.verdict == Verdict::passed;
    failed += test.verdict == Verdict::failed;
    other += test.verdict == Verdict::inconclusive;
    skipped += test.verdict == Verdict::not_run;
    list.push_back(test_json(test));
  }
  const int64_t start = moment_of(run.started_at).value_or(0), stop = std::max(start, moment_of(run.finished_at).value_or(0));
  const Json summary{{"tests", list.size()}, {"passed", passed}, {"failed", failed}, {"pending", 0}, {"skipped", skipped}, {"other", other}, {"start", start}, {"stop", stop}};
  const Json extra{{"runId", run.run_id}, {"profile", run.profile}, {"seed", run.seed}, {"verdict", judgement_of(run).word}, {"diskContents", run.images}, {"durationIsOf", "the longest recovery, by the simulated clock"}};
  const Json report{{"reportFormat", "CTRF"},
                    {"specVersion", "0.0.0"},
                    {"generatedBy", "rollproof-drill"},
                    {"results", Json{{"tool", Json{{"name", "rollproof-drill"}, {"version", run.version}}}, {"summary", summary}, {"tests", std::move(list)},
                                     {"environment", Json{{"appName", "rollproof"}, {"commit", run.commit}}}, {"extra", extra}}}};
  return report.dump(1) + "\n";
}

}  // namespace rollproof::reports
