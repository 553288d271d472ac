#include <gmock/gmock.h>

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

using testing::HasSubstr;

// A folder as a drill writes it out, from a good story.
class Oracle : public testing::Test {
 protected:
  Oracle() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rollproof-oracle-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    story_.cut_over();
    for (const auto& [key, value] : records_) expected_ += fmt::format("{}\"{}\":\"{}\"", expected_.empty() ? "" : ",", key, escaped(value));
    write("expected.json", "{" + expected_ + "}");
    write("bscmainnet.unified.json", unified_text("bscmainnet", records_));
    write("audit.jsonl", story_.trail.audit);
    write("notifications.jsonl", story_.trail.notifications);
  }
  ~Oracle() override { std::filesystem::remove_all(folder_); }

  static std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return out;
  }

  void write(const std::string& name, const std::string& bytes) { std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes; }

  // What it prints; its exit code goes to `code_`.
  std::string run() {
    const std::string command = "/usr/bin/python3 '" ROLLPROOF_SOURCE_DIR "/harness/check/oracle.py' '" + folder_ + "' 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    char piece[4096];
    for (size_t got; (got = fread(piece, 1, sizeof piece, pipe)) > 0;) text.append(piece, got);
    const int status = pclose(pipe);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return text;
  }

  std::string folder_;
  Story story_;
  Map records_ = {{"56-A", "{\"n\":0.10,\"big\":1000000000000000000000000001,\"n\":-0}"}, {"56-B", "[1e400, 2]"}};
  std::string expected_;
  int code_ = -1;
};

TEST_F(Oracle, FindsNothing_WhenEverythingIsThere) {
  EXPECT_EQ(run(), "");
  EXPECT_EQ(code_, 0);
}

TEST_F(Oracle, NamesTheRecord_WhenADigitIsLost) {
  records_["56-A"] = "{\"n\":0.1,\"big\":1000000000000000000000000001,\"n\":-0}";
  write("bscmainnet.unified.json", unified_text("bscmainnet", records_));
  EXPECT_THAT(run(), HasSubstr("(equal as decimals)"));
  EXPECT_EQ(code_, 1);
  records_["56-A"] = "{\"n\":0.10,\"big\":1000000000000000000000000000,\"n\":-0}";
  write("bscmainnet.unified.json", unified_text("bscmainnet", records_));
  EXPECT_THAT(run(), HasSubstr("56-A: the text differs"));
  EXPECT_THAT(run(), HasSubstr("(not equal as decimals)"));
}

TEST_F(Oracle, NamesTheRecord_WhenOneIsMissingOrTooMuch) {
  records_.erase("56-A");
  records_["56-C"] = "1";
  write("bscmainnet.unified.json", unified_text("bscmainnet", records_));
  const std::string said = run();
  EXPECT_THAT(said, HasSubstr("56-A is missing"));
  EXPECT_THAT(said, HasSubstr("b'56-C' is there and nobody expects it"));
}

TEST_F(Oracle, SeesTheChecksumAndACutFile) {
  std::string text = unified_text("bscmainnet", records_);
  write("bscmainnet.unified.json", text.substr(0, text.size() / 2));
  EXPECT_THAT(run(), HasSubstr("bscmainnet.unified.json can not be read"));
  text[text.find("1e400")] = '3';
  write("bscmainnet.unified.json", text);
  EXPECT_THAT(run(), HasSubstr("the checksum does not fit"));
}

TEST_F(Oracle, SeesABrokenChain) {
  std::string text = story_.trail.audit;
  text[text.find("\"facts\":{}") + 2] = 'F';
  write("audit.jsonl", text);
  EXPECT_THAT(run(), HasSubstr("audit.jsonl line 6: its hash does not fit its content"));
  write("audit.jsonl", story_.trail.audit.substr(story_.trail.audit.find('\n') + 1));
  EXPECT_THAT(run(), HasSubstr("it does not follow the line before"));
}

TEST_F(Oracle, SeesAMissingAndADoubledNotification) {
  const std::string& lines = story_.trail.notifications;
  const std::string second = lines.substr(lines.find('\n') + 1);
  write("notifications.jsonl", second);
  EXPECT_THAT(run(), HasSubstr("nobody was notified of START at position 2"));
  write("notifications.jsonl", lines + second);
  EXPECT_THAT(run(), HasSubstr("notification 8 went out twice"));
}

TEST_F(Oracle, RefusesAFolderWithoutExpectations) {
  std::filesystem::remove(folder_ + "/expected.json");
  run();
  EXPECT_EQ(code_, 2);
}

}  // namespace
}  // namespace rollproof::check
