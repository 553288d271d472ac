#include "lib/store/leveldb/level.h"

#include <gtest/gtest.h>

#include "lib/store/leveldb/ground_for_tests.h"

namespace rollproof::store::level {
namespace {

using testing_ground::Ground;

TEST(Level, KeepsWhatWasAppliedAcrossCloseAndOpen) {
  Ground given;
  auto store = given.open({.create = true});
  ASSERT_TRUE(store) << store.error().to_string();
  ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, "a", "1"}, {record::Change::Kind::put, "b", "2"}}));
  ASSERT_TRUE((*store)->apply({{record::Change::Kind::remove, "a", ""}}));
  auto mark = (*store)->close();
  ASSERT_TRUE(mark) << mark.error().to_string();
  EXPECT_TRUE(mark->starts_with("log ")) << *mark;
  store = given.open({});
  ASSERT_TRUE(store) << store.error().to_string();
  EXPECT_EQ(given.records(**store), (Ground::Records{{"b", "2"}}));
  EXPECT_EQ(**(*store)->get("b"), "2");
  EXPECT_EQ(*(*store)->get("a"), std::nullopt);
  ASSERT_TRUE((*store)->close());
}

}  // namespace
}  // namespace rollproof::store::level
