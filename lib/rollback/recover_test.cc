// What a recovery does with a request to stop that was made to the process whose work it carries on.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/migrate/cancel.h"
#include "lib/rollback/ground_test.h"
#include "lib/rollback/recover.h"

namespace rollproof::rollback {
namespace {

// A process that is asked to stop when it comes to `step` of `phase`, and dies there.
void die_asked_to_stop(Workspace& given, const std::string& phase, const std::string& step) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    migrate::SessionOptions options;
    options.progress = [&](const migrate::Progress& progress) {
      if (progress.phase != phase || progress.step != step) return;
      const auto config = migrate::read_config(given.world().files, given.config());
      const auto asked = config ? migrate::request_cancel(given.world(), *config) : fail(config.error());
      ::_exit(asked && asked->kind == migrate::CancelAnswer::Kind::asked ? 0 : 1);
    };
    auto session = Session::open(given.world(), given.config(), options);
    if (session) (void)migrate::migrate(**session, {Phase::cutover, "test"});
    ::_exit(2);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  ASSERT_EQ(WEXITSTATUS(status), 0);
  ASSERT_TRUE(given.is_there(given.state("cancel")));
}

TEST(Recover, StopsWhereTheDeadProcessWasAskedTo) {
  Workspace given;
  die_asked_to_stop(given, "copy", "copy-records");
  const auto stopped = recover(given.world(), given.config(), {});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::cancelled);
  EXPECT_FALSE(given.look().operation);
  EXPECT_FALSE(given.look().is_done(Phase::copy));
  EXPECT_FALSE(given.is_there(given.state("cancel")));
  const auto again = recover(given.world(), given.config(), {});
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_FALSE(again->had_work);
  EXPECT_TRUE(given.migrate_through(Phase::cutover));
}

TEST(Recover, StopsAlsoBehindACommandThatWasRefused) {
  Workspace given;
  die_asked_to_stop(given, "copy", "copy-records");
  const auto refused = given.in_session([](Session& session) -> Status {
    return session.state().operation ? Status(fail(Code::stopped, "a migrate was interrupted")) : Status();
  });
  ASSERT_FALSE(refused);
  const auto stopped = recover(given.world(), given.config(), {});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::cancelled);
}

TEST(Recover, GoesOn_WhereACommandIsTypedAnew) {
  Workspace given;
  die_asked_to_stop(given, "copy", "copy-records");
  EXPECT_TRUE(given.migrate_through(Phase::cutover));
}

TEST(Recover, GoesOnBehindTheCommitRecord) {
  Workspace given;
  die_asked_to_stop(given, "cutover", "final-check");
  const auto recovered = recover(given.world(), given.config(), {});
  ASSERT_TRUE(recovered) << recovered.error().to_string();
  EXPECT_TRUE(given.look().is_done(Phase::cutover));
  EXPECT_FALSE(given.is_there(given.state("cancel")));
}

}  // namespace
}  // namespace rollproof::rollback
