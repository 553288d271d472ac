// Commands that look, beside commands that write all the time: what they say is true, or that somebody is at work.
#include <atomic>
#include <map>
#include <thread>

#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

class OvertakenCommand : public CommandLine {};

TEST_F(OvertakenCommand, SaysNothingFalse_WhileOthersPut) {
  begin({{"migrate", "--execute"}});
  // Of each reading command how it may end beside puts: well, or locked out; `doctor` names the holder as its finding.
  const std::vector<std::pair<Arguments, int>> readers = {{{"get", "56-LookCoin"}, 0}, {{"scan"}, 0}, {{"verify"}, 0}, {{"can-rollback"}, 0}, {{"status"}, 0}, {{"doctor"}, 27}, {{"plan"}, 0},
                                                          {{"backup", "list", "--verify"}, 0}, {{"report", "migration"}, 0}};
  std::atomic<bool> over = false;
  std::map<int, int> puts;
  std::thread writer([&] {
    for (int n = 0; !over; ++n) {
      const auto put = given.rollproof({"put", fmt::format("56-New{}", n % 7), std::to_string(n)});
      ++puts[put ? put->exit_code : -1];
    }
  });
  for (int round = 0; round < 8; ++round) {
    for (const auto& [command, well] : readers) {
      const auto answer = given.rollproof(command);
      EXPECT_TRUE(answer);
      if (!answer) continue;
      EXPECT_TRUE(answer->exit_code == 0 || answer->exit_code == well || answer->exit_code == 24) << answer->to_string();
      for (const char* alarm : {"gone", "another program", "somebody else", "differ in", "damage:", "was interrupted", "begun and not ended"}) {
        EXPECT_EQ((answer->output + answer->errors).find(alarm), std::string::npos) << answer->to_string();
      }
    }
  }
  over = true;
  writer.join();
  EXPECT_GT(puts[0], 0);
  for (const auto& [code, count] : puts) EXPECT_TRUE(code == 0 || code == 24) << count << " puts ended with " << code;
  expect({"verify"}, 0);
}

}  // namespace
}  // namespace rollproof::process
