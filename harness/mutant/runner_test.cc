#include "harness/mutant/runner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/os/posix_world.h"

namespace rollproof::mutant {
namespace {

// Programs that behave like a mutant: a shell script answers for each of the three runs.
class RunnerTest : public testing::Test {
 protected:
  RunnerTest() : root_(std::filesystem::path(testing::TempDir()) / fmt::format("runner-{}", ::getpid())) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ / "mutants");
  }
  ~RunnerTest() override { std::filesystem::remove_all(root_); }

  void mutant(const std::string& name, int promise) {
    std::ofstream(root_ / "mutants" / (name + ".mutant")) << fmt::format("promise: {}\nmistake: it forgets\nstories: *\nfile: x.cc\n", promise);
  }

  struct Script {
    int control = 0, drill = 11, replay = 11;
    std::string drilled = violation(1), replayed = violation(1);
  };
  static std::string violation(int promise) { return fmt::format(R"([{{"promise":{},"case":"case-7","what":"key 5 is gone"}}])", promise); }

  void program(const std::string& name, const Script& script) {
    const std::string path = root_ / "mutants" / ("mutant." + name);
    std::ofstream(path) << "#!/bin/sh\nfor last; do :; done\n"
                        << fmt::format("case \"$*\" in\n*--control-only*) exit {};;\n", script.control)
                        << fmt::format("replay*) echo '{{\"violations\":{}}}' > $last/run.json; exit {};;\n", script.replayed, script.replay)
                        << fmt::format("*) echo '{{\"violations\":{}}}' > $last/run.json; exit {};;\nesac\n", script.drilled, script.drill);
    ::chmod(path.c_str(), 0755);
  }

  Outcome run_one(const Script& script, const std::string& real = "") {
    mutant("one", 1);
    program("one", script);
    auto outcomes = run_mutants(world_.world().files, root_ / "mutants", {.scratch = root_ / "scratch", .program = real});
    EXPECT_TRUE(outcomes.has_value()) << (outcomes ? "" : outcomes.error().to_string());
    return outcomes ? outcomes->at(0) : Outcome{};
  }

  std::filesystem::path root_;
  os::PosixWorld world_;
};

TEST_F(RunnerTest, CountsAsCaught_WhenControlPassesAndItsPromiseFailsTwice) {
  const Outcome outcome = run_one({});
  EXPECT_EQ(outcome.verdict, Verdict::caught) << outcome.detail;
  EXPECT_EQ(outcome.case_id, "case-7");
  EXPECT_THAT(outcome.replay, testing::EndsWith("mutant.one replay 'case-7'"));
}

TEST_F(RunnerTest, DoesNotCount_WhenControlFails) { EXPECT_EQ(run_one({.control = 11}).verdict, Verdict::control_failed); }

TEST_F(RunnerTest, DoesNotCount_WhenNothingIsViolated) { EXPECT_EQ(run_one({.drill = 0, .drilled = "[]"}).verdict, Verdict::missed); }

TEST_F(RunnerTest, DoesNotCount_WhenAnotherPromiseIsViolated) {
  EXPECT_EQ(run_one({.drilled = violation(2)}).verdict, Verdict::wrong_promise);
}

TEST_F(RunnerTest, DoesNotCount_WhenTheCaseDoesNotDoItAgain) {
  EXPECT_EQ(run_one({.replay = 0, .replayed = "[]"}).verdict, Verdict::not_replayed);
  EXPECT_EQ(run_one({.replayed = violation(2)}).verdict, Verdict::not_replayed);
}

TEST_F(RunnerTest, DoesNotCount_WhenTheRealProgramDoesItToo) {
  program("real", {});
  EXPECT_EQ(run_one({}, root_ / "mutants/mutant.real").verdict, Verdict::not_its_own);
  program("real", {.replay = 0, .replayed = "[]"});
  EXPECT_EQ(run_one({}, root_ / "mutants/mutant.real").verdict, Verdict::caught);
}

TEST_F(RunnerTest, DoesNotCount_WhenTheRecordIsNoRecord) {
  EXPECT_EQ(run_one({.drilled = "0]"}).verdict, Verdict::broken);
  EXPECT_EQ(run_one({.drill = 1, .drilled = "[]"}).verdict, Verdict::broken);
}

TEST_F(RunnerTest, PlansAMutantThatWasNotBuilt) {
  mutant("absent", 3);
  const auto outcomes = run_mutants(world_.world().files, root_ / "mutants", {.scratch = root_ / "scratch"});
  ASSERT_TRUE(outcomes.has_value());
  const auto score = score_of(*outcomes);
  EXPECT_EQ(score.at("planned"), 1);
  EXPECT_EQ(score.at("caught"), 0);
  EXPECT_EQ(score.at("missed").at(0).at("name"), "absent");
  EXPECT_THAT(outcomes->at(0).detail, testing::HasSubstr("not built"));
  EXPECT_THAT(table_of(*outcomes), testing::HasSubstr("0 of 1 mutants caught"));
}

TEST_F(RunnerTest, IsAnError_WhenThereIsNoMutant) {
  const auto outcomes = run_mutants(world_.world().files, root_ / "mutants", {.scratch = root_ / "scratch"});
  ASSERT_FALSE(outcomes.has_value());
  EXPECT_EQ(outcomes.error().code, Code::not_found);
  const auto without_folder = run_mutants(world_.world().files, root_ / "nowhere", {.scratch = root_ / "scratch"});
  ASSERT_FALSE(without_folder.has_value());
  EXPECT_EQ(without_folder.error().code, Code::not_found);
  EXPECT_THAT(without_folder.error().message, testing::HasSubstr("no mutants were built"));
}

TEST(MutantFile, RefusesAPromiseThatDoesNotExist) {
  EXPECT_FALSE(Mutant::parse("x", "promise: 11\nmistake: m\nstories: *\n").has_value());
  EXPECT_FALSE(Mutant::parse("x", "promise: one\nmistake: m\nstories: *\n").has_value());
  EXPECT_FALSE(Mutant::parse("x", "promise: 1\nstories: *\n").has_value());
}

// Each file of this folder is one that the runner understands.
TEST(MutantFile, EveryOneOfThisFolderParses) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(ROLLPROOF_SOURCE_DIR) / "harness/mutant")) {
    if (entry.path().extension() != ".mutant") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto parsed = Mutant::parse(entry.path().stem(), text);
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().to_string());
    ++count;
  }
  EXPECT_GE(count, 14u);
}

}  // namespace
}  // namespace rollproof::mutant
