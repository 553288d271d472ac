#include "harness/drill/story.h"

#include <gmock/gmock.h>

#include "harness/drill/drill.h"

namespace rollproof::drill {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

TEST(Story, PrintsItselfAsAFileThatParsesIntoTheSame) {
  for (const char* text : {
           R"~({"name": "a", "drilled": ["recover"]})~",
           R"~({"name": "b", "about": "x", "fixture": "network-files", "source": "network-json", "source_mounted": true, "target_folder": true, "before": ["migrate copy with 2 writes"], "drilled": ["rollback source"],
               "faults": ["crash", "memory"], "exhaustive": "looks", "limit_minutes": {"copy": 3}})~",
           R"~({"name": "c", "records": [{"key": "k", "value": "\u00e9\ud83d\ude00 \\ \" \n"}, {"key_base64": "/w==", "value_base64": "AP8="}], "drilled": ["migrate cutover"],
               "cases": ["crash(after 33, lose [4,7])", "io(at 5)"], "exhaustive": true, "goes_on": true})~"}) {
    const auto story = Story::parse(text, "a.json");
    if (!story) {
      ADD_FAILURE() << story.error().to_string();
      continue;
    }
    const auto again = Story::parse(story->to_json(), "b.json");
    ASSERT_TRUE(again) << again.error().to_string() << story->to_json();
    EXPECT_EQ(again->to_json(), story->to_json());
    EXPECT_EQ(again->records, story->records);
    EXPECT_EQ(again->cases, story->cases);
    EXPECT_EQ(again->faults, story->faults);
    EXPECT_EQ(again->drilled, story->drilled);
    EXPECT_EQ(again->target_folder, story->target_folder);
    EXPECT_EQ(again->source_mounted, story->source_mounted);
  }
}

struct Refused {
  const char* text;
  const char* says;
  const char* hint = "";
};

TEST(Story, AMistakeIsRefusedByItsName) {
  for (const Refused& refused : {
           Refused{R"~([])~", "object"},
           Refused{R"~({"name": "a"})~", "drilled"},
           Refused{R"~({"name": "A b", "drilled": ["recover"]})~", "lower-case"},
           Refused{R"~({"name": "a", "drilled": []})~", "nothing is drilled"},
           Refused{R"~({"name": "a", "drilled": ["migrat copy"]})~", "migrat copy"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "faults": ["crush"]})~", "crush", "\"crash\""},
           Refused{R"~({"name": "a", "drilled": ["recover"], "faults": ["connection"]})~", "no connection"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "faults": []})~", "nothing could fire"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "cases": []})~", "nothing could fire"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "cases": ["crush(after 3)"]})~", "crush(after 3)"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "exhaustive": "lokks"})~", "lokks", "\"looks\""},
           Refused{R"~({"name": "a", "drilled": ["recover"], "exhaustive": "allocations of reads"})~", "allocations of reads", "\"allocations of writes\""},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [{"key": "k"}]})~", "value"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [{"key": "k", "key_base64": "aw==", "value": ""}]})~", "one of"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [{"key": "k", "value_base64": "?"}]})~", "no base64"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [{"key": "k", "value": "", "vlaue": ""}]})~", "vlaue"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [{"key": "k", "value": ""}, {"key": "k", "value": ""}]})~", "two records"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "records": [], "fixture": "lookcoin-28"})~", "both"},
           Refused{R"~({"name": "a", "drilled": ["recover"], "limit_minutes": {"cpoy": 3}})~", "cpoy"},
           Refused{R"~({"name": 7, "drilled": ["recover"]})~", "string"},
       }) {
    const auto story = Story::parse(refused.text, "a.json");
    if (story) {
      ADD_FAILURE() << refused.text;
      continue;
    }
    EXPECT_EQ(story.error().code, Code::invalid) << refused.text;
    EXPECT_EQ(story.error().path, "a.json");
    EXPECT_THAT(story.error().message, HasSubstr(refused.says)) << refused.text;
    EXPECT_THAT(story.error().hint, HasSubstr(refused.hint)) << refused.text;
    EXPECT_THAT(story.error().message, testing::Not(HasSubstr("exception"))) << refused.text;
  }
}

// Runs a story in a file's text on its own records or on a fixture.
Result<Outcome> drilled(const std::string& text, const std::string& pattern = "*") {
  const auto story = Story::parse(text, "a.json");
  EXPECT_TRUE(story) << story.error().to_string();
  Profile sparse = *Profile::named("catch");
  sparse.whole_every = sparse.none_every = sparse.torn_every = sparse.single_every = sparse.death_every = sparse.io_every = 4096;
  return run_drill({*story}, {.profile = sparse, .scenario = pattern, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"}, {});
}

// A command that dies half through is told before: what follows, `recover` first, meets the faults.
TEST(Story, LetsACommandDieHalfThroughAStep) {
  Story story{.name = "died", .about = "a", .records = {{{"56-A", "{}"}}}};
  for (const char* text : {"migrate dual-write", "migrate copy with 1 writes dies in copy-records"}) story.before.push_back(*subject::Command::parse(text));
  story.drilled.push_back(*subject::Command::parse("recover"));
  const auto again = Story::parse(story.to_json(), "died.json");
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->before, story.before);
  const auto recording = recording_of(*again, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"});
  ASSERT_TRUE(recording) << recording.error().to_string();
  const auto& commands = recording->log.commands;
  ASSERT_EQ(commands.size(), 3u);
  EXPECT_TRUE(commands[1].died);
  EXPECT_EQ(commands[2].begun_at, commands[1].ended_at);
  EXPECT_GT(commands[2].ended_at, commands[2].begun_at) << "there is something to recover from";
  EXPECT_EQ(recording->moment_at(commands[2].ended_at).goal, check::Goal::migrate) << "it is about what has died";
  EXPECT_EQ(CaseRunner(*recording).control().verdict, Verdict::passed);

  const auto drilled = Story::parse(R"({"name": "a", "drilled": ["migrate copy dies in drain"]})", "a.json");
  ASSERT_FALSE(drilled);
  EXPECT_NE(drilled.error().hint.find("recover"), std::string::npos);
  story.before.back().dies_in = "no-such-step";
  const auto never = recording_of(story, {.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"});
  ASSERT_FALSE(never);
  EXPECT_NE(never.error().hint.find("copy-records"), std::string::npos) << never.error().hint;
}

TEST(Story, IsToldOnItsOwnRecords_AndRunsItsOwnCasesAlone) {
  const auto outcome = drilled(R"~({"name": "a", "records": [{"key": "56-A", "value": "{\"n\": 1e400}"}, {"key_base64": "/w==", "value_base64": "AP8="}],
                                   "drilled": ["migrate cutover", "rollback source"], "cases": ["crash(after 33, keep none)", "death(after 40)"]})~");
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_TRUE(outcome->control_passed());
  EXPECT_EQ(outcome->cases_run, 2u);
  EXPECT_EQ(outcome->violations_total, 0u);
}

TEST(Story, ThatCanNeverFireIsRefused) {
  for (const auto& [text, says] : {std::pair{R"~({"name": "a", "before": ["migrate dual-write"], "drilled": ["recover"], "faults": ["intruder"]})~", "intruder"},
                                   {R"~({"name": "a", "drilled": ["migrate validate"], "cases": ["crash(after 99999)"]})~", "crash(after 99999)"},
                                   {R"~({"name": "a", "drilled": ["migrate validate"], "cases": ["memory(at 20, allocation 999999999)"]})~", "memory(at 20"}}) {
    const auto outcome = drilled(text);
    ASSERT_FALSE(outcome) << text;
    EXPECT_EQ(outcome.error().code, Code::invalid);
    EXPECT_THAT(outcome.error().message, testing::AllOf(HasSubstr("can never fire"), HasSubstr(says)));
  }
}

TEST(Story, APatternThatFitsNoScenarioOfItIsRefused) {
  constexpr const char* kText = R"~({"name": "a", "drilled": ["migrate validate"]})~";
  const auto misspelt = drilled(kText, "validate.crsh.forward.*@*");
  ASSERT_FALSE(misspelt);
  EXPECT_THAT(misspelt.error().hint, HasSubstr("\"crash\""));
  const auto absent = drilled(kText, "cutover.crash.forward.*@*");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::invalid);
  EXPECT_TRUE(drilled(kText, "validate.crash.forward.*@*"));
}

}  // namespace
}  // namespace rollproof::drill
