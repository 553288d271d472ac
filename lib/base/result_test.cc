#include "lib/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace rollproof {
namespace {

Result<std::unique_ptr<int>> number_or(bool works) {
  if (!works) return fail(Code::locked, "sector 7: taken", "/a/b", "wait");
  return std::make_unique<int>(41);
}

Status checked(bool works, int& reached) {
  ROLLPROOF_TRY(number_or(works));
  ++reached;
  return {};
}

Result<int> one_more(bool first, bool second) {
  ROLLPROOF_ASSIGN(auto one, number_or(first));
  ROLLPROOF_ASSIGN(const auto two, number_or(second));
  return *one + *two;
}

TEST(Result, NamesAreStableAndDifferent) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Code::internal); ++i) names.insert(name_of(static_cast<Code>(i)));
  EXPECT_EQ(names.size(), static_cast<size_t>(Code::internal) + 1);
  EXPECT_EQ(name_of(Code::no_space), "no_space");
  EXPECT_EQ(name_of(Code::outcome_unknown), "outcome_unknown");
}

TEST(Result, TextCarriesThePathOnlyWhenThereIsOne) {
  EXPECT_EQ((Error{Code::io, "read of 5 bytes", "/a", "look"}).to_string(), "read of 5 bytes (/a)");
  EXPECT_EQ((Error{Code::io, "read of 5 bytes"}).to_string(), "read of 5 bytes");
}

TEST(Result, TryReturnsTheWholeErrorAndStops) {
  int reached = 0;
  EXPECT_TRUE(checked(true, reached));
  EXPECT_EQ(reached, 1);
  const Status failed = checked(false, reached);
  ASSERT_FALSE(failed);
  EXPECT_EQ(reached, 1);
  EXPECT_EQ(failed.error().code, Code::locked);
  EXPECT_EQ(failed.error().message, "sector 7: taken");
  EXPECT_EQ(failed.error().path, "/a/b");
  EXPECT_EQ(failed.error().hint, "wait");
}

TEST(Result, AssignMovesTheValueOrReturnsTheError) {
  ASSERT_TRUE(one_more(true, true));
  EXPECT_EQ(*one_more(true, true), 82);
  EXPECT_FALSE(one_more(false, true));
  EXPECT_FALSE(one_more(true, false));
}

}  // namespace
}  // namespace rollproof
