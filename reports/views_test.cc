// What holds for every view, whatever is in the record.
#include "reports/views.h"

#include <gtest/gtest.h>

#include "lib/record/utf8.h"
#include "reports/github.h"
#include "reports/record_for_tests.h"

namespace rollproof::reports {
namespace {

TestJson mixed_record() {
  TestJson record = record_for_tests(TestJson::array({scenario_for_tests({}), scenario_for_tests({.fault = "memory", .failed = 2, .observed = "a record is gone"}), scenario_for_tests({.fault = "timeout", .inconclusive = 1}),
                                                      scenario_for_tests({.phase = "copy", .run = false})}));
  record["violations"].push_back(TestJson{{"promise", 1}, {"case", "c"}, {"what", "a record is gone"}, {"category", "data_loss"}, {"replay", "rollproof-drill replay 'c'"}});
  record["violations_total"] = 1;
  record["gate"]["exit_code"] = 11;
  return record;
}

std::string rendered(const char* format, const TestJson& record) { return view_named(format)->render(run_of(record).value()); }

bool contains(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

TEST(Views, AreTheSameBytes_EachTime) {
  const std::string bytes = mixed_record().dump();
  for (const View& view : views()) EXPECT_EQ(view.render(read_run(bytes).value()), view.render(read_run(bytes).value())) << view.format;
}

TEST(Views, AreMadeOfAnEmptyRecord_AndNoneIsGreen) {
  const TestJson empty{{"schema_version", 1}};
  for (const View& view : views()) EXPECT_FALSE(rendered(view.format.data(), empty).empty()) << view.format;
  EXPECT_TRUE(contains(rendered("html", empty), "NOT ENOUGH EVIDENCE"));
  EXPECT_TRUE(contains(rendered("junit", empty), "errors=\"1\""));
  EXPECT_TRUE(contains(rendered("junit-strict", empty), "errors=\"1\""));
  EXPECT_TRUE(contains(rendered("ctrf", empty), "\"other\": 1"));
  EXPECT_TRUE(contains(rendered("prometheus", empty), "verdict=\"passed\"} 0"));
  EXPECT_TRUE(contains(rendered("attestation", empty), "\"result\": \"WARNED\""));
  EXPECT_TRUE(contains(rendered("github-annotations", empty), "::warning"));
}

TEST(Views, NameWhatFailed_WithItsReplay) {
  for (const char* format : {"html", "readiness", "junit", "junit-strict", "ctrf", "github", "github-annotations", "trace"}) {
    const std::string view = rendered(format, mixed_record());
    EXPECT_TRUE(contains(view, "cutover.memory.rollback.settle@leveldb")) << format;
    EXPECT_TRUE(contains(view, "rollproof-drill replay")) << format;
    EXPECT_TRUE(contains(view, "a record is gone")) << format;
  }
}

TEST(Views, HoldTextOfAnyKind) {
  std::string evil = "]]><script>alert('1')</script><!-- & \" ' `|` \\ ::error::x %0A {{RUN_ID}} {{/FACT}}";
  evil += std::string("\0\x01\x1b[31m\r\n\x7f\xC2\x85\xff\xfe\xed\xa0\x80\xEF\xBF\xBF", 21);
  for (const std::string& text : {evil, std::string(1 << 20, 'x'), std::string(1 << 20, '<')}) {
    TestJson record = mixed_record();
    put_everywhere(record, text);
    const auto run = run_of(record).value();
    for (const View& view : views()) {
      const std::string out = view.render(run);
      EXPECT_TRUE(record::is_utf8(out)) << view.format;
      for (const char c : out) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') << view.format << " holds the byte " << static_cast<int>(c);
      EXPECT_LT(out.size(), 8u << 20) << view.format;
      if (view.file.ends_with(".html") || view.file.ends_with(".xml")) {
        EXPECT_FALSE(contains(out, "<script")) << view.format;
      }
      if (view.file.ends_with(".xml")) {
        EXPECT_FALSE(contains(out, "]]>")) << view.format;
      }
      if (view.file.ends_with(".json")) {
        EXPECT_FALSE(TestJson::parse(out, nullptr, false).is_discarded()) << view.format;
      }
      if (view.file.ends_with(".md")) {
        EXPECT_FALSE(contains(out, "\n]]>")) << view.format;
      }
    }
  }
}

TEST(Views, NameWhatARandomStoryFound) {
  TestJson record = record_for_tests();
  record["random"] = {{"planned", 20}, {"stories", 7}, {"cases", 70}, {"images", 90}};
  EXPECT_TRUE(contains(rendered("html", record), "None of 70 random trials"));
  EXPECT_TRUE(contains(rendered("junit", record), "random stories under random faults\" time=\"0.000\"/>"));
  record["violations"].push_back(TestJson{{"promise", 3}, {"case", "random:crash(after 9)"}, {"what", "a deleted record came back"}, {"category", "data_corruption"}, {"replay", "rollproof-drill run --scenario 'finding-random.json'"}});
  record["violations_total"] = 1;
  record["findings"].push_back(TestJson{{"case", "random"}, {"promise", 3}, {"file", "finding-random.json"}, {"fault", "crash(after 9)"}, {"words", "7 must be durable before 9"}, {"operations", 12}});
  for (const char* format : {"html", "readiness", "junit", "junit-strict", "ctrf", "github"}) {
    EXPECT_TRUE(contains(rendered(format, record), "a deleted record came back")) << format;
    EXPECT_TRUE(contains(rendered(format, record), "finding-random.json")) << format;
  }
  EXPECT_TRUE(contains(rendered("html", record), "7 must be durable before 9"));
  EXPECT_FALSE(contains(rendered("html", record), "None of 70 random trials"));
}

TEST(Html, NeedsNeitherScriptNorStyle_NorAServer) {
  const std::string page = rendered("html", mixed_record());
  for (const char* banned : {"<script", "<style", "style=", "<link", "<img", "http-equiv", "src=", "onclick", "javascript:"}) EXPECT_FALSE(contains(page, banned)) << banned;
  EXPECT_FALSE(contains(page, "{{"));
}

TEST(Html, HasItsSectionsInOrder) {
  const std::string page = rendered("html", mixed_record());
  size_t at = 0;
  for (int i = 1; i <= 17; ++i) {
    const size_t found = page.find(fmt::format("\">{}. ", i), at);
    ASSERT_NE(found, std::string::npos) << "section " << i;
    at = found;
  }
}

TEST(Html, SaysNeverCompliant) {
  for (const View& view : views()) EXPECT_FALSE(contains(rendered(view.format.data(), mixed_record()), "compliant")) << view.format;
  EXPECT_TRUE(contains(rendered("html", mixed_record()), "supports evidence for SOC 2 A1.3"));
}

TEST(Html, StaysSmall_WithThousandsOfScenarios) {
  TestJson scenarios = TestJson::array();
  for (int i = 0; i < 5000; ++i) {
    const char* phases[] = {"validate", "dual-write", "copy", "prove", "cutover"};
    const char* faults[] = {"crash", "process-death", "io-error", "corruption", "memory", "timeout"};
    scenarios.push_back(scenario_for_tests({.phase = phases[i % 5], .fault = faults[i / 5 % 6], .step = fmt::format("step-{}", i / 30), .failed = i % 7 == 0 ? 1u : 0u, .observed = "a record is gone, and this says so at some length"}));
  }
  const std::string page = rendered("html", record_for_tests(std::move(scenarios)));
  EXPECT_LT(page.size(), 1u << 20);
  EXPECT_TRUE(contains(page, "715 scenarios failed, 0 inconclusive: 1 kind of trouble"));
  EXPECT_TRUE(contains(page, "and in 714 more scenarios, the first 500"));
}

// The engine shows a section wherever one of its name was added further out.
TEST(Html, CutsOneList_WithoutSayingSoOfAnother) {
  TestJson record = record_for_tests(TestJson::array({scenario_for_tests({.step = "a", .failed = 1}), scenario_for_tests({.step = "b", .failed = 1})}));
  record["scenarios"][1]["replay"] = "";
  record["violations"].push_back(TestJson{{"promise", 1}, {"case", "c"}, {"what", "gone"}});
  record["violations_total"] = 900;
  const std::string page = rendered("html", record);
  EXPECT_TRUE(contains(page, "The record lists 1 of 900 violations"));
  EXPECT_TRUE(contains(page, "and in 1 more scenario</summary>cutover.crash.rollback.b@leveldb&gt;unified-json<br></details>"));
}

TEST(GithubSummary, StaysBelowItsLimit_AndSaysWhatWasCut) {
  TestJson scenarios = TestJson::array();
  for (int i = 0; i < 2000; ++i) scenarios.push_back(scenario_for_tests({.step = fmt::format("step-{}", i), .failed = 1, .observed = fmt::format("{} {}", i, std::string(2000, '|'))}));
  const TestJson record = record_for_tests(std::move(scenarios));
  const std::string summary = rendered("github", record);
  EXPECT_LE(summary.size(), kMostSummaryBytes);
  EXPECT_GT(summary.size(), kMostSummaryBytes / 2);
  EXPECT_TRUE(contains(summary, " more kinds in run.json"));
  EXPECT_TRUE(contains(summary, "| phase | direction |"));
}

TEST(GithubAnnotations, AreNineAndARest) {
  TestJson scenarios = TestJson::array();
  for (int i = 0; i < 40; ++i) scenarios.push_back(scenario_for_tests({.step = fmt::format("step-{:02}", i), .failed = 1}));
  const std::string lines = rendered("github-annotations", record_for_tests(std::move(scenarios)));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 10);
  EXPECT_TRUE(contains(lines, "::31 more in report.html"));
  EXPECT_EQ(rendered("github-annotations", record_for_tests()), "");
}

TEST(Junit, HasUniqueNames_EvenIfTheRecordHasNot) {
  const std::string xml = rendered("junit", record_for_tests(TestJson::array({scenario_for_tests({}), scenario_for_tests({})})));
  EXPECT_TRUE(contains(xml, "name=\"cutover.crash.rollback.settle@leveldb&gt;unified-json\""));
  EXPECT_TRUE(contains(xml, "name=\"cutover.crash.rollback.settle@leveldb&gt;unified-json (2)\""));
}

TEST(Metrics, HaveEveryVerdict_WithItsZero) {
  const std::string metrics = rendered("prometheus", record_for_tests());
  EXPECT_TRUE(contains(metrics, "rollproof_drill_scenarios{phase=\"cutover\",direction=\"rollback\",fault=\"crash\",verdict=\"failed\"} 0\n"));
  EXPECT_TRUE(contains(metrics, "rollproof_drill_recovery_seconds{phase=\"cutover\",stat=\"p95\"} 0.031\n"));
  EXPECT_FALSE(contains(metrics, "quantile"));
}

}  // namespace
}  // namespace rollproof::reports
