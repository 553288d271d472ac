#include "harness/fault/damage.h"

#include <gtest/gtest.h>

namespace rollproof::fault {
namespace {

std::string bytes_after(const char* text, const std::string& before, bool expected) {
  sim::Image image;
  image.put("a/b", before);
  EXPECT_EQ(Damage::parse(text)->apply(image), expected) << text;
  return image.exists("a/b") ? *image.read("a/b") : "gone";
}

TEST(Damage, ChangesWhatItNames_AndNothingElse) {
  EXPECT_EQ(bytes_after("damage(after 0, flip a/b 1)", "abc", true), "acc");
  EXPECT_EQ(bytes_after("damage(after 0, cut a/b 2)", "abc", true), "ab");
  EXPECT_EQ(bytes_after("damage(after 0, lose a/b)", "abc", true), "gone");
  EXPECT_EQ(bytes_after("damage(after 0, zero a/b 1)", std::string(600, 'x'), true), "x" + std::string(512, '\0') + std::string(87, 'x'));
}

TEST(Damage, SaysWhenNothingChanged) {
  EXPECT_EQ(bytes_after("damage(after 0, flip a/b 3)", "abc", false), "abc");
  EXPECT_EQ(bytes_after("damage(after 0, cut a/b 3)", "abc", false), "abc");
  EXPECT_EQ(bytes_after("damage(after 0, zero a/b 0)", std::string(3, '\0'), false), std::string(3, '\0'));
  EXPECT_EQ(bytes_after("damage(after 0, lose a/c)", "abc", false), "abc");
}

}  // namespace
}  // namespace rollproof::fault
