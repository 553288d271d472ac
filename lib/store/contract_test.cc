// Holds every kind of store to the contract of lib/store/store.h, over a real folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/store/store.h"

namespace rollproof::store {
namespace {

using Records = std::map<std::string, std::string>;
using record::Change;
using namespace std::string_literals;

const std::vector<std::string> kKinds = {"unified-json", "network-json", "leveldb"};

Change put(std::string key, std::string value) { return {Change::Kind::put, std::move(key), std::move(value)}; }
Change removal(std::string key) { return {Change::Kind::remove, std::move(key), {}}; }

// Keys and values that a careless format changes, confuses or refuses.
std::vector<std::string> hostile_keys() {
  return {""s, "-"s, "56"s, "56-"s, "-LookCoin"s, "56-LookCoin"s, "056-LookCoin"s, "56-lookcoin"s, "56-LookCoin "s, "56-contracts/x.sol:LookCoin"s,
          "56-a\"b\\c\n\t\x01"s, "56-"s + '\0', "\0"s, "56-\xff\xfe"s, "\xff"s, "56-base64:AAAA"s, "base64:AAAA"s, "56-\xc3\xa9"s, "56-e\xcc\x81"s,
          "56-__proto__"s, "1-x"s, "99999999999999999999-x"s, "31337-LookCoin"s, "56-FeeManager"s, "56-XModule"s, "56-" + std::string(5000, 'k'), "\xed\xa0\x80"s};
}

std::vector<std::string> hostile_values() {
  return {""s, " "s, "\n"s, "{}"s, " {}"s, "{}\n"s, "{\"a\":1}"s, "{\"a\": 1}"s, "{\"a\":1,\"a\":2}"s, "{\"b\":1,\"1\":2}"s, "1.0"s, "-0"s, "1e400"s,
          "9007199254740993"s, "\"\\ud800\""s, "\"\\u0041\""s, "\"\\/\""s, "\"\xf0\x9f\x98\x80\""s, "\"\xed\xa0\x80\""s, "\xff\xfe\x00"s, "\0"s, "null"s,
          "{"s, "}"s, "\"}"s, "not json"s, "{\"a\":1}}"s, "1}, \"x\": {"s, std::string(10000, '['), "\xef\xbb\xbf{}"s, "a\r\nb"s, "base64:AAAA"s, "\xe2\x80\xa8"s,
          std::string(1 << 20, 'x'), "{\"a\":\"" + std::string(1 << 20, 'y') + "\"}", std::string(100000, '\xff')};
}

class Contract : public ::testing::TestWithParam<std::string> {
 protected:
  Result<std::unique_ptr<Store>> open(const OpenOptions& options = {}) { return store::open(posix_.world(), where_, options); }

  std::unique_ptr<Store> opened(const OpenOptions& options = {}) {
    auto store = open(options);
    EXPECT_TRUE(store) << store.error().to_string();
    return store ? std::move(*store) : nullptr;
  }

  static Records rest_of(record::Cursor& cursor) {
    Records all;
    record::Record record;
    for (;;) {
      const auto more = cursor.next(record);
      EXPECT_TRUE(more) << more.error().to_string();
      if (!more || !*more) return all;
      EXPECT_TRUE(all.emplace(record.key, record.value).second) << "twice: " << record.key;
    }
  }

  static Records records(Store& store) {
    auto cursor = store.scan();
    EXPECT_TRUE(cursor) << cursor.error().to_string();
    return cursor ? rest_of(**cursor) : Records{};
  }

  // What another program finds. REQUIRES: closed.
  Records stored() {
    auto store = open_read_only(posix_.world(), where_, {});
    EXPECT_TRUE(store) << store.error().to_string();
    return store ? records(**store) : Records{};
  }

  static std::optional<std::string> get(Store& store, const std::string& key) {
    auto value = store.get(key);
    EXPECT_TRUE(value) << value.error().to_string();
    return value.value_or(std::nullopt);
  }

  // Every file below the store, with its bytes.
  Records bytes() {
    Records all;
    auto names = os::files_below(posix_.world().files, where_.path);
    EXPECT_TRUE(names);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) all[name] = *os::read_file(posix_.world().files, os::join(where_.path, name));
    return all;
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  Where where_{GetParam(), scratch_ / "store"};
};

TEST_P(Contract, IsNotFound_UnlessCreated) {
  EXPECT_FALSE(*is_there(posix_.world(), where_));
  auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Code::not_found);
  EXPECT_FALSE(*is_there(posix_.world(), where_));
  ASSERT_TRUE(opened({.create = true})->close());
  EXPECT_TRUE(*is_there(posix_.world(), where_));
  EXPECT_EQ(stored(), Records{});
}

TEST_P(Contract, StaysAStore_WhenItsLastRecordIsRemoved) {
  for (const std::string key : {"56-LookCoin", "other"}) {
    auto store = opened({.create = true});
    ASSERT_TRUE(store->apply({put(key, "1")}));
    ASSERT_TRUE(store->close());
    store = opened();
    ASSERT_TRUE(store->apply({removal(key)}));
    ASSERT_TRUE(store->close());
    EXPECT_TRUE(*is_there(posix_.world(), where_));
    EXPECT_EQ(stored(), Records{});
  }
}

TEST_P(Contract, ShowsABatchAtOnce_InItsOrder) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1"), put("56-a", "2"), put("56-b", "3"), removal("56-b"), removal("56-never")}));
  EXPECT_EQ(records(*store), (Records{{"56-a", "2"}}));
  EXPECT_EQ(get(*store, "56-a"), "2");
  EXPECT_EQ(get(*store, "56-b"), std::nullopt);
  ASSERT_TRUE(store->checkpoint());
  ASSERT_TRUE(store->apply({removal("56-a"), put("56-b", "4")}));
  EXPECT_EQ(records(*store), (Records{{"56-b", "4"}}));
  ASSERT_TRUE(store->close());
  EXPECT_EQ(stored(), (Records{{"56-b", "4"}}));
}

TEST_P(Contract, GivesBackExactBytes_OfHostileRecords) {
  Records expected;
  size_t number = 0;
  for (const std::string& key : hostile_keys()) expected[key] = "{\"k\":" + std::to_string(number++) + "}";
  for (const std::string& value : hostile_values()) expected["56-v" + std::to_string(number++)] = value;
  auto store = opened({.create = true});
  for (const auto& [key, value] : expected) {
    EXPECT_EQ(store->why_not_representable({key, value}), "");
    ASSERT_TRUE(store->apply({put(key, value)}));
  }
  EXPECT_EQ(records(*store), expected);
  ASSERT_TRUE(store->close());
  store = opened();
  EXPECT_EQ(records(*store), expected);
  for (const auto& [key, value] : expected) EXPECT_EQ(get(*store, key), value) << key.substr(0, 50);
}

TEST_P(Contract, ScansTheMomentOfTheScan) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1"), put("97-b", "2")}));
  ASSERT_TRUE(store->checkpoint());
  ASSERT_TRUE(store->apply({put("56-c", "3")}));
  auto cursor = store->scan();
  ASSERT_TRUE(cursor);
  ASSERT_TRUE(store->apply({put("56-a", "9"), removal("97-b"), put("56-d", "4")}));
  ASSERT_TRUE(store->checkpoint());
  EXPECT_EQ(rest_of(**cursor), (Records{{"56-a", "1"}, {"97-b", "2"}, {"56-c", "3"}}));
  EXPECT_EQ(records(*store), (Records{{"56-a", "9"}, {"56-c", "3"}, {"56-d", "4"}}));
}

TEST_P(Contract, ChangesNoByte_WhenOpenedForReading) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1"), put("97-b", "2")}));
  ASSERT_TRUE(store->close());
  store.reset();
  const Records before = bytes();
  auto reading = open_read_only(posix_.world(), where_, {});
  ASSERT_TRUE(reading) << reading.error().to_string();
  EXPECT_EQ(records(**reading), (Records{{"56-a", "1"}, {"97-b", "2"}}));
  EXPECT_EQ(get(**reading, "97-b"), "2");
  const Status refused = (*reading)->apply({put("56-a", "9")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_EQ(records(**reading), (Records{{"56-a", "1"}, {"97-b", "2"}}));
  reading->reset();
  EXPECT_EQ(bytes(), before);
  EXPECT_TRUE(inspect(posix_.world(), where_)->problems.empty());
  EXPECT_EQ(bytes(), before);
}

TEST_P(Contract, KeepsWhatIsInACheckpoint_WhenItWasNotClosed) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1"), put("97-b", "2")}));
  const auto mark = store->checkpoint();
  ASSERT_TRUE(mark);
  ASSERT_TRUE(store->apply({put("56-c", "3")}));
  store.reset();
  store = opened({.interrupted = true, .mark = *mark});
  Records found = records(*store);
  EXPECT_EQ(found["56-a"], "1");
  EXPECT_EQ(found["97-b"], "2");
  ASSERT_TRUE(store->apply({put("56-c", "3")}));
  ASSERT_TRUE(store->close());
  EXPECT_EQ(stored().size(), 3u);
}

TEST_P(Contract, IsCorrupt_WhenAStoreWithAMarkIsGone) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1")}));
  const auto mark = store->close();
  ASSERT_TRUE(mark);
  store.reset();
  ASSERT_TRUE(destroy(posix_.world(), where_));
  const auto again = open({.create = true, .interrupted = true, .mark = *mark});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::corruption);
}

// The caller of a store may die before or after the new mark is durable.
TEST_P(Contract, OpensWithTheOldMarkAndTheNew_WhenASpaceLostItsLastRecord) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1"), put("97-b", "2"), put("odd", "3")}));
  const auto old = store->close();
  ASSERT_TRUE(old);
  store = opened({.mark = *old});
  ASSERT_TRUE(store->apply({removal("56-a"), removal("odd")}));
  const auto mark = store->checkpoint();
  ASSERT_TRUE(mark);
  store.reset();
  for (const Mark& durable : {*old, *mark}) {
    store = opened({.interrupted = true, .mark = durable});
    EXPECT_EQ(records(*store), (Records{{"97-b", "2"}}));
    store.reset();
  }
  store = opened({.interrupted = true, .mark = *mark});
  ASSERT_TRUE(store->close());
  ASSERT_TRUE(store->marked());
  EXPECT_FALSE(store->keeps_for_old_mark());
  EXPECT_EQ(stored(), (Records{{"97-b", "2"}}));
}

TEST_P(Contract, IsDestroyed_ButForWhatBelongsToOthers) {
  auto store = opened({.create = true});
  ASSERT_TRUE(store->apply({put("56-a", "1")}));
  ASSERT_TRUE(store->close());
  store.reset();
  const std::string notes = os::join(where_.path, "notes.txt");
  ASSERT_TRUE(os::replace_file(posix_.world().files, notes, "mine"));
  ASSERT_TRUE(destroy(posix_.world(), where_));
  EXPECT_FALSE(*is_there(posix_.world(), where_));
  EXPECT_EQ(bytes(), (Records{{"notes.txt", "mine"}}));
  ASSERT_TRUE(posix_.world().files.remove(notes));
  ASSERT_TRUE(destroy(posix_.world(), where_));
  EXPECT_FALSE(*os::exists(posix_.world().files, where_.path));
  EXPECT_TRUE(destroy(posix_.world(), where_));
}

TEST_P(Contract, AgreesWithAMap_ForRandomBatchesAndReopenings) {
  std::mt19937_64 random(20250812);
  const std::vector<std::string> keys = [] {
    std::vector<std::string> all = hostile_keys();
    for (int i = 0; i < 30; ++i) all.push_back((i % 2 == 0 ? "56-C" : "97-D") + std::to_string(i));
    return all;
  }();
  const std::vector<std::string> values = [] {
    std::vector<std::string> all;
    for (std::string& value : hostile_values()) {
      if (value.size() < 1000) all.push_back(std::move(value));
    }
    return all;
  }();
  Records expected;
  auto store = opened({.create = true});
  for (int round = 0; round < 400; ++round) {
    record::Batch batch;
    for (uint64_t i = random() % 6; i > 0; --i) {
      const std::string& key = keys[random() % keys.size()];
      if (random() % 3 == 0) {
        batch.push_back(removal(key));
        expected.erase(key);
      } else {
        batch.push_back(put(key, values[random() % values.size()]));
        expected[key] = batch.back().value;
      }
    }
    ASSERT_TRUE(store->apply(batch));
    switch (random() % 8) {
      case 0: ASSERT_TRUE(store->checkpoint()); break;
      case 1:
        ASSERT_TRUE(store->close());
        store.reset();
        store = opened();
        ASSERT_NE(store, nullptr);
        break;
      case 2: {
        const std::string& key = keys[random() % keys.size()];
        EXPECT_EQ(get(*store, key), expected.count(key) ? std::optional(expected[key]) : std::nullopt);
        break;
      }
      case 3: ASSERT_EQ(records(*store), expected) << "round " << round; break;
    }
  }
  ASSERT_EQ(records(*store), expected);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Contract, ::testing::ValuesIn(kKinds), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace rollproof::store
