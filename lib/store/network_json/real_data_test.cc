// Whole stores through network files and back: the fixtures, and the real data where it is at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/store/store.h"

namespace rollproof::store {
namespace {

using Records = std::map<std::string, std::string>;

const std::string kRoot = ROLLPROOF_SOURCE_DIR;
const std::string kRealFiles = kRoot + "/../shared/data/lookcoin/legacy-json";

class NetworkJsonData : public ::testing::Test {
 protected:
  bool is_here(const std::string& path) { return *os::exists(files_, path); }

  // A copy: opening a LevelDB changes it.
  Where copied(const std::string& kind, const std::string& from) {
    const std::string to = scratch_ / "from";
    EXPECT_TRUE(os::make_directories(files_, to));
    const auto names = files_.list(from);
    EXPECT_TRUE(names);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) EXPECT_TRUE(os::replace_file(files_, os::join(to, name), *os::read_file(files_, os::join(from, name))));
    return {kind, to};
  }

  Records records(const Where& where) {
    Records all;
    auto store = open_read_only(posix_.world(), where, {});
    EXPECT_TRUE(store) << store.error().to_string();
    if (!store) return all;
    auto cursor = (*store)->scan();
    record::Record record;
    while (*(*cursor)->next(record)) all[record.key] = record.value;
    return all;
  }

  void copy(const Where& from, const Where& to) {
    auto store = open(posix_.world(), to, {.create = true});
    ASSERT_TRUE(store) << store.error().to_string();
    for (const auto& [key, value] : records(from)) {
      ASSERT_EQ((*store)->why_not_representable({key, value}), "");
      ASSERT_TRUE((*store)->apply({{record::Change::Kind::put, key, value}}));
    }
    ASSERT_TRUE((*store)->close());
  }

  void expect_exact_there_and_back(const Where& from, size_t count) {
    const Records before = records(from);
    EXPECT_EQ(before.size(), count);
    const Where network{"network-json", scratch_ / "network"}, back{from.kind, scratch_ / "back"};
    copy(from, network);
    EXPECT_TRUE(records(network) == before);
    copy(network, back);
    EXPECT_TRUE(records(back) == before);
  }

  std::map<std::string, std::string> bytes(const Where& where) {
    std::map<std::string, std::string> all;
    const auto names = os::files_below(files_, where.path);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) all[name] = *os::read_file(files_, os::join(where.path, name));
    return all;
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  os::FileSystem& files_ = posix_.world().files;
};

TEST_F(NetworkJsonData, HoldsTheSmallDatabaseExactly) {
  if (!is_here(kRoot + "/fixtures/lookcoin-28")) GTEST_SKIP() << "the fixtures are not here";
  expect_exact_there_and_back(copied("leveldb", kRoot + "/fixtures/lookcoin-28"), 28);
}

TEST_F(NetworkJsonData, HoldsTheHostileDatabaseExactly) {
  if (!is_here(kRoot + "/fixtures/hostile")) GTEST_SKIP() << "the fixtures are not here";
  const Where hostile = copied("leveldb", kRoot + "/fixtures/hostile");
  expect_exact_there_and_back(hostile, records(hostile).size());
}

TEST_F(NetworkJsonData, HoldsTheRealDatabaseExactly) {
  if (!is_here(kRoot + "/../shared/data/lookcoin/leveldb")) GTEST_SKIP() << "the real database is not here";
  expect_exact_there_and_back(copied("leveldb", kRoot + "/../shared/data/lookcoin/leveldb"), 28);
}

TEST_F(NetworkJsonData, ReadsTheRealFiles_AndGivesBackTheirBytes) {
  if (!is_here(kRealFiles)) GTEST_SKIP() << "the real files are not here";
  const Where real = copied("network-json", kRealFiles);
  const auto before = bytes(real);
  EXPECT_TRUE(inspect(posix_.world(), real)->problems.empty());
  const Records all = records(real);
  EXPECT_EQ(all.size(), 13u);
  for (const char* key : {"56-LookCoin", "97-CelerIMModule", "84532-SupplyOracle", "11155420-LookCoin", "23295-CelerIMModule"}) EXPECT_TRUE(all.contains(key)) << key;
  for (const auto& [key, value] : all) EXPECT_THAT(value, ::testing::StartsWith("{\n      \"proxy\": \"0x")) << key;
  for (const bool put : {true, false}) {
    auto store = open(posix_.world(), real, {});
    ASSERT_TRUE(store);
    for (const std::string key : {"56-New", "97-New", "1-New", "odd"}) {
      ASSERT_TRUE((*store)->apply({{put ? record::Change::Kind::put : record::Change::Kind::remove, key, put ? "{\"n\":1}" : ""}}));
    }
    ASSERT_TRUE((*store)->close());
    if (put) {
      EXPECT_EQ(records(real).size(), 17u);
    }
  }
  EXPECT_EQ(bytes(real), before);
  expect_exact_there_and_back(real, 13);
}

}  // namespace
}  // namespace rollproof::store
