#include "lib/store/store.h"

#include <gtest/gtest.h>

#include "lib/store/leveldb/ground_for_tests.h"

namespace rollproof::store {
namespace {

using namespace level::testing_ground;

TEST(Where, ParsesKindAndPath) {
  EXPECT_EQ(*parse_where("leveldb:/a/b:c/"), (Where{"leveldb", "/a/b:c"}));
  EXPECT_EQ(*parse_where("unified-json:x"), (Where{"unified-json", "x"}));
  EXPECT_EQ(parse_where("leveldb:/")->path, "/");
  EXPECT_EQ(parse_where("leveldb:x")->to_string(), "leveldb:x");
}

TEST(Where, NamesTheNearestKind_WhenUnknown) {
  for (const char* text : {"leveldv:x", "level:x", "LevelDB:x"}) {
    const auto where = parse_where(text);
    ASSERT_FALSE(where) << text;
    EXPECT_EQ(where.error().code, Code::invalid);
    EXPECT_NE(where.error().message.find("leveldb, unified-json"), std::string::npos) << where.error().message;
    EXPECT_NE(where.error().hint.find("leveldb:"), std::string::npos) << where.error().hint;
  }
  EXPECT_NE(parse_where("json:x").error().hint.find("unified-json:"), std::string::npos);
  EXPECT_FALSE(parse_where(""));
  EXPECT_FALSE(parse_where("leveldb"));
  EXPECT_FALSE(parse_where("leveldb:"));
}

TEST(Fingerprint, SeesAChangedByte_AndLeavesOutTheLock) {
  Ground given;
  auto store = open(given.world, given.where, {.create = true});
  ASSERT_TRUE(store && (*store)->apply({put("a", "1")}) && (*store)->close());
  const auto before = take_fingerprint(given.world, given.where, nullptr);
  ASSERT_TRUE(before);
  for (const auto& file : before->files) EXPECT_NE(file.name, "LOCK");
  EXPECT_EQ(before->files.size(), 3u) << "CURRENT, manifest, log";
  Records image = given.image();
  for (auto& [name, bytes] : image) {
    if (bytes.empty()) continue;
    bytes.back() ^= 1;
    given.write_image(image);
    EXPECT_NE(*take_fingerprint(given.world, given.where, &*before), *before) << name;
    bytes.back() ^= 1;
    given.write_image(image);
    EXPECT_EQ(*take_fingerprint(given.world, given.where, nullptr), *before);
  }
}

TEST(Fingerprint, ReadsATableAgain_OnlyIfItMayDiffer) {
  Ground given;
  auto store = level::open(given.world, given.where, {.create = true}, kTiny);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i), noise(static_cast<uint64_t>(i), 600))}));
  ASSERT_TRUE((*store)->close());
  const auto before = take_fingerprint(given.world, given.where, nullptr);
  Records image = given.image();
  int tables = 0;
  for (auto& [name, bytes] : image) {
    if (name.ends_with(".ldb")) bytes[0] ^= 1, ++tables;
  }
  ASSERT_GT(tables, 0);
  given.write_image(image);
  EXPECT_EQ(*take_fingerprint(given.world, given.where, &*before), *before);
  EXPECT_NE(*take_fingerprint(given.world, given.where, nullptr), *before);
}

}  // namespace
}  // namespace rollproof::store
