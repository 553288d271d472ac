#include "harness/drill/drill.h"

#include <gtest/gtest.h>

#include <csignal>

#include "harness/drill/completeness.h"
#include "harness/drill/replay.h"
#include "harness/drill/run_record.h"
#include "harness/drill/supervisor.h"

namespace rollproof::drill {
namespace {

constexpr const char* kShort = R"({
  "name": "short",  // a comment
  "before": ["migrate dual-write", "put 56-New 90"],
  "drilled": ["rollback source"]
})";

DrillOptions quick() {
  Profile sparse = *Profile::named("catch");
  sparse.whole_every = sparse.none_every = 16;
  sparse.torn_every = sparse.single_every = sparse.death_every = sparse.io_every = 64;
  sparse.look_every = sparse.damage_every = sparse.damage_dead_every = 512;
  sparse.io_from_every = sparse.second_part_every = 64;
  sparse.look_from_every = 2048;
  sparse.second_firsts = 1;
  return {.profile = sparse, .fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"};
}

std::vector<Story> one_story(const char* text = kShort) { return {*Story::parse(text, "short.json")}; }

// Without what a clock outside has measured.
std::string record_text(const DrillOptions& options) {
  auto outcome = run_drill(one_story(), options, {});
  EXPECT_TRUE(outcome);
  auto record = record_of(*outcome, options, {.run_id = "r"});
  for (const char* timed : {"duration_ms", "performance", "started_at", "finished_at"}) record.erase(timed);
  return record.dump();
}

// Finds fault with whatever is checked at an odd number of operations, as far as it can tell.
check::Violations plant(const check::Evidence& evidence) {
  if (evidence.goal_begun && !evidence.goal_acknowledged) return {{1, "planted"}};
  return {};
}

TEST(Story, CutInHalfIsRefused_AndSoIsAnUnknownKey) {
  const std::string whole = kShort;
  for (const size_t cut : {whole.size() / 4, whole.size() / 2, whole.size() - 2}) {
    const auto story = Story::parse(whole.substr(0, cut), "short.json");
    ASSERT_FALSE(story);
    EXPECT_EQ(story.error().code, Code::invalid);
    EXPECT_EQ(story.error().path, "short.json");
  }
  const auto unknown = Story::parse(R"({"name": "a", "drild": ["recover"]})", "a.json");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().hint.find("drilled"), std::string::npos);
}

TEST(Story, EveryOneInTheFolderIsSound) {
  const auto stories = load_stories(ROLLPROOF_SOURCE_DIR "/scenarios");
  ASSERT_TRUE(stories) << stories.error().to_string();
  EXPECT_GE(stories->size(), 8u);
}

// A control that shows nothing must not pass.
TEST(Drill, RefusesAControlOfStoriesThatTellOfOtherPrograms) {
  const auto foreign = Story::parse(R"({"name": "theirs", "before": ["migrate copy"], "drilled": ["foreign source 56-New 40", "yes rollback source"]})", "theirs.json");
  ASSERT_TRUE(foreign);
  DrillOptions options = quick();
  options.control_only = true;
  const auto refused = run_drill({*foreign}, options, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
}

TEST(Drill, GivesTheSameRecordForTheSameSeed_WhateverTheNumberOfWorkers) {
  DrillOptions options = quick();
  options.jobs = 1;
  const std::string one = record_text(options);
  options.jobs = 3;
  EXPECT_EQ(one, record_text(options));
  options.seed = 2;
  EXPECT_NE(one, record_text(options));
}

TEST(Drill, SaysTheSameForTheSameSeed_InTheSameOrder_HoweverManyWorkersThereAre) {
  const auto said = [](uint32_t jobs) {
    DrillOptions options = quick();
    options.jobs = jobs;
    std::string text;
    options.event = [&](const OrderedJson& event) { text += event.dump() + "\n"; };
    EXPECT_TRUE(run_drill(one_story(), options, {}));
    return text;
  };
  const std::string one = said(1);
  EXPECT_GT(std::count(one.begin(), one.end(), '\n'), 20);
  EXPECT_EQ(one, said(3));
}

TEST(Drill, StopsAtTheSameCase_HoweverManyWorkersThereAre) {
  const auto said = [](uint32_t jobs) {
    DrillOptions options = quick();
    options.jobs = jobs;
    options.judge = plant;
    options.stop_at_promise = 1;
    std::string text;
    options.event = [&](const OrderedJson& event) { text += event.dump() + "\n"; };
    EXPECT_TRUE(run_drill(one_story(), options, {}));
    return text;
  };
  const std::string one = said(1);
  EXPECT_NE(one.find("stopped at the first violation"), std::string::npos);
  EXPECT_EQ(one, said(3));
}

// The second is told while the cases of the first run.
TEST(Drill, TellsOneStoryBehindTheOther_EachAsItIsAlone) {
  const Story first = one_story().front(), second = one_story(R"({"name": "other", "before": ["migrate copy"], "drilled": ["rollback source"]})").front();
  const auto said = [](const std::vector<Story>& stories) {
    DrillOptions options = quick();
    std::string text;
    options.event = [&](const OrderedJson& event) { text += event.dump() + "\n"; };
    EXPECT_TRUE(run_drill(stories, options, {}));
    return text;
  };
  EXPECT_EQ(said({first, second}), said({first}) + said({second}));
}

TEST(Drill, DiesAsTheLibraryDiesInAStoryWithoutFaults_SoThatTheSupervisorHearsOfIt) {
  DrillOptions options = quick();
  options.judge = [](const check::Evidence&) -> check::Violations { std::abort(); };
  const Ending ending = run_supervised([&](const Lifeline&) { return run_drill(one_story(), options, {}) ? 0 : 1; }, 60'000);
  EXPECT_FALSE(ending.exited);
  EXPECT_EQ(ending.signal, SIGABRT);
}

TEST(Drill, EveryPlannedCaseIsRunPrunedOrExcludedWithAReason) {
  const auto outcome = run_drill(one_story(), quick(), {});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->control_passed());
  ASSERT_FALSE(outcome->cells.empty());
  uint64_t run = 0;
  for (const CellOutcome& cell : outcome->cells) {
    EXPECT_TRUE(cell.counts.adds_up()) << cell.cell.to_string();
    EXPECT_EQ(cell.counts.run, cell.passed + cell.failed + cell.inconclusive) << cell.cell.to_string();
    run += cell.counts.run;
  }
  EXPECT_EQ(run, outcome->cases_run);
  EXPECT_GT(run, 20u);
}

TEST(Plan, EachScenarioOfCrashDeathAndErrorHasACase_HoweverSparseTheProfile) {
  Profile sparse = *Profile::named("catch");
  for (uint64_t* every : {&sparse.whole_every, &sparse.none_every, &sparse.torn_every, &sparse.single_every, &sparse.single_back_every, &sparse.part_every, &sparse.sector_every,
                          &sparse.suffix_every, &sparse.random_every, &sparse.death_every, &sparse.death_back_every, &sparse.io_every, &sparse.io_from_every, &sparse.look_every,
                          &sparse.look_from_every, &sparse.intruder_every, &sparse.damage_every, &sparse.damage_dead_every}) {
    *every = 1'000'000'000;
  }
  const Story story = one_story(R"({"name": "whole", "drilled": ["migrate cutover with 2 writes", "put 56-New 90", "rollback source"]})").front();
  const auto recording = recording_of(story, quick());
  ASSERT_TRUE(recording);
  CaseRunner runner(*recording);
  const Plan plan = plan_cases(*recording, runner, sparse);
  uint64_t scenarios = 0;
  for (size_t i = 0; i < plan.cells.size(); ++i) {
    const fault::Kind kind = plan.cells[i].fault;
    EXPECT_TRUE(plan.counts[i].adds_up());
    if (kind != fault::Kind::crash && kind != fault::Kind::process_death && kind != fault::Kind::io_error) continue;
    ++scenarios;
    EXPECT_GT(plan.counts[i].run, 0u) << plan.cells[i].to_string();
  }
  EXPECT_GT(scenarios, 90u);
  EXPECT_LT(plan.cases.size(), 30 * scenarios) << "and no more than a few of each";
}

TEST(Completeness, NamesAStepThatAFaultWasNotTriedIn_AndWhy) {
  Outcome outcome;
  const auto add = [&](fault::Kind kind, const char* step, Counts counts) { outcome.cells.push_back({.cell = {"copy", kind, "forward", step, "a>b"}, .counts = std::move(counts)}); };
  add(fault::Kind::crash, "drain", {.planned = 3, .run = 3});
  add(fault::Kind::process_death, "drain", {.planned = 2, .run = 1, .excluded = {{"sampled", 1}}});
  add(fault::Kind::io_error, "drain", {.planned = 9, .run = 9});
  add(fault::Kind::crash, "compare", {.planned = 4, .pruned = 4});
  add(fault::Kind::process_death, "compare", {.planned = 7, .excluded = {{"sampled by profile quick", 7}}});
  const Completeness steps = completeness_of(outcome);
  EXPECT_EQ(steps.steps, 2u);
  EXPECT_EQ(steps.complete, 1u);
  const std::string text = to_text(steps);
  EXPECT_NE(text.find("copy.crash.forward.compare@a>b: 4 identical to cases of other scenarios"), std::string::npos) << text;
  EXPECT_NE(text.find("copy.process-death.forward.compare@a>b: 7 excluded: sampled by profile quick"), std::string::npos) << text;
  EXPECT_NE(text.find("copy.io-error.forward.compare@a>b: no story that was told tries this fault here"), std::string::npos) << text;
}

TEST(Drill, WhatIsNotRunInTimeIsExcludedAndSaid) {
  DrillOptions options = quick();
  options.budget_ms = 1;
  const auto outcome = run_drill(one_story(), options, {});
  ASSERT_TRUE(outcome);
  EXPECT_GT(outcome->total().excluded.at("out of budget"), 0u);
  for (const CellOutcome& cell : outcome->cells) EXPECT_TRUE(cell.counts.adds_up());
  EXPECT_EQ(outcome->exit_code(), 12) << "a run in which nothing was run is no green one";
}

TEST(Drill, APatternThatMatchesNothingNamesTheNearest) {
  DrillOptions options = quick();
  options.scenario = "shirt";
  const auto outcome = run_drill(one_story(), options, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Code::invalid);
  EXPECT_NE(outcome.error().hint.find("short"), std::string::npos);
}

TEST(Replay, ReproducesAPlantedViolationFromItsIdAlone) {
  DrillOptions options = quick();
  options.judge = plant;
  const auto outcome = run_drill(one_story(), options, {});
  ASSERT_TRUE(outcome);
  ASSERT_FALSE(outcome->violations.empty());
  EXPECT_EQ(outcome->exit_code(), 11);
  const auto again = replay_case(one_story(), outcome->violations.front().case_id, options);
  ASSERT_TRUE(again) << again.error().to_string();
  ASSERT_FALSE(again->result.violations.empty());
  EXPECT_EQ(again->result.violations.front().what, "planted");
  EXPECT_NE(again->text.find("---- the fault ----"), std::string::npos);
}

TEST(Replay, SaysThatTheLibraryDied_AndLives) {
  DrillOptions options = quick();
  options.judge = [](const check::Evidence&) -> check::Violations { std::abort(); };
  const auto replay = replay_case(one_story(), "dual-write.crash.rollback.settle@leveldb>unified-json/short:crash(after 420)", options);
  ASSERT_TRUE(replay) << replay.error().to_string();
  ASSERT_EQ(replay->result.violations.size(), 1u);
  EXPECT_EQ(replay->result.violations.front().promise, 5);
  EXPECT_EQ(replay->result.violations.front().what, "the process died of signal 6");
  EXPECT_TRUE(replay->result.died());
  EXPECT_NE(replay->text.find("---- the fault ----"), std::string::npos);
}

TEST(Replay, APointThatTheStoryDoesNotHaveIsInconclusive) {
  const auto replay = replay_case(one_story(), "dual-write.crash.rollback.settle@leveldb>unified-json/short:crash(after 999999)", quick());
  ASSERT_TRUE(replay);
  EXPECT_EQ(replay->result.verdict, Verdict::inconclusive);
}

TEST(Workers, OneThatDiesIsAVerdictOnItsCase_AndTheOthersGoOn) {
  DrillOptions options = quick();
  options.judge = [](const check::Evidence& evidence) -> check::Violations {
    if (evidence.goal_begun && !evidence.goal_acknowledged && evidence.recovery_ms % 7 == 3) std::abort();
    return {};
  };
  const auto outcome = run_drill(one_story(), options, {});
  ASSERT_TRUE(outcome);
  uint64_t died = 0;
  for (const auto& violation : outcome->violations) died += violation.category == "crash";
  EXPECT_GT(died, 0u);
  EXPECT_LT(died, outcome->cases_run);
  for (const CellOutcome& cell : outcome->cells) EXPECT_EQ(cell.counts.run, cell.passed + cell.failed + cell.inconclusive);
}

TEST(Result, ComesBackFromAWorkerAsItWas) {
  CaseResult result{.verdict = Verdict::failed, .category = "data_loss", .recovery_ms = 7, .fired = 2, .images = 3, .violations = {{1, "\xff is no text"}}};
  result.recovery = {false, Code::io, "m", "p"};
  result.parts = {.detect = 1, .decide = 2, .undo = 3, .verify = 4};
  result.integrity = {.checked = 5, .missing = 6, .extra = 7, .changed = 8, .duplicated = 9};
  const auto back = parse_result(print_result(9, result));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->first, 9u);
  EXPECT_EQ(back->second.category, "data_loss");
  EXPECT_EQ(back->second.recovery.code, Code::io);
  EXPECT_EQ(back->second.violations.size(), 1u);
  EXPECT_EQ(back->second.parts, result.parts);
  EXPECT_EQ(back->second.integrity, result.integrity);
}

}  // namespace
}  // namespace rollproof::drill
