#include "lib/base/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace rollproof {
namespace {

TEST(Sha256, MatchesThePublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, AMillionLettersInUnevenPieces) {
  const std::string letters(1'000'000, 'a');
  Sha256 digest;
  size_t length = 1;
  for (size_t at = 0; at < letters.size(); at += length, length = length * 3 % 1009 + 1) {
    if (length > letters.size() - at) length = letters.size() - at;
    digest.update(std::string_view(letters).substr(at, length));
    if (at + length == letters.size()) break;
  }
  Sha256 moved = std::move(digest);
  EXPECT_EQ(moved.finish_hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Crc32c, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc32c, ContinuesAtEverySplit) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 37 + i / 256);
  const uint32_t whole = crc32c(bytes);
  for (size_t split = 0; split <= bytes.size(); ++split) {
    ASSERT_EQ(crc32c(std::string_view(bytes).substr(split), crc32c(std::string_view(bytes).substr(0, split))), whole) << split;
  }
}

TEST(Crc32c, SeesEverySingleBitFlip) {
  std::string sector(512, 'r');
  const uint32_t intact = crc32c(sector);
  for (size_t bit = 0; bit < sector.size() * 8; ++bit) {
    sector[bit / 8] = static_cast<char>(sector[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(crc32c(sector), intact) << bit;
    sector[bit / 8] = static_cast<char>(sector[bit / 8] ^ (1 << (bit % 8)));
  }
}

MultisetDigest of(std::initializer_list<std::pair<std::string, std::string>> records) {
  MultisetDigest digest;
  for (const auto& [key, value] : records) digest.add(key, value);
  return digest;
}

TEST(MultisetDigest, TheOrderDoesNotMatter) {
  EXPECT_EQ(of({{"a", "1"}, {"b", "2"}, {"c", "3"}}), of({{"c", "3"}, {"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(of({}), MultisetDigest());
  EXPECT_EQ(MultisetDigest().hex(), std::string(48, '0'));
}

TEST(MultisetDigest, SeesSwappedDoubledDroppedAndMovedBytes) {
  const MultisetDigest good = of({{"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_NE(good, of({{"a", "2"}, {"b", "1"}, {"c", "3"}})) << "two values changed places";
  EXPECT_NE(good, of({{"1", "a"}, {"b", "2"}, {"c", "3"}})) << "key and value changed places";
  EXPECT_NE(good, of({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"c", "3"}})) << "doubled";
  EXPECT_NE(good, of({{"a", "1"}, {"b", "2"}})) << "dropped";
  EXPECT_NE(good, of({{"a", "1"}, {"b", "2"}, {"b", "2"}})) << "one in the place of another";
  EXPECT_NE(of({{"ab", "c"}}), of({{"a", "bc"}})) << "a byte moved from the key to the value";
  EXPECT_NE(of({{"", ""}}), of({})) << "the empty record counts";
  EXPECT_NE(of({{"x", "y"}, {"x", "y"}, {"p", "q"}, {"p", "q"}}), of({})) << "pairs do not cancel out, as they would with xor";
}

TEST(MultisetDigest, RemoveUndoesAdd_AndMergeAddsUp) {
  MultisetDigest digest = of({{"a", "1"}, {"b", "2"}});
  digest.remove("a", "1");
  EXPECT_EQ(digest, of({{"b", "2"}}));
  EXPECT_EQ(digest.count(), 1u);
  digest.merge(of({{"c", "3"}}));
  EXPECT_EQ(digest, of({{"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(digest.hex().substr(0, 16), "0000000000000002");
}

// The digest is written into journals and manifests: a library that hashes differently must not go unnoticed.
TEST(MultisetDigest, IsTheSameInEveryBuild) { EXPECT_EQ(of({{"key", "value"}, {"", ""}}).hex(), "0000000000000002887077bd6e1e870e6e4c25de94eb9050"); }

}  // namespace
}  // namespace rollproof
