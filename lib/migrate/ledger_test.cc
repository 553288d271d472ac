#include "lib/migrate/ledger.h"

#include <gtest/gtest.h>

namespace rollproof::migrate {
namespace {

State running() {
  State state;
  state.active = true;
  state.migration = "m";
  state.source = "leveldb:db";
  state.target = "unified-json:out";
  return state;
}

Config naming(const std::string& source, const std::string& target) {
  Config config;
  config.path = "proj/rollproof.json";
  config.source_text = source;
  config.target_text = target;
  return config;
}

TEST(NamesOtherStores, IsSaid_WhenOneOfTheTwoIsAnother) {
  const auto target = names_other_stores(naming("leveldb:db", "unified-json:elsewhere"), running());
  ASSERT_TRUE(target);
  EXPECT_EQ(target->code, Code::refused);
  EXPECT_EQ(target->path, "proj/rollproof.json");
  EXPECT_NE(target->hint.find("Write \"target\": \"unified-json:out\" into it again"), std::string::npos) << target->hint;
  EXPECT_EQ(target->hint.find("\"source\""), std::string::npos) << "that line is as it was";
  const auto source = names_other_stores(naming("leveldb:elsewhere", "unified-json:out"), running());
  ASSERT_TRUE(source);
  EXPECT_NE(source->hint.find("Write \"source\": \"leveldb:db\" into it again"), std::string::npos) << source->hint;
}

TEST(NamesOtherStores, GivesBothLines_WhenBothAreOthers) {
  const auto both = names_other_stores(naming("leveldb:a", "unified-json:b"), running());
  ASSERT_TRUE(both);
  EXPECT_NE(both->hint.find("\"source\": \"leveldb:db\" and \"target\": \"unified-json:out\""), std::string::npos) << both->hint;
}

TEST(NamesOtherStores, IsNotSaid_WhenTheyAreTheSame_OrNoMigrationRuns) {
  EXPECT_FALSE(names_other_stores(naming("leveldb:db", "unified-json:out"), running()));
  EXPECT_FALSE(names_other_stores(naming("leveldb:a", "unified-json:b"), State{}));
}

}  // namespace
}  // namespace rollproof::migrate
