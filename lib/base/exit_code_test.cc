#include "lib/base/exit_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace rollproof {
namespace {

ExitCode code(int number) { return static_cast<ExitCode>(number); }

TEST(ExitCode, TableHoldsEveryNumberOnceInOrder) {
  std::vector<int> numbers;
  for (const ExitCodeRow& row : exit_code_table()) {
    numbers.push_back(static_cast<int>(row.code));
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_EQ(row.meaning.find('\n'), std::string_view::npos);
    EXPECT_EQ(meaning_of(row.code), row.meaning);
  }
  EXPECT_EQ(numbers, (std::vector<int>{0, 1, 2, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 77, 130, 143}));
  EXPECT_EQ(meaning_of(code(99)), "unknown exit code");
}

TEST(ExitCode, MapsEveryErrorCode) {
  const std::pair<Code, int> expected[] = {
      {Code::invalid, 2},         {Code::not_found, 28},     {Code::already_exists, 23}, {Code::io, 21},
      {Code::no_space, 29},       {Code::no_permission, 29}, {Code::corruption, 21},     {Code::locked, 24},
      {Code::differs, 22},        {Code::refused, 23},       {Code::outcome_unknown, 25}, {Code::stopped, 25},
      {Code::needs_person, 21},   {Code::backup_damaged, 26}, {Code::cancelled, 25},     {Code::internal, 1},
  };
  EXPECT_EQ(std::size(expected), static_cast<size_t>(Code::internal) + 1) << "a new error code needs an exit code";
  for (const auto& [error, number] : expected) EXPECT_EQ(static_cast<int>(exit_code_of(error)), number) << name_of(error);
}

TEST(ExitCode, EarlierInTheListWins_WhateverTheOrderOfTheOutcomes) {
  const int order[] = {21, 11, 26, 22, 12, 20, 10, 13, 14};
  for (size_t high = 0; high < std::size(order); ++high) {
    for (size_t low = high; low < std::size(order); ++low) {
      const ExitCode forward[] = {code(0), code(order[low]), code(order[high])};
      const ExitCode backward[] = {code(order[high]), code(order[low]), code(0)};
      EXPECT_EQ(most_important(forward), code(order[high])) << order[high] << " against " << order[low];
      EXPECT_EQ(most_important(backward), code(order[high])) << order[high] << " against " << order[low];
    }
  }
}

TEST(ExitCode, ACodeOutsideTheListBeatsOnlyDone) {
  EXPECT_EQ(most_important({}), ExitCode::done);
  const ExitCode all_done[] = {ExitCode::done, ExitCode::done};
  EXPECT_EQ(most_important(all_done), ExitCode::done);
  const ExitCode locked[] = {ExitCode::done, ExitCode::locked};
  EXPECT_EQ(most_important(locked), ExitCode::locked);
  const ExitCode listed[] = {ExitCode::locked, ExitCode::policy};
  EXPECT_EQ(most_important(listed), ExitCode::policy);
}

}  // namespace
}  // namespace rollproof
