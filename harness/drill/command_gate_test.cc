#include "harness/drill/command_gate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/drill/run_record.h"
#include "lib/base/time_text.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"
#include "reports/sound_record_test.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

const int64_t kNow = *parse_time("2026-03-02");

class CommandGate : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(os::replace_file(files_, scratch_ / name, bytes));
    return scratch_ / name;
  }

  os::PosixFileSystem files_;
  os::ScratchDirectory scratch_;
};

TEST_F(CommandGate, ARecordSaysWhatItsRunEndedWith) {
  Json record = reports::sound_record();
  record["gate"] = Json{{"exit_code", 0}, {"meaning", "done; gate passed"}};
  // As of a run without a violation, a mutant of which got away.
  const auto text = judge_run(record, std::nullopt, 11, kNow);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "");
  EXPECT_EQ(record["gate"]["exit_code"], 11);
  EXPECT_THAT(record["gate"]["meaning"].get<std::string>(), HasSubstr("safety was violated"));
}

TEST_F(CommandGate, APolicyDecides_ButForAViolationAndAnInterruption) {
  const GateInputs lenient{.policy_path = "p"};
  GateInputs strict = lenient;
  strict.policy.cases_min = 1'000'000;
  const auto code = [](const GateInputs& inputs, int drilled) {
    Json record = reports::sound_record();
    const auto text = judge_run(record, inputs, drilled, kNow);
    EXPECT_THAT(*text, HasSubstr(fmt::format("exit code {}: ", record["gate"]["exit_code"].get<int>()))) << "the last line and the record say the same";
    EXPECT_EQ(record["policy"]["path"], "p");
    EXPECT_EQ(record["gate"]["clauses"].size(), 8u);
    return record["gate"]["exit_code"].get<int>();
  };
  EXPECT_EQ(code(lenient, 0), 0);
  EXPECT_EQ(code(lenient, 12), 0) << "what is enough is the policy's to say";
  EXPECT_EQ(code(strict, 0), 12);
  EXPECT_EQ(code(lenient, 11), 11);
  EXPECT_EQ(code(strict, 11), 11);
  EXPECT_EQ(code(lenient, 130), 130);
}

TEST_F(CommandGate, WhatIsAlreadyInTheRecordCountsForNothing) {
  Json record = reports::sound_record(), edited = record;
  edited["gate"] = Json{{"exit_code", 0}, {"clauses", "all passed"}};
  edited["policy"] = "none";
  edited["baseline"] = 7;
  edited["known_failures"] = Json::array({Json{{"id", "*"}}});
  for (Json* one : {&record, &edited}) ASSERT_TRUE(judge_into(*one, {.policy_path = "p"}, kNow));
  for (const char* part : {"gate", "policy", "baseline", "known_failures"}) EXPECT_EQ(record[part].dump(), edited[part].dump()) << part;
}

TEST_F(CommandGate, ReadsPolicyAndBaseline_WithTheirDigests) {
  const std::string policy = write("policy.json", "{\"max_age\": \"1d\"} // c\n"), baseline = write("run.json", reports::sound_record().dump());
  const auto inputs = gate_inputs_of(policy, baseline, true);
  ASSERT_TRUE(inputs) << inputs.error().to_string();
  ASSERT_TRUE(*inputs);
  EXPECT_EQ((*inputs)->policy.max_age, "1d");
  EXPECT_EQ((*inputs)->policy_sha256, sha256_hex("{\"max_age\": \"1d\"} // c\n"));
  EXPECT_EQ((*inputs)->baseline->run_id, "r");
  EXPECT_FALSE(*gate_inputs_of("", "", false));
}

TEST_F(CommandGate, RefusesWhatCanNotBeJudgedBy) {
  Json edited = reports::sound_record();
  edited["scenarios"][0]["cases"]["run"] = 11;
  const std::string sound = reports::sound_record().dump(), policy = write("policy.json", "{}"), run = write("run.json", sound);
  for (const auto& [with, baseline, whole, what] : {
           std::tuple{std::string(), run, true, "compared by a policy"},
           {policy, std::string(), false, "a shard can not be judged"},
           {scratch_ / "nowhere.json", std::string(), true, "no such file"},
           {scratch_.path(), std::string(), true, "directory"},
           {write("bad.json", "{"), std::string(), true, "not valid JSON"},
           {policy, scratch_ / "nowhere.json", true, "no such file"},
           {policy, write("half.json", sound.substr(0, sound.size() / 2)), true, "is no JSON"},
           {policy, write("other.json", "{}"), true, "schema_version is missing"},
           {policy, write("edited.json", edited.dump()), true, "the baseline contradicts itself"},
       }) {
    const auto inputs = gate_inputs_of(with, baseline, whole);
    ASSERT_FALSE(inputs) << what;
    EXPECT_EQ(inputs.error().code, Code::invalid) << what;
    EXPECT_THAT(inputs.error().message, testing::ContainsRegex(what == std::string("directory") ? "[Dd]irectory" : what));
    EXPECT_NE(inputs.error().path, "");
  }
}

}  // namespace
}  // namespace rollproof::drill
