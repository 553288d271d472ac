#include "reports/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollproof::reports {
namespace {

using testing::HasSubstr;

Error refusal(const std::string& text) {
  const auto policy = parse_policy(text, "p.json");
  EXPECT_FALSE(policy) << text;
  return policy ? Error{} : policy.error();
}

TEST(Policy, HasADefaultForEverything) {
  const auto policy = parse_policy("// nothing\n{}", "p.json");
  ASSERT_TRUE(policy);
  EXPECT_EQ(to_json(*policy).dump(), to_json(Policy{}).dump());
  EXPECT_TRUE(policy->mutants_required);
  EXPECT_EQ(policy->max_age_ms, 7 * 24 * 3'600'000ll);
}

TEST(Policy, SaysItselfInFull_AndIsReadAgainAsTheSame) {
  const auto policy = parse_policy(R"({"required": ["a.*"], "evidence": {"inconclusive_max": 3, "steps_percent_min": 99.5, "cases_min": 2, "profiles": ["deep"], "mutants_required": false, "real_percent_min": 70},
    "pass_rate": {"planned_percent_min": 80, "judged_percent_min": 99}, "recovery": {"limit_s": {"cutover": 0.5}, "percent_of_limit_max": 80},
    "regression": {"recovery_noise_percent": 1, "recovery_noise_ms": 2, "cases_noise_percent": 3},
    "known_failures": {"max": 2, "days_max": 30, "list": [{"id": "a", "owner": "o", "ticket": "t", "reason": "r", "since": "2026-01-01", "expires": "2026-01-31T12:00:00Z"}]}, "max_age": "36h"})", "p.json");
  ASSERT_TRUE(policy) << policy.error().to_string();
  EXPECT_EQ(policy->limit_s.at("cutover"), 0.5);
  EXPECT_EQ(policy->max_age_ms, 36 * 3'600'000ll);
  EXPECT_EQ(policy->known_failures.at(0).expires_ms - policy->known_failures.at(0).since_ms, 30 * 86'400'000ll + 12 * 3'600'000ll);
  const auto again = parse_policy(to_json(*policy).dump(), "p.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again).dump(), to_json(*policy).dump());
  EXPECT_NE(to_json(*policy).dump(), to_json(Policy{}).dump());
}

TEST(Policy, NamesTheNearestKey_WhenOneIsUnknown) {
  for (const auto& [text, message, hint] : {
           std::tuple{R"({"requierd": []})", "unknown key \"requierd\"", "\"required\""},
           {R"({"evidence": {"inconclusiv_max": 1}})", "unknown key \"evidence.inconclusiv_max\"", "\"inconclusive_max\""},
           {R"({"recovery": {"limit_s": {"cut-over": 1}}})", "unknown key \"recovery.limit_s.cut-over\"", "\"cutover\""},
           {R"({"known_failures": {"list": [{"tiket": "x"}]}})", "unknown key \"known_failures.list[0].tiket\"", "\"ticket\""},
       }) {
    const Error error = refusal(text);
    EXPECT_EQ(error.code, Code::invalid);
    EXPECT_EQ(error.path, "p.json");
    EXPECT_THAT(error.message, HasSubstr(message));
    EXPECT_THAT(error.hint, HasSubstr(hint));
  }
  EXPECT_THAT(refusal(R"({"waive_everything": true})").hint, HasSubstr("Known: "));
}

TEST(Policy, RefusesWhatMakesNoSense_AndSaysWhere) {
  for (const auto& [text, message] : {
           std::pair{"", "not valid JSON"}, {"[]", "the policy is no object"}, {"{\n  \"required\": [\n}", "line 3"}, {R"({"required": "a"})", "required is no list"}, {R"({"required": [""]})", "required is no list"},
           {R"({"evidence": 1})", "evidence is no object"}, {R"({"evidence": {"cases_min": 0}})", "evidence.cases_min"}, {R"({"evidence": {"inconclusive_max": -1}})", "evidence.inconclusive_max"},
           {R"({"evidence": {"inconclusive_max": 1.5}})", "evidence.inconclusive_max"}, {R"({"evidence": {"mutants_required": "no"}})", "neither true nor false"},
           {R"({"pass_rate": {"planned_percent_min": 101}})", "from 0 to 100"}, {R"({"pass_rate": {"planned_percent_min": "90"}})", "pass_rate.planned_percent_min"}, {R"({"pass_rate": {"planned_percent_min": null}})", "pass_rate"},
           {R"({"recovery": {"limit_s": {"copy": 0}}})", "recovery.limit_s.copy"}, {R"({"known_failures": {"list": {}}})", "known_failures.list"},
           {R"({"known_failures": {"list": [{"id": "a", "owner": "o", "ticket": "t", "reason": "r", "since": "2026-01-01"}]}})", "known_failures.list[0].expires is missing"},
           {R"({"known_failures": {"list": [{"id": "a", "owner": "o", "ticket": "", "reason": "r", "since": "2026-01-01", "expires": "2026-02-01"}]}})", "known_failures.list[0].ticket"},
           {R"({"known_failures": {"list": [{"id": "a", "owner": "o", "ticket": "t", "reason": "r", "since": "2026-02-30", "expires": "2026-03-01"}]}})", "since is no day"},
           {R"({"known_failures": {"list": [{"id": "a", "owner": "o", "ticket": "t", "reason": "r", "since": "2026-02-01", "expires": "2026-02-01"}]}})", "expires before it begins"},
           {R"({"max_age": "a week"})", "max_age"}, {R"({"max_age": "0d"})", "max_age"}, {R"({"max_age": 7})", "max_age"}, {R"({"max_age": "nand"})", "max_age"},
           {R"({"max_age": "7d", "max_age": "999d"})", "there twice"}, {R"({"evidence": {"cases_min": 5, "cases_min": 1}})", "there twice"},
       }) {
    EXPECT_THAT(refusal(text).message, HasSubstr(message)) << text;
  }
  EXPECT_TRUE(parse_policy(R"({"recovery": {"limit_s": {"copy": 1}}, "evidence": {"cases_min": 1}, "pass_rate": {}})", "p.json")) << "the same key in two objects";
}

}  // namespace
}  // namespace rollproof::reports
