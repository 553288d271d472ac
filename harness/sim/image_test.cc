#include "harness/sim/image.h"

#include <gtest/gtest.h>

#include "harness/sim/disk.h"

namespace rollproof::sim {
namespace {

// Random changes to a Content and to a plain string must stay the same, digests too, however the content was reached.
TEST(Content, ReadsAndDigestsLikeAPlainString) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    uint64_t state = seed;
    const auto pick = [&](uint64_t bound) { return (state = scramble(state)) % bound; };
    Content content;
    std::string plain;
    std::vector<std::pair<Content, std::string>> kept;
    for (int i = 0; i < 60; ++i) {
      const uint64_t at = pick(20000);
      if (pick(4) == 0) {
        content.resize(at);
        plain.resize(at);
      } else {
        const std::string bytes(1 + pick(9000), static_cast<char>(pick(3)));
        content.write(at, bytes);
        if (plain.size() < at + bytes.size()) plain.resize(at + bytes.size());
        plain.replace(at, bytes.size(), bytes);
      }
      // Not every time, so that several changes come between two digests.
      if (pick(3) == 0) {
        ASSERT_EQ(content.digest(), Content(plain).digest()) << "seed " << seed << " step " << i;
      }
      ASSERT_EQ(content.text(), plain);
      if (pick(8) == 0) kept.emplace_back(content, plain);
    }
    for (const auto& [copy, text] : kept) {
      EXPECT_EQ(copy.text(), text);
      EXPECT_EQ(copy.digest(), Content(text).digest());
    }
  }
}

TEST(Image, DigestsDifferWhereContentsDiffer) {
  const Image base = Image().put("d/a", "x").put("d/b", "y");
  EXPECT_EQ(base, Image().put("d/b", "y").put("d/a", "z").put("d/a", "x"));
  std::vector<Image> others{Image().put("d/a", "y").put("d/b", "x"), Image(base).put("d/a", std::string("x\0", 2)), Image(base).make_directory("e"),
                            Image(base).remove("d/a"), Image().put("e/a", "x").put("e/b", "y"), Image(base).put("d/c", ""), Image(base).make_directory("d/c"),
                            Image().put("d/a/a", "x").put("d/b", "y"), Image()};
  others.push_back(base);
  for (size_t i = 0; i < others.size(); ++i) {
    for (size_t j = i + 1; j < others.size(); ++j) EXPECT_FALSE(others[i] == others[j]) << i << " " << j;
  }
}

TEST(Image, GoesToAFileSystemAndBack) {
  const Image image = Image().put("a", "1").put("d/e/f", std::string(10000, 'x')).make_directory("empty");
  SimDisk disk;
  ASSERT_TRUE(image.write_to(disk, "copy"));
  EXPECT_EQ(Image::load(disk, "copy").value(), image);
  EXPECT_EQ(image.files(), (std::vector<std::string>{"a", "d/e/f"}));
  EXPECT_EQ(image.read("d/e/f")->size(), 10000u);
  EXPECT_EQ(image.read("nowhere").error().code, Code::not_found);
  EXPECT_FALSE(image.read("d"));
  EXPECT_FALSE(Image::load(disk, "copy/a"));
}

TEST(Image, StaysAsItWas_WhenACopyChanges) {
  const Image image = Image().put("d/a", "x");
  Image copy = image;
  copy.put("d/a", "y").remove("d/a").put("d/b", "z");
  EXPECT_EQ(image.read("d/a").value(), "x");
  EXPECT_FALSE(image.exists("d/b"));
  SimDisk disk(image);
  ASSERT_TRUE(disk.open_write("d/a").value()->write_at(0, "w"));
  EXPECT_EQ(image.read("d/a").value(), "x");
}

TEST(Image, TakesAFileATreeOrNothingFromAnother) {
  const Image other = Image().put("d/a", "x").put("d/e/f", "y").make_directory("d/empty").put("top", "t");
  Image image = Image().put("d/a", "old").put("d/gone", "z").put("kept", "k");
  image.take("d", other);
  EXPECT_EQ(image.files(), (std::vector<std::string>{"d/a", "d/e/f", "kept"}));
  EXPECT_EQ(image.read("d/a").value(), "x");
  EXPECT_TRUE(image.exists("d/empty"));
  image.take("n/top", other).take("kept", other).take("top", other);
  EXPECT_FALSE(image.exists("n/top"));
  EXPECT_FALSE(image.exists("kept"));
  EXPECT_EQ(image.read("top").value(), "t");
}

}  // namespace
}  // namespace rollproof::sim
