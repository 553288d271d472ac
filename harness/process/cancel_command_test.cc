// `rollproof cancel` against a migration of 100,000 records that is really at work in another process.
#include <signal.h>
#include <unistd.h>

#include "fixtures/database.h"
#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

class CancelCommand : public CommandLine {
 protected:
  void begin_large() {
    const std::string database = scratch / "large";
    ASSERT_EQ(fixtures::write_large_lookcoin(database, 100'000, 1), "");
    begin({{"migrate", "--through", "dual-write", "--execute"}, {"put", "56-Before", "1"}}, database);
  }

  // Cancels a copy that is at work.
  void cancel_in_the_copy() {
    auto holder = Running::start(given.command({"migrate", "--execute"}));
    ASSERT_TRUE(holder);
    for (;;) {
      ASSERT_FALSE(holder->ended()) << "the copy was over before it was cancelled";
      const auto standing = standing_of(given);
      ASSERT_TRUE(standing) << standing.error().to_string();
      if (standing->step == "copy/copy-records") break;
      ::usleep(500);
    }
    // Held still while it is asked, so that the next batch is what sees the request.
    ASSERT_TRUE(holder->hold());
    const auto asked = given.rollproof({"cancel"});
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->exit_code, 0) << asked->to_string();
    EXPECT_NE(asked->output.find(fmt::format("pid {}", holder->pid())), std::string::npos) << asked->to_string();
    EXPECT_TRUE(std::ifstream(given.path(".rollproof/cancel")).good());
    expect({"cancel", "--wait", "1"}, 24, "still at work");
    ASSERT_TRUE(holder->send(SIGCONT));
    const auto stopped = holder->wait(60'000);
    ASSERT_TRUE(stopped);
    EXPECT_EQ(stopped->exit_code, 25) << stopped->to_string();
    EXPECT_NE(stopped->errors.find("rollback --execute"), std::string::npos) << stopped->to_string();
    const auto standing = standing_of(given);
    ASSERT_TRUE(standing);
    EXPECT_TRUE(standing->active);
    EXPECT_FALSE(standing->copied);
    EXPECT_EQ(given.leftovers(true), "");
  }
};

TEST_F(CancelCommand, StopsACopy_WhichMigrateThenGoesOnWith) {
  begin_large();
  cancel_in_the_copy();
  expect({"put", "56-Between", "2"}, 0);
  given.expected()["56-Between"] = "2";
  expect({"recover"}, 0);
  expect({"migrate", "--execute"}, 0);
  expect({"verify"}, 0);
  const auto target = given.read_target();
  ASSERT_TRUE(target) << target.error().to_string();
  EXPECT_EQ(given.compare(*target, "target"), "");
}

TEST_F(CancelCommand, StopsACopy_WhichRollbackThenTakesBack) {
  begin_large();
  cancel_in_the_copy();
  expect({"rollback", "--execute"}, 0);
  expect_source_as_expected();
  EXPECT_FALSE(given.target_exists());
  EXPECT_EQ(given.leftovers(false), "");
}

TEST_F(CancelCommand, DoesNotCancelARollback) {
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 20'000, 1), "");
  begin({{"migrate", "--execute"}, {"put", "56-New", "1"}}, database);
  auto holder = Running::start(given.command({"rollback", "--execute"}));
  ASSERT_TRUE(holder);
  for (;;) {
    ASSERT_FALSE(holder->ended()) << "the rollback was over before it was asked";
    const auto standing = standing_of(given);
    if (standing && standing->operation == "rollback") break;
    ::usleep(500);
  }
  ASSERT_TRUE(holder->hold());
  expect({"cancel"}, 23, "not cancelled");
  ASSERT_TRUE(holder->send(SIGCONT));
  const auto finished = holder->wait(60'000);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->ok()) << finished->to_string();
  expect_source_as_expected();
  EXPECT_EQ(given.leftovers(false), "");
}

TEST_F(CancelCommand, SaysSo_WhenNobodyIsAtWork) {
  begin();
  const Footprint before = footprint_of(given.folder());
  EXPECT_NE(output_of({"cancel"}).find("nobody"), std::string::npos);
  EXPECT_EQ(difference(before, footprint_of(given.folder())), "");
  expect({"migrate", "--through", "copy", "--execute"}, 0);
  const Footprint active = footprint_of(given.folder());
  EXPECT_NE(output_of({"cancel"}).find("nobody"), std::string::npos);
  EXPECT_EQ(difference(active, footprint_of(given.folder())), "");
  // A request to somebody who is gone stops nobody.
  std::ofstream(given.path(".rollproof/cancel")) << "pid 1 (rollproof migrate by somebody@there, since 1 ms)";
  expect({"migrate", "--execute"}, 0);
  EXPECT_EQ(given.leftovers(true), "");
}

}  // namespace
}  // namespace rollproof::process
