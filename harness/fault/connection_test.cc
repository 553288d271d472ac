#include "harness/fault/connection.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

TEST(Connection, PrintsItselfAndParsesBack_AndRefusesTheRest) {
  for (const char* text : {"connection(at 3, refused)", "connection(at 3, credentials)", "connection(at 3, lost)", "connection(at 3, unanswered)"}) {
    const auto connection = Connection::parse(text);
    ASSERT_TRUE(connection) << text;
    EXPECT_EQ(connection->to_string(), text);
    EXPECT_FALSE(connection->in_words().empty());
  }
  for (const char* text : {"connection(at 3)", "connection(at 3, cut)", "connection(at , lost)", "connection(at 3, lost) "}) EXPECT_FALSE(Connection::parse(text)) << text;
}

TEST(Connection, FiresOnce_AtACallThatItCanHit) {
  uint64_t fired = 0;
  const auto hook = Connection{Connection::Kind::unanswered, 3}.hook(fired, true);
  EXPECT_FALSE(hook({DatabaseCall::Kind::commit, 2}));
  EXPECT_FALSE(hook({DatabaseCall::Kind::query, 3})) << "only a commit has an outcome";
  const auto broken = hook({DatabaseCall::Kind::commit, 3});
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->error.code, Code::outcome_unknown);
  EXPECT_TRUE(broken->happened);
  EXPECT_FALSE(hook({DatabaseCall::Kind::commit, 3}));
  EXPECT_EQ(fired, 1u);
}

TEST(Connection, ALostOneHasDoneNothing) {
  uint64_t fired = 0;
  const auto broken = Connection{Connection::Kind::lost, 0}.hook(fired, true)({DatabaseCall::Kind::commit, 0});
  ASSERT_TRUE(broken);
  EXPECT_FALSE(broken->happened);
}

}  // namespace
}  // namespace rollproof::fault
