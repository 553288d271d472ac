#include "harness/process/in_parallel.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace rollproof::process {
namespace {

using Say = std::function<void(const std::string&)>;

TEST(InParallel, BringsBackLinesAndErrorsByPiece) {
  std::vector<Piece> pieces;
  for (int i = 0; i < 7; ++i) {
    pieces.push_back([i](const Say& say) -> Status {
      for (int n = 0; n < i; ++n) say(std::to_string(i * 10 + n));
      if (i == 5) return fail(Code::no_permission, "five may not", "here");
      return {};
    });
  }
  const auto done = in_parallel(pieces, 3);
  ASSERT_TRUE(done) << done.error().to_string();
  ASSERT_EQ(done->size(), 7u);
  EXPECT_EQ((*done)[3].lines, (std::vector<std::string>{"30", "31", "32"}));
  for (int i = 0; i < 7; ++i) EXPECT_EQ((*done)[static_cast<size_t>(i)].error.has_value(), i == 5);
  EXPECT_EQ((*done)[5].error->code, Code::no_permission);
  EXPECT_EQ((*done)[5].error->message, "five may not (here)");
}

TEST(InParallel, SaysThatAProcessDied_AndGoesOnWithTheOthers) {
  const std::vector<Piece> pieces = {[](const Say& say) -> Status { say("before"); ::kill(::getpid(), SIGKILL); return {}; },
                                     [](const Say& say) -> Status { say("other"); return {}; }};
  const auto done = in_parallel(pieces, 2);
  ASSERT_TRUE(done);
  ASSERT_TRUE((*done)[0].error);
  EXPECT_EQ((*done)[0].error->code, Code::internal);
  EXPECT_EQ((*done)[0].lines, (std::vector<std::string>{"before"}));
  EXPECT_FALSE((*done)[1].error);
}

TEST(AtWork, IsKilledAndReaped_WhenNobodyWaits) {
  pid_t pid = 0;
  {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const auto work = AtWork::start({[&](const Say&) -> Status {
      const pid_t own = ::getpid();
      EXPECT_EQ(::write(ends[1], &own, sizeof own), static_cast<ssize_t>(sizeof own));
      ::pause();
      return {};
    }}, 1);
    ASSERT_TRUE(work);
    ASSERT_EQ(::read(ends[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    EXPECT_EQ(::kill(pid, 0), 0);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace rollproof::process
