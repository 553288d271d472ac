#include "lib/base/zero.h"

#include <gtest/gtest.h>

#include <string>

namespace rollproof {
namespace {

TEST(Zero, FindsAnyOtherByteWhereverItIs) {
  EXPECT_TRUE(all_zero({}));
  for (const size_t length : {1u, 2u, 31u, 512u}) {
    std::string bytes(length, '\0');
    EXPECT_TRUE(all_zero(bytes)) << length;
    for (size_t at = 0; at < length; ++at) {
      bytes[at] = '\x80';
      EXPECT_FALSE(all_zero(bytes)) << at << " of " << length;
      bytes[at] = '\0';
    }
  }
  EXPECT_FALSE(all_zero(std::string(512, 'a'))) << "all alike, and not zero";
}

}  // namespace
}  // namespace rollproof
