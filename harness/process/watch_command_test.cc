// `rollproof status --watch` beside a migration that is really at work.
#include <signal.h>
#include <unistd.h>

#include "fixtures/database.h"
#include "harness/process/ground_test.h"

namespace rollproof::process {
namespace {

class WatchCommand : public CommandLine {};

TEST_F(WatchCommand, EndsAtOnce_WhenNobodyIsAtWork) {
  begin({{"migrate", "--execute"}});
  EXPECT_NE(output_of({"status"}).find("rollproof can-rollback"), std::string::npos);
  EXPECT_EQ(output_of({"status", "--watch"}), "nobody is at work\n");
  ASSERT_TRUE(given.must({"rollback", "--to", "copy", "--execute"}));
  EXPECT_NE(output_of({"status"}).find("the last one here took"), std::string::npos);
}

TEST_F(WatchCommand, FollowsAMigration_ShowsItsProgress_AndEndsWithIt) {
  const std::string database = scratch / "large";
  ASSERT_EQ(fixtures::write_large_lookcoin(database, 100'000, 1), "");
  begin({{"migrate", "--through", "dual-write", "--execute"}}, database);
  auto holder = Running::start(given.command({"migrate", "--execute"}));
  ASSERT_TRUE(holder);
  for (;;) {
    ASSERT_FALSE(holder->ended()) << "the copy was over before it was watched";
    const auto standing = standing_of(given);
    if (standing && standing->step == "copy/copy-records") break;
    ::usleep(200);
  }
  ASSERT_TRUE(holder->hold());
  // Time goes on while it stands still: what it says next is older than a second, and so it is written down.
  ::usleep(1'100'000);
  auto watcher = Running::start(given.command({"status", "--watch"}));
  ASSERT_TRUE(watcher);
  ASSERT_TRUE(holder->send(SIGCONT));
  bool shown = false;
  while (!shown && !holder->ended()) {
    const auto seen = given.rollproof({"--json", "status"});
    ASSERT_TRUE(seen);
    shown = seen->output.find("\"records_total\": 100000") != std::string::npos;
  }
  EXPECT_TRUE(shown) << "nothing of its progress could be read";
  const auto migrated = holder->wait(120'000);
  ASSERT_TRUE(migrated);
  EXPECT_TRUE(migrated->ok()) << migrated->to_string();
  const auto watched = watcher->wait(60'000);
  ASSERT_TRUE(watched);
  EXPECT_EQ(watched->exit_code, 0) << watched->to_string();
  EXPECT_NE(watched->output.find("copy/copy-records"), std::string::npos) << watched->to_string();
  EXPECT_NE(watched->output.find("nobody is at work"), std::string::npos) << watched->to_string();
  EXPECT_EQ(given.leftovers(true), "");
}

TEST_F(WatchCommand, EndsWithAnInterrupt) {
  begin({{"migrate", "--execute"}});
  auto holder = Running::start(given.command({"put", "56-New", "1"}));
  ASSERT_TRUE(holder);
  const std::string pid = fmt::format("pid {}", holder->pid());
  for (;;) {
    if (holder->ended()) GTEST_SKIP() << "the holder was faster than the signal";
    std::ifstream lock(given.path(".rollproof/lock"));
    if (std::string(std::istreambuf_iterator<char>(lock), {}).find(pid) != std::string::npos) break;
  }
  ASSERT_TRUE(holder->hold());
  if (holder->ended()) GTEST_SKIP() << "the holder was faster than the signal";
  auto watcher = Running::start(given.command({"status", "--watch"}));
  ASSERT_TRUE(watcher);
  ::usleep(300'000);
  ASSERT_FALSE(watcher->ended());
  ASSERT_TRUE(watcher->send(SIGINT));
  const auto watched = watcher->wait(10'000);
  ASSERT_TRUE(watched);
  EXPECT_EQ(watched->exit_code, 130) << watched->to_string();
  ASSERT_TRUE(holder->send(SIGCONT));
  const auto put = holder->wait(60'000);
  ASSERT_TRUE(put);
  EXPECT_TRUE(put->ok()) << put->to_string();
}

}  // namespace
}  // namespace rollproof::process
