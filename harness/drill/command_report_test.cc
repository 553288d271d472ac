#include "harness/drill/command_report.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "harness/drill/own_folder_test.h"
#include "reports/views.h"

namespace rollproof::drill {
namespace {

struct Command {
  int code = -1;
  std::string out, err;
};

// `report` with these words, as the program runs it.
Command report(std::vector<std::string> words) {
  CLI::App app;
  Command command;
  add_report_command(app, command.code);
  words.insert(words.begin(), "report");
  std::reverse(words.begin(), words.end());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  app.parse(words);
  command.out = testing::internal::GetCapturedStdout();
  command.err = testing::internal::GetCapturedStderr();
  return command;
}

class Report : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return os::join(scratch_.path(), name); }
  std::string file(const std::string& name, const std::string& text) {
    EXPECT_TRUE(os::replace_file(files_, path(name), text));
    return path(name);
  }
  std::string sample() const { return ROLLPROOF_SOURCE_DIR "/reports/samples/failing/run.json"; }

  os::ScratchDirectory scratch_;
  os::PosixFileSystem files_;
};

TEST_F(Report, GivesTheSameBytes_EachTime) {
  for (const reports::View& view : reports::views()) {
    const std::vector<std::string> words = {"--from", sample(), "--format", std::string(view.format)};
    const Command first = report(words), second = report(words);
    EXPECT_EQ(first.code, 0) << view.format << ": " << first.err;
    EXPECT_EQ(first.out, second.out) << view.format;
    EXPECT_FALSE(first.out.empty()) << view.format;
  }
}

TEST_F(Report, RefusesWhatItCanNotRead_AndSaysWhatToDo) {
  const Command newer = report({"--from", file("newer.json", R"({"schema_version": 7})"), "--format", "html"});
  EXPECT_EQ(newer.code, 2);
  EXPECT_EQ(newer.out, "");
  EXPECT_NE(newer.err.find("schema_version 7"), std::string::npos) << newer.err;
  EXPECT_NE(newer.err.find("newer.json"), std::string::npos) << newer.err;
  EXPECT_EQ(report({"--from", file("short.json", R"({"schema_version": 1)")}).code, 2);
  EXPECT_EQ(report({"--from", path("absent.json")}).code, 2);
  const Command misspelt = report({"--from", sample(), "--format", "prometeus"});
  EXPECT_EQ(misspelt.code, 2);
  EXPECT_NE(misspelt.err.find("Did you mean \"prometheus\""), std::string::npos) << misspelt.err;
  EXPECT_EQ(report({"--from", path("newer.json"), "--out", path("out")}).code, 2);
}

TEST_F(Report, ReadsARecordInWhichMembersAreMissing) {
  EXPECT_EQ(report({"--from", file("odd.json", R"({"schema_version": 1, "coverage": {}, "scenarios": [{"cases": {"run": 1}, "fault": {"kind": "intruder"}}]})")}).code, 0);
}

TEST_F(Report, WritesEveryView_WithSumsThatVerify) {
  ASSERT_TRUE(os::make_directories(files_, path("views")));
  file("views/finding-1.json", "{}\n");
  EXPECT_EQ(report({"--from", sample(), "--out", path("views")}).code, 0);
  EXPECT_NE(os::read_file(files_, path("views/SHA256SUMS"))->find("  finding-1.json\n"), std::string::npos);
  for (const reports::View& view : reports::views()) EXPECT_TRUE(os::read_file(files_, path("views/" + std::string(view.file)))) << view.file;
  EXPECT_EQ(*os::read_file(files_, path("views/run.json")), *os::read_file(files_, sample()));
  const std::string verify = "cd '" + path("views") + "' && sha256sum --strict --quiet -c SHA256SUMS >/dev/null 2>&1";
  EXPECT_EQ(std::system(verify.c_str()), 0);
  file("views/checklist.md", "all is well\n");
  EXPECT_NE(std::system(verify.c_str()), 0);
}

TEST_F(Report, TellsGithub_OnlyInAJobOfIts) {
  ASSERT_EQ(report({"--from", sample(), "--out", path("views")}).code, 0);
  const std::string summary = file("summary.md", "# of another step\n");
  ::setenv("GITHUB_STEP_SUMMARY", summary.c_str(), 1);
  ::unsetenv("GITHUB_ACTIONS");
  testing::internal::CaptureStdout();
  tell_github(path("views"));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  ::setenv("GITHUB_ACTIONS", "true", 1);
  testing::internal::CaptureStdout();
  tell_github(path("views"));
  EXPECT_EQ(testing::internal::GetCapturedStdout().substr(0, 8), "::error ");
  EXPECT_EQ(os::read_file(files_, summary)->substr(0, 24), "# of another step\n## ✗");
  ::unsetenv("GITHUB_ACTIONS");
}

}  // namespace
}  // namespace rollproof::drill
