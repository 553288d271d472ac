#include "lib/base/words.h"

#include <gtest/gtest.h>

namespace rollproof {
namespace {

TEST(Words, CountsTheBytesThatChange) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("leveldb", "levelbd"), 2u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("sitting", "kitten"), 3u);
}

TEST(Words, FindsTheWordThatWasMeant) {
  const std::vector<std::string> known = {"source", "target", "backups"};
  EXPECT_EQ(nearest("sorce", known), "source");
  EXPECT_EQ(nearest("targets", known), "target");
  EXPECT_EQ(nearest("backups", known), "backups");
}

TEST(Words, FindsNone_WhenNoneIsNear) {
  EXPECT_EQ(nearest("zzzzzz", {"source", "target"}), "");
  EXPECT_EQ(nearest("", {"source"}), "");
  EXPECT_EQ(nearest("source", {}), "");
  EXPECT_EQ(nearest(std::string(100'000, 's'), {"source"}), "");
}

TEST(Words, FitPatterns) {
  for (const auto& [pattern, name] : {std::pair{"", ""}, {"*", ""}, {"**", ""}, {"*", "abc"}, {"abc", "abc"}, {"a*", "a"}, {"*c", "abc"}, {"a*c", "ac"},
                                      {"a*b*c", "a-b-b-c"}, {"*ab", "aab"}, {"*.copy.*", "x.copy.y"}, {"rollback*death*", "rollback-from-copy.process-death.x"}}) {
    EXPECT_TRUE(matches(pattern, name)) << pattern << " " << name;
  }
  for (const auto& [pattern, name] : {std::pair{"", "a"}, {"a", ""}, {"abc", "abcd"}, {"abcd", "abc"}, {"a*c", "ab"}, {"*ab", "aba"}, {"a*b*c", "acb"}, {"*a*a", "a"}}) {
    EXPECT_FALSE(matches(pattern, name)) << pattern << " " << name;
  }
}

TEST(Words, AreNamedToWhoGaveAnUnknownOne) {
  EXPECT_EQ(nearest_or_known("sorce", {"source", "target"}), "Did you mean \"source\"?");
  EXPECT_EQ(nearest_or_known("zzzzzz", {"source", "target"}), "Known: source, target.");
}

// Each star that was tried anew for every end of the ones before it took 2^40 steps here.
TEST(Words, FitPatternsOfManyStars_WithoutTryingAllEnds) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(2000, 'a')));
  EXPECT_TRUE(matches(pattern, std::string(2000, 'a')));
}

}  // namespace
}  // namespace rollproof
