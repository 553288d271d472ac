#include "harness/mutant/without_checker.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "lib/os/posix_world.h"

namespace rollproof::mutant {
namespace {

constexpr const char* kShown = R"([{"promise":1,"case":"case-6","what":"gone"},{"promise":2,"case":"case-6","what":"new"},{"promise":1,"case":"case-7","what":"gone"}])";

// Programs that behave like a mutant: a shell script answers for the drill and for the replay without the checker.
class WithoutCheckerTest : public testing::Test {
 protected:
  WithoutCheckerTest() : root_(std::filesystem::path(testing::TempDir()) / fmt::format("without-{}", ::getpid())) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_ / "mutants");
  }
  ~WithoutCheckerTest() override { std::filesystem::remove_all(root_); }

  void mutant(const std::string& name, const std::string& stories, const std::string& replayed, int code, const std::string& drilled = kShown) {
    std::ofstream(root_ / "mutants" / (name + ".mutant")) << fmt::format("promise: 1\nmistake: it forgets\nstories: {}\nfile: x.cc\n", stories);
    const std::string path = root_ / "mutants" / ("mutant." + name);
    std::ofstream(path) << "#!/bin/sh\nfor last; do :; done\n"
                        << fmt::format("case \"$*\" in\nrun*--stop-at-promise\\ 1*) echo '{{\"violations\":{}}}' > $last/run.json; exit {};;\n", drilled, drilled == "[]" ? 12 : 11)
                        << fmt::format("replay\\ case-7\\ --without-checker\\ 1*) echo '{{\"violations\":{}}}' > $last/run.json; exit {};;\nesac\nexit 1\n", replayed, code);
    ::chmod(path.c_str(), 0755);
  }

  WithoutChecker first_row() {
    auto rows = without_each_checker(world_.world().files, root_ / "mutants", {.scratch = root_ / "scratch"});
    EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().to_string());
    if (!rows) return {};
    EXPECT_EQ(rows->size(), 10u);
    text_ = table_of(*rows);
    return rows->front();
  }

  std::filesystem::path root_;
  std::string text_;
  os::PosixWorld world_;
};

TEST_F(WithoutCheckerTest, GetsAway_WhenItsCasePasses_AndThatCaseIsOneThatBreaksNoOtherPromise) {
  mutant("one", "*", "[]", 12);
  const WithoutChecker row = first_row();
  EXPECT_EQ(row.let_through, "one") << row.trouble;
  EXPECT_THAT(row.replay, testing::HasSubstr("replay 'case-7' --without-checker 1"));
  EXPECT_THAT(text_, testing::HasSubstr("  1  one\n"));
  EXPECT_THAT(text_, testing::HasSubstr("  2  none\n"));
}

TEST_F(WithoutCheckerTest, TriesTheNextOne_WhenAnotherCheckerSeesItAllTheSame) {
  mutant("one", "*", "[]", 12);
  mutant("narrow", "a-story", R"([{"promise":4,"case":"case-7","what":"two"}])", 11);
  const WithoutChecker row = first_row();
  EXPECT_EQ(row.let_through, "one");
  EXPECT_THAT(row.seen_anyway, testing::ElementsAre("narrow (4)"));
}

TEST_F(WithoutCheckerTest, IsTrouble_WhenTheProgramSaysItPassedWithAnythingButNotEnoughEvidence) {
  mutant("one", "*", "[]", 0);
  EXPECT_NE(first_row().trouble, "");
  mutant("one", "*", "[]", 1);
  const WithoutChecker row = first_row();
  EXPECT_NE(row.trouble, "");
  EXPECT_EQ(row.let_through, "");
}

TEST_F(WithoutCheckerTest, IsTrouble_WhenTheDrillDoesNotCatchTheMutantAtAll) {
  mutant("one", "*", "[]", 12, "[]");
  EXPECT_THAT(first_row().trouble, testing::HasSubstr("does not catch it"));
}

}  // namespace
}  // namespace rollproof::mutant
