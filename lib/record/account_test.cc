#include "lib/record/account.h"

#include <gtest/gtest.h>

namespace rollproof::record {
namespace {

TEST(Account, CountsWhatValuesAreMadeOf) {
  Account account;
  account.add({"56-A", R"({"a":1,"b":[0.10,"x",{"c":null}]})"});
  account.add({"56-B", R"({"z":123456789012345678901234567890,"z":true})"});
  EXPECT_EQ(account.records, 2u);
  EXPECT_EQ(account.key_bytes, 8u);
  EXPECT_EQ(account.value_bytes, 33u + 45u);
  EXPECT_EQ(account.json_values, 2u);
  EXPECT_EQ(account.objects, 3u);
  EXPECT_EQ(account.arrays, 1u);
  EXPECT_EQ(account.members, 5u) << "a repeated name is one more";
  EXPECT_EQ(account.texts, 1u);
  EXPECT_EQ(account.numbers, 3u);
  EXPECT_EQ(account.numbers_not_javascript, 2u) << "0.10 would become 0.1, and 30 digits a power of ten";
  EXPECT_EQ(account.values_not_javascript, 2u);
}

TEST(Account, CountsNothingInsideAValueThatIsNotJson) {
  Account account;
  account.add({"odd", R"({"a":1,"b":)"});
  EXPECT_EQ(account.other_values, 1u);
  EXPECT_EQ(account.json_values, 0u);
  EXPECT_EQ(account.numbers, 0u);
  EXPECT_EQ(account.value_bytes, 11u);
}

}  // namespace
}  // namespace rollproof::record
