#include "harness/drill/events.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "harness/drill/drill.h"
#include "harness/drill/run_record.h"
#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::drill {
namespace {

using testing::HasSubstr;

constexpr const char* kShort = R"({"name": "short", "before": ["migrate dual-write"], "drilled": ["rollback source"], "faults": ["crash", "process-death"]})";

// Every odd disk content is found fault with, as far as it can be told, so that there is something of each verdict.
check::Violations plant(const check::Evidence& evidence) {
  if (evidence.goal_begun && !evidence.goal_acknowledged && evidence.recovery_ms % 7 == 3) return {{1, "planted \xff"}};
  return {};
}

class Events : public testing::Test {
 protected:
  Events() {
    options_.profile = *Profile::named("catch");
    options_.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures";
    options_.judge = plant;
    options_.event = [this](const OrderedJson& event) { seen_.push_back(event); };
    auto outcome = run_drill({*Story::parse(kShort, "short.json")}, options_, {});
    EXPECT_TRUE(outcome);
    outcome_ = std::move(*outcome);
  }

  std::string path(const char* name) const { return os::join(scratch_.path(), name); }
  void write(const char* name, const std::string& text) { EXPECT_TRUE(os::replace_file(files_, path(name), text)); }
  std::string text_of(const Outcome& outcome) const {
    OrderedJson record = record_of(outcome, options_, {.run_id = "r"});
    for (const char* timed : {"duration_ms", "performance"}) record.erase(timed);
    return record.dump(1, ' ', false, OrderedJson::error_handler_t::replace);
  }
  std::string lines() const {
    std::string text;
    for (const auto& event : seen_) text += event.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
    return text;
  }
  int agrees() const { return std::system(("/usr/bin/python3 '" ROLLPROOF_SOURCE_DIR "/harness/drill/record_agrees.py' '" + path("run.json") + "' '" + path("events.jsonl") + "' > '" + path("said") + "'").c_str()); }

  os::ScratchDirectory scratch_;
  os::PosixFileSystem files_;
  DrillOptions options_;
  std::vector<OrderedJson> seen_;
  Outcome outcome_;
};

TEST_F(Events, TellTheWholeRun_AlsoAfterTheyWereWrittenAndRead) {
  ASSERT_GT(outcome_.violations_total, 0u);
  write("events.jsonl", lines());
  const auto events = read_events(files_, path("events.jsonl"));
  ASSERT_TRUE(events) << events.error().to_string();
  auto told = fold_events(*events);
  ASSERT_TRUE(told) << told.error().to_string();
  EXPECT_EQ(told->stories_ended, 1u);
  Outcome again = told->fold.take();
  EXPECT_EQ(again.cases_run, outcome_.cases_run);
  EXPECT_EQ(again.images, outcome_.images);
  EXPECT_EQ(again.violations_total, outcome_.violations_total);
  ASSERT_EQ(again.cells.size(), outcome_.cells.size());
  for (size_t i = 0; i < again.cells.size(); ++i) {
    EXPECT_EQ(again.cells[i].counts.planned, outcome_.cells[i].counts.planned);
    EXPECT_EQ(again.cells[i].counts.excluded, outcome_.cells[i].counts.excluded);
    EXPECT_EQ(again.cells[i].failed, outcome_.cells[i].failed);
    EXPECT_EQ(again.cells[i].passed, outcome_.cells[i].passed);
  }
}

TEST_F(Events, AgreeWithTheRecord_AndAScriptThatSharesNoCodeSaysSo) {
  write("events.jsonl", lines());
  write("run.json", text_of(outcome_));
  EXPECT_EQ(agrees(), 0) << *os::read_file(files_, path("said"));
  for (const char* spoilt : {"passed", "run", "images", "planned"}) {
    OrderedJson record = OrderedJson::parse(text_of(outcome_));
    for (OrderedJson& scenario : record["scenarios"]) {
      if (scenario["cases"]["run"] == 0) continue;
      OrderedJson& number = spoilt == std::string("passed") ? scenario["verdicts"]["passed"] : spoilt == std::string("images") ? scenario["images"] : scenario["cases"][spoilt];
      number = number.get<uint64_t>() + 1;
      break;
    }
    write("run.json", record.dump());
    EXPECT_NE(agrees(), 0) << spoilt;
  }
}

TEST_F(Events, OfADrillThatDiedLeaveNoGap_WhatHasNoVerdictIsExcludedWithTheReason) {
  std::vector<OrderedJson> cut(seen_.begin(), seen_.begin() + 10);
  ASSERT_EQ(cut.back().at("event"), "case");
  cut.push_back(died_event("short", "crashed", "it died", false));
  auto told = fold_events(cut);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->stories_ended, 1u);
  const Outcome outcome = told->fold.take();
  EXPECT_EQ(outcome.execution, "crashed");
  EXPECT_EQ(outcome.exit_code(), outcome.violations_total != 0 ? 11 : 12);
  EXPECT_EQ(outcome.cases_run, 7u);
  EXPECT_GT(outcome.total().excluded.at("it died"), 0u);
  for (const CellOutcome& cell : outcome.cells) EXPECT_TRUE(cell.counts.adds_up()) << cell.cell.to_string();
  EXPECT_EQ(outcome.total().planned, outcome_.total().planned);
}

TEST_F(Events, OfADeathWhileTheStoryIsToldBlameTheLibrary) {
  auto told = fold_events({story_event("short"), died_event("short", "timed_out", "it hung", true)});
  ASSERT_TRUE(told);
  const Outcome outcome = told->fold.take();
  ASSERT_EQ(outcome.controls.size(), 1u);
  EXPECT_EQ(outcome.controls[0].result.category, "timeout");
  EXPECT_EQ(outcome.exit_code(), 11);
}

TEST_F(Events, ALastLineThatWasCutOffIsLeftOut_AndWrittenOver) {
  write("events.jsonl", "{\"event\":\"story\",\"story\":\"a\"}\n{\"event\":\"do");
  EXPECT_EQ(read_events(files_, path("events.jsonl"))->size(), 1u);
  auto log = EventLog::open(files_, path("events.jsonl"));
  ASSERT_TRUE(log);
  ASSERT_TRUE(log->append(done_event("a", "")));
  ASSERT_TRUE(log->sync());
  const auto events = read_events(files_, path("events.jsonl"));
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(events->at(1).at("event"), "done");
}

TEST_F(Events, ThatAreNoneAreRefusedByLine) {
  for (const char* text : {"{}\n", "[1]\n", "nonsense\n", "{\"event\":\"story\",\"story\":\"a\"}\n\xff\n"}) {
    write("events.jsonl", text);
    const auto events = read_events(files_, path("events.jsonl"));
    ASSERT_FALSE(events) << text;
    EXPECT_EQ(events.error().code, Code::invalid);
    EXPECT_THAT(events.error().message, HasSubstr("line"));
  }
  for (const char* text : {R"({"event":"case"})", R"({"event":"case","id":7})", R"({"event":"case","id":"x"})", R"({"event":"planned","cells":[{"id":"no"}]})", R"({"event":"other"})", R"({"event":3})"}) {
    const auto told = fold_events({OrderedJson::parse(text)});
    ASSERT_FALSE(told) << text;
    EXPECT_THAT(told.error().message, HasSubstr("event 1"));
  }
}

}  // namespace
}  // namespace rollproof::drill
