#include "harness/fault/damage.h"

#include <gtest/gtest.h>

#include "lib/base/digest.h"

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

TEST(Damage, PutsSoundContentInTheWrongPlace) {
  const std::string two = std::string(512, 'x') + std::string(512, 'y');
  EXPECT_EQ(bytes_after("damage(after 0, misplace a/b 512 0)", two, true), std::string(1024, 'x'));
  EXPECT_EQ(bytes_after("damage(after 0, misplace a/b 512 512)", two, false), two);
  EXPECT_EQ(bytes_after("damage(after 0, garbage a/b)", "abc", true).front(), '{');
  sim::Image now, then;
  now.put("a/b", two);
  then.put("a/b", std::string(1024, 'z'));
  ASSERT_TRUE(Damage::parse("damage(after 9, stale a/b 512 4)")->apply(now, &then));
  EXPECT_EQ(*now.read("a/b"), std::string(512, 'x') + std::string(512, 'z'));
}

TEST(Damage, SwapsTwoFiles) {
  sim::Image image;
  image.put("a/b", "1").put("a/c", "2");
  ASSERT_TRUE(Damage::parse("damage(after 0, swap a/b a/c)")->apply(image));
  EXPECT_EQ(*image.read("a/b") + *image.read("a/c"), "21");
  EXPECT_FALSE(Damage::parse("damage(after 0, swap a/b a/d)")->apply(image));
}

TEST(Damage, FitsTheChecksumOfTheSameBackup) {
  sim::Image image;
  image.put("backups/one/leveldb/current/1.log", "abc").put("backups/one/checksums/SHA256SUMS", sha256_hex("abc") + "  1.log\n").put("backups/two/SHA256SUMS", sha256_hex("abc"));
  ASSERT_TRUE(Damage::parse("damage(after 0, fit backups/one/leveldb/current/1.log 1)")->apply(image));
  EXPECT_EQ(*image.read("backups/one/leveldb/current/1.log"), "acc");
  EXPECT_EQ(*image.read("backups/one/checksums/SHA256SUMS"), sha256_hex("acc") + "  1.log\n");
  EXPECT_EQ(*image.read("backups/two/SHA256SUMS"), sha256_hex("abc"));
  EXPECT_FALSE(Damage::parse("damage(after 0, fit backups/two/SHA256SUMS 1)")->apply(image)) << "nobody keeps a checksum of it";
}

// What three reads of each file in turn return, an open before each of them.
std::string reads_under(const char* text, std::initializer_list<const char*> paths, uint64_t& fired) {
  sim::SimDisk disk(sim::Image().put("a/b", "abc").put("a/c", "abc"));
  disk.set_fault_hook(Damage::parse(text)->hook(fired));
  std::string seen;
  for (const char* path : paths) {
    char bytes[3];
    EXPECT_TRUE((*disk.open_read(path))->read_at(0, bytes));
    seen.append(bytes, 3);
  }
  EXPECT_EQ(*disk.now().read("a/b"), "abc") << "on the disk it is right";
  return seen;
}

TEST(Damage, MisreadsOneReadOfOneFile) {
  uint64_t fired = 0;
  EXPECT_EQ(reads_under("damage(after 0, misread a/b 4 3)", {"a/b", "a/b"}, fired), "abcabc") << "the third call opens";
  EXPECT_EQ(reads_under("damage(after 0, misread a/b 4 2)", {"a/c", "a/b"}, fired), "abcabc") << "the second one reads another file";
  EXPECT_EQ(fired, 0u);
  EXPECT_EQ(reads_under("damage(after 0, misread a/b 4 4)", {"a/c", "a/b", "a/b"}, fired), "abcaccabc") << "byte 4 of three is counted again from the first";
  EXPECT_EQ(fired, 1u);
}

TEST(Damage, SaysWhenNothingChanged) {
  EXPECT_EQ(bytes_after("damage(after 0, flip a/b 3)", "abc", false), "abc");
  EXPECT_EQ(bytes_after("damage(after 0, cut a/b 3)", "abc", false), "abc");
  EXPECT_EQ(bytes_after("damage(after 0, zero a/b 0)", std::string(3, '\0'), false), std::string(3, '\0'));
  EXPECT_EQ(bytes_after("damage(after 0, lose a/c)", "abc", false), "abc");
}

}  // namespace
}  // namespace rollproof::fault
