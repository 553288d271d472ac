// A command that somebody stops (SIGSTOP) and lets go on an hour later, by its clocks. The small real faults hold a process with ptrace; this one runs free.
#include <signal.h>
#include <unistd.h>

#include <fstream>

#include "fixtures/database.h"
#include "harness/process/ground_test.h"
#include "harness/process/real_case.h"

namespace rollproof::process {
namespace {

class StoppedCommand : public CommandLine {
 protected:
  Program with_clock(const Arguments& arguments) {
    Program program = given.command(arguments);
    set_clock("+0");
    program.environment = {{"LD_PRELOAD", faketime_library()}, {"FAKETIME_TIMESTAMP_FILE", scratch / "clock"}, {"FAKETIME_NO_CACHE", "1"}};
    return program;
  }
  void set_clock(const char* offset) { std::ofstream(scratch / "clock", std::ios::trunc) << offset << "\n"; }

  // In the step; false if the command has ended before it was seen there.
  bool stop_in(Running& running, const std::string& step) {
    while (!running.ended()) {
      const auto standing = standing_of(given);
      if (standing && standing->step == step) return running.hold();
      ::usleep(300);
    }
    return false;
  }

  // Events of the audit trail that bear a time of the moved clock.
  bool trail_has_time_after(int64_t wall_ms) {
    std::ifstream in(given.path(".rollproof/audit.jsonl"));
    const std::string name = "\"time_ms\":";
    for (std::string line; std::getline(in, line);) {
      const size_t at = line.find(name);
      if (at != std::string::npos && std::strtoll(line.c_str() + at + name.size(), nullptr, 10) > wall_ms) return true;
    }
    return false;
  }
};

TEST_F(StoppedCommand, KeepsItsLock_AndEndsWell_WhenAnHourHasPassed) {
  if (faketime_library().empty()) GTEST_SKIP() << "libfaketime is not there";
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 20'000, 1), "");
  begin({{"migrate", "--through", "dual-write", "--execute"}, {"put", "56-Before", "1"}}, database);
  auto holder = Running::start(with_clock({"migrate", "--through", "copy", "--execute"}));
  ASSERT_TRUE(holder);
  ASSERT_TRUE(stop_in(*holder, "copy/copy-records")) << "the copy was over before it was stopped";
  const std::string name = fmt::format("pid {}", holder->pid());
  for (const Arguments& command : {Arguments{"rollback", "--execute"}, {"recover"}, {"migrate", "--execute"}}) expect(command, 24, name);
  const int64_t now_ms = static_cast<int64_t>(::time(nullptr)) * 1000;
  set_clock("+61m");
  ASSERT_TRUE(holder->send(SIGCONT));
  const auto finished = holder->wait(60'000);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->exit_code, 0) << finished->to_string();
  EXPECT_TRUE(trail_has_time_after(now_ms + 60 * 60'000));
  // Our own clock is an hour behind what the journal has seen.
  expect({"recover"}, 0);
  expect({"verify"}, 0);
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");
}

}  // namespace
}  // namespace rollproof::process
