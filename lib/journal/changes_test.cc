#include "lib/journal/changes.h"

#include <gtest/gtest.h>

#include <random>

namespace rollproof::journal {
namespace {

using record::Batch;
using Kind = record::Change::Kind;

const Batch kSample{{Kind::put, "key", "value"}, {Kind::remove, std::string("\0\xff", 2), ""}, {Kind::put, "", ""}};

TEST(Changes, ComeBackAsTheyWere) {
  for (const Batch& batch : {Batch{}, kSample, Batch{{Kind::put, "k", std::string(1 << 20, 'v')}}}) {
    const auto decoded = decode_changes(encode_changes(batch));
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    EXPECT_EQ(*decoded, batch);
  }
}

TEST(Changes, HaveTheseBytes) {
  EXPECT_EQ(encode_changes({{Kind::put, "ab", "c"}, {Kind::remove, "d", ""}}),
            std::string("\2\0\0\0" "\1\2\0\0\0ab\1\0\0\0c" "\2\1\0\0\0d", 22));
}

TEST(Changes, AreRefused_WhenCutOrLengthened) {
  const std::string bytes = encode_changes(kSample);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_changes(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, Code::corruption);
  }
  EXPECT_FALSE(decode_changes(bytes + '\0'));
}

TEST(Changes, AreRefused_WhenACountOrLengthPromisesMoreThanThereIs) {
  EXPECT_FALSE(decode_changes(std::string("\xff\xff\xff\xff\1", 5)));
  EXPECT_FALSE(decode_changes(std::string("\1\0\0\0\1\xff\xff\xff\xff", 9)));
  EXPECT_FALSE(decode_changes(std::string("\1\0\0\0\3\0\0\0\0", 9))) << "no kind 3";
  EXPECT_FALSE(decode_changes(std::string("\1\0\0\0\0\0\0\0\0", 9))) << "no kind 0";
}

TEST(Changes, HaveOneEncodingEach) {
  std::mt19937 random(7);
  const std::string bytes = encode_changes(kSample);
  for (int run = 0; run < 20000; ++run) {
    std::string changed = bytes;
    for (int edits = 0; edits < 2; ++edits) changed[random() % changed.size()] = static_cast<char>(random() % 4);
    const auto decoded = decode_changes(changed);
    if (decoded) {
      EXPECT_EQ(encode_changes(*decoded), changed);
    }
  }
}

}  // namespace
}  // namespace rollproof::journal
