// The ground of the tests that run the real command: a folder with a real source, and what a command has to end with. Only tests
// include this.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/process/workspace.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::process {

using Arguments = std::vector<std::string>;

inline const std::string kProgram = std::string(ROLLPROOF_BUILD_DIR) + "/rollproof";
inline const std::string kDatabase = std::string(ROLLPROOF_SOURCE_DIR) + "/fixtures/lookcoin-28";

class CommandLine : public testing::Test {
 protected:
  void begin(const std::vector<Arguments>& commands = {}, const std::string& database = kDatabase) {
    const auto begun = given.begin_with(database);
    ASSERT_TRUE(begun) << begun.error().to_string();
    for (const auto& command : commands) {
      const auto done = given.must(command);
      ASSERT_TRUE(done) << done.error().to_string();
    }
  }

  // Runs it, demands the exit code and that stderr holds the text.
  void expect(const Arguments& command, int exit_code, const std::string& text = "") {
    const auto finished = given.rollproof(command);
    ASSERT_TRUE(finished) << finished.error().to_string();
    EXPECT_EQ(finished->exit_code, exit_code) << fmt::format("{}", fmt::join(command, " ")) << "\n" << finished->to_string();
    EXPECT_NE(finished->errors.find(text), std::string::npos) << "wanted \"" << text << "\"\n" << finished->to_string();
  }

  void expect_source_as_expected() {
    const auto records = given.read_source();
    ASSERT_TRUE(records) << records.error().to_string();
    EXPECT_EQ(given.compare(*records, "source"), "");
  }

  void configure(const std::string& text) { std::ofstream(given.path("rollproof.json"), std::ios::trunc) << text; }

  // What it printed on stdout; it has to end with 0.
  std::string output_of(const Arguments& command, int exit_code = 0) {
    const auto finished = given.rollproof(command);
    EXPECT_TRUE(finished) << finished.error().to_string();
    if (!finished) return "";
    EXPECT_EQ(finished->exit_code, exit_code) << fmt::format("{}", fmt::join(command, " ")) << "\n" << finished->to_string();
    return finished->output;
  }

  os::ScratchDirectory scratch;
  Workspace given{kProgram, scratch / "given"};
};

}  // namespace rollproof::process
