// Somebody's migration or rollback was killed and nobody has recovered yet: users' writes do not wait for that, and nothing of them is lost.
#include <signal.h>
#include <unistd.h>

#include "fixtures/database.h"
#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

class InterruptedCommand : public CommandLine {
 protected:
  // With `step` begun and not done.
  void kill_in(const Arguments& command, const std::string& step) {
    auto running = Running::start(given.command(command));
    ASSERT_TRUE(running);
    for (;;) {
      ASSERT_FALSE(running->ended()) << "over before it was killed";
      const auto standing = standing_of(given);
      ASSERT_TRUE(standing) << standing.error().to_string();
      if (standing->step == step) break;
      ::usleep(300);
    }
    ASSERT_TRUE(running->send(SIGKILL));
    ASSERT_TRUE(running->wait(10'000));
    const auto standing = standing_of(given);
    ASSERT_TRUE(standing);
    ASSERT_NE(standing->operation, "") << "it was over before the signal came";
  }
  void write(const std::string& key) {
    expect({"put", key, "2"}, 0, "was interrupted and waits for `rollproof recover`");
    given.expected()[key] = "2";
  }
};

TEST_F(InterruptedCommand, WritesGoOnBehindACopy) {
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 20'000, 1), "");
  begin({}, database);
  ASSERT_NO_FATAL_FAILURE(kill_in({"migrate", "--execute"}, "copy/copy-records"));
  write("56-Between");
  expect({"delete", "56-Between"}, 0);
  given.expected().erase("56-Between");
  write("56-Between-2");
  expect({"recover"}, 0);
  expect({"verify"}, 0);
  const auto target = given.read_target();
  ASSERT_TRUE(target) << target.error().to_string();
  EXPECT_EQ(given.compare(*target, "target"), "");
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
}

TEST_F(InterruptedCommand, WritesGoOnBehindARollback) {
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 20'000, 1), "");
  begin({{"migrate", "--execute"}}, database);
  ASSERT_NO_FATAL_FAILURE(kill_in({"rollback", "--execute"}, "rollback/prove-source"));
  write("56-Between");
  expect({"recover"}, 0);
  expect_source_as_expected();
  EXPECT_FALSE(given.target_exists());
  EXPECT_EQ(given.leftovers(false), "");
}

}  // namespace
}  // namespace rollproof::process
