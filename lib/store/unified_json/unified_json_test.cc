#include "lib/store/unified_json/unified_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "lib/base/digest.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::store::unified_json {
namespace {

using Records = std::map<std::string, std::string>;
using record::Change;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class UnifiedJson : public ::testing::Test {
 protected:
  std::unique_ptr<Store> opened(const OpenOptions& options = {}, const Tuning& tuning = {}) {
    auto store = unified_json::open(posix_.world(), where_, options, tuning);
    EXPECT_TRUE(store) << store.error().to_string();
    return store ? std::move(*store) : nullptr;
  }

  void write(const Records& records) {
    auto store = opened({.create = true});
    record::Batch batch;
    for (const auto& [key, value] : records) batch.push_back({Change::Kind::put, key, value});
    ASSERT_TRUE(store->apply(batch));
    ASSERT_TRUE(store->close());
  }

  static Result<Records> records(Store& store) {
    ROLLPROOF_ASSIGN(auto cursor, store.scan());
    Records all;
    record::Record record;
    for (;;) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) return all;
      EXPECT_TRUE(all.emplace(record.key, record.value).second) << "twice: " << record.key;
    }
  }

  Result<Records> stored() {
    ROLLPROOF_ASSIGN(auto store, unified_json::open_read_only(posix_.world(), where_, {}));
    return records(*store);
  }

  std::string at(const std::string& name) const { return os::join(where_.path, name); }
  std::string bytes_of(const std::string& name) { return os::read_file(files_, at(name)).value_or("unreadable"); }
  // Not durably, which is quicker and does for a test.
  void overwrite(const std::string& name, std::string_view bytes) {
    auto file = files_.create(at(name));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(0, bytes));
    ASSERT_TRUE((*file)->close());
  }
  std::vector<std::string> names() { return files_.list(where_.path).value_or(std::vector<std::string>{}); }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  os::FileSystem& files_ = posix_.world().files;
  Where where_{"unified-json", scratch_ / "unified"};
};

// The text of `lines` with the checksum that it has to have.
std::string sealed(const std::string& lines) { return lines + "  \"checksum\": \"sha256:" + sha256_hex(lines) + "\"\n}\n"; }

const Records kSmall = {{"56-LookCoin", R"({"chainId":56})"}, {"56-SupplyOracle", R"({"chainId":56.0})"}, {"56-CelerIMModule", "\xff"}, {"56-\xfe", ""}};

TEST_F(UnifiedJson, WritesTheDocumentedText) {
  write(kSmall);
  EXPECT_EQ(bytes_of("bscmainnet.unified.json"), sealed(R"({
  "format": "rollproof.unified/1",
  "network": "bscmainnet",
  "chainId": 56,
  "contracts": {
    "core": {
      "LookCoin": {"key": "56-LookCoin", "value": {"chainId":56}},
      "SupplyOracle": {"key": "56-SupplyOracle", "raw": "{\"chainId\":56.0}"}
    },
    "protocol": {
      "CelerIMModule": {"key": "56-CelerIMModule", "base64": "/w=="}
    },
    "infrastructure": {},
    "legacy": {
      "base64:/g==": {"keyBase64": "NTYt/g==", "raw": ""}
    }
  },
  "records": 4,
)"));
}

TEST_F(UnifiedJson, HasEqualFiles_WhenTheRecordsAreEqual) {
  write(kSmall);
  const std::string first = bytes_of("bscmainnet.unified.json");
  {
    auto store = opened();
    ASSERT_TRUE(store->apply({{Change::Kind::put, "56-Extra", "1"}, {Change::Kind::remove, "56-LookCoin", ""}}));
    ASSERT_TRUE(store->checkpoint());
    ASSERT_TRUE(store->apply({{Change::Kind::remove, "56-Extra", ""}, {Change::Kind::put, "56-LookCoin", kSmall.at("56-LookCoin")}}));
    ASSERT_TRUE(store->close());
  }
  EXPECT_EQ(bytes_of("bscmainnet.unified.json"), first);
}

TEST_F(UnifiedJson, IsExactOrCorrupt_WhenAnyByteOfAFileFlips) {
  write(kSmall);
  const std::string sound = bytes_of("bscmainnet.unified.json");
  for (size_t byte = 0; byte < sound.size(); ++byte) {
    std::string bad = sound;
    bad[byte] = static_cast<char>(bad[byte] ^ (1 << (byte % 8)));
    overwrite("bscmainnet.unified.json", bad);
    const auto found = stored();
    ASSERT_FALSE(found) << "byte " << byte;
    ASSERT_EQ(found.error().code, Code::corruption) << found.error().to_string();
    ASSERT_EQ(found.error().path, at("bscmainnet.unified.json"));
    ASSERT_THAT(found.error().message, ::testing::StartsWith("byte "));
  }
}

TEST_F(UnifiedJson, IsCorrupt_WhenAFileIsCutAnywhereOrExtended) {
  write(kSmall);
  const std::string sound = bytes_of("bscmainnet.unified.json");
  for (size_t length = 0; length < sound.size(); ++length) {
    overwrite("bscmainnet.unified.json", sound.substr(0, length));
    const auto found = stored();
    ASSERT_FALSE(found) << length;
    ASSERT_EQ(found.error().code, Code::corruption);
  }
  for (const std::string& more : {std::string("\n"), std::string("}"), std::string("}\n"), std::string(1, '\0'), std::string(" ")}) {
    overwrite("bscmainnet.unified.json", sound + more);
    ASSERT_FALSE(stored()) << more;
  }
  overwrite("bscmainnet.unified.json", sound);
  EXPECT_EQ(*stored(), kSmall);
}

// Everything below has a sound checksum: what is wrong is the text itself.
TEST_F(UnifiedJson, IsCorrupt_WhenTheTextIsNotTheOneOfItsRecords) {
  write(kSmall);
  const std::string sound = bytes_of("bscmainnet.unified.json");
  const std::string lines = sound.substr(0, sound.find("  \"checksum\""));
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string text = lines;
    EXPECT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
    overwrite("bscmainnet.unified.json", sealed(text));
    const auto found = stored();
    EXPECT_FALSE(found) << to;
    return found ? std::string("accepted") : found.error().message;
  };
  EXPECT_THAT(edited("\"records\": 4", "\"records\": 5"), HasSubstr("expected   \"records\": 4"));
  EXPECT_THAT(edited("\"chainId\": 56,", "\"chainId\": 97,"), HasSubstr("expected   \"chainId\": 56"));
  EXPECT_THAT(edited("\"network\": \"bscmainnet\"", "\"network\": \"bsctestnet\""), HasSubstr("bscmainnet"));
  EXPECT_THAT(edited("\"key\": \"56-LookCoin\"", "\"key\": \"97-LookCoin\""), HasSubstr("another section"));
  EXPECT_THAT(edited("\"LookCoin\": {\"key\": \"56-LookCoin\"", "\"A\": {\"key\": \"56-A\""), HasSubstr("another section"));
  EXPECT_THAT(edited("\"LookCoin\": {", "\"Look\": {"), HasSubstr("not written as it has to be"));
  EXPECT_THAT(edited("\"value\": {\"chainId\":56}", "\"value\": {\"chainId\":56.0}"), HasSubstr("not written as it has to be"));
  EXPECT_THAT(edited("\"value\": {\"chainId\":56}", "\"value\": {\"chainId\":56"), HasSubstr("not written as it has to be"));
  EXPECT_THAT(edited("\"value\": {\"chainId\":56}", "\"raw\": \"{\\\"chainId\\\":56}\""), HasSubstr("not written as it has to be"));
  EXPECT_THAT(edited("\"value\": {\"chainId\":56}", "\"removed\": true"), HasSubstr("not written as it has to be"));
  EXPECT_THAT(edited("\"base64\": \"/w==\"", "\"base64\": \"/x==\""), HasSubstr("base64"));
  EXPECT_THAT(edited("\"infrastructure\": {},", "\"infrastructure\": {\n    },"), HasSubstr("expected"));
  const std::string look = lines.substr(lines.find("      \"LookCoin\""), lines.find("      \"SupplyOracle\"") - lines.find("      \"LookCoin\""));
  EXPECT_THAT(edited(look, look + look), HasSubstr("keys out of order"));
}

TEST_F(UnifiedJson, RefusesANewerVersionByName) {
  write(kSmall);
  const std::string sound = bytes_of("bscmainnet.unified.json");
  std::string lines = sound.substr(0, sound.find("  \"checksum\""));
  lines.replace(lines.find("unified/1"), 9, "unified/12");
  overwrite("bscmainnet.unified.json", sealed(lines + "  \"novelty\": true,\n"));
  auto found = stored();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::refused);
  EXPECT_THAT(found.error().message, HasSubstr("rollproof.unified/12"));
  EXPECT_EQ(unified_json::inspect(posix_.world(), where_)->problems.size(), 1u);
  overwrite("bscmainnet.unified.json", sealed(lines) + "}\n");
  found = stored();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::corruption);
}

TEST_F(UnifiedJson, FindsWhatRottedAfterItWasOpened) {
  write(kSmall);
  auto store = opened();
  std::string bad = bytes_of("bscmainnet.unified.json");
  const size_t byte = bad.find("{\"chainId\":56}") + 12;
  auto file = files_.open_write(at("bscmainnet.unified.json"));
  ASSERT_TRUE((*file)->write_at(byte, "7"));
  const auto value = store->get("56-LookCoin");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Code::corruption);
  EXPECT_EQ(value.error().path, at("bscmainnet.unified.json"));
  EXPECT_FALSE(records(*store));
  // And a fold does not give the damage a new checksum.
  ASSERT_TRUE(store->apply({{Change::Kind::put, "56-x", "1"}}));
  EXPECT_FALSE(store->checkpoint());
}

TEST_F(UnifiedJson, RefusesEverything_AfterAFailure) {
  write(kSmall);
  auto store = opened();
  ASSERT_TRUE(store->apply({{Change::Kind::put, "56-x", "1"}}));
  ASSERT_TRUE(os::remove_tree(files_, where_.path));
  ASSERT_FALSE(store->checkpoint());
  EXPECT_EQ(store->get("56-x").error().code, Code::refused);
  EXPECT_EQ(store->scan().error().code, Code::refused);
  EXPECT_EQ(store->apply({}).error().code, Code::refused);
  EXPECT_EQ(store->checkpoint().error().code, Code::refused);
  EXPECT_EQ(store->close().error().code, Code::refused);
}

TEST_F(UnifiedJson, KeepsOneFilePerSpaceWithRecords) {
  write({});
  EXPECT_THAT(names(), ElementsAre("other.unified.json"));
  auto store = opened();
  ASSERT_TRUE(store->apply({{Change::Kind::put, "56-a", "1"}, {Change::Kind::put, "1-b", "2"}}));
  const auto mark = store->checkpoint();
  EXPECT_THAT(names(), ElementsAre("bscmainnet.unified.json", "chain-1.unified.json"));
  EXPECT_THAT(*mark, ::testing::MatchesRegex("bscmainnet.unified.json [0-9]+ sha256:[0-9a-f]+\nchain-1.unified.json [0-9]+ sha256:[0-9a-f]+\n"));
  ASSERT_TRUE(store->apply({{Change::Kind::remove, "56-a", ""}, {Change::Kind::put, "odd", "3"}}));
  ASSERT_TRUE(store->checkpoint());
  EXPECT_THAT(names(), ElementsAre("chain-1.unified.json", "other.unified.json"));
  ASSERT_TRUE(store->apply({{Change::Kind::remove, "odd", ""}, {Change::Kind::remove, "1-b", ""}}));
  ASSERT_TRUE(store->close());
  EXPECT_THAT(names(), ElementsAre("other.unified.json"));
  EXPECT_EQ(*stored(), Records{});
}

TEST_F(UnifiedJson, NamesTheFile_WhenOneOfTheMarkIsGone) {
  write({{"56-a", "1"}, {"97-b", "2"}});
  const auto mark = unified_json::mark_of(posix_.world(), where_);
  ASSERT_TRUE(mark);
  EXPECT_EQ(*opened()->close(), *mark);
  ASSERT_TRUE(files_.remove(at("bscmainnet.unified.json")));
  for (const bool read_only : {false, true}) {
    const OpenOptions options{.create = true, .interrupted = true, .mark = *mark};
    const auto store = read_only ? unified_json::open_read_only(posix_.world(), where_, options) : unified_json::open(posix_.world(), where_, options);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::corruption);
    EXPECT_EQ(store.error().path, at("bscmainnet.unified.json"));
  }
  EXPECT_THAT(names(), ElementsAre("bsctestnet.unified.json")) << "nothing was changed";
}

TEST_F(UnifiedJson, KeepsAFileOfTheMark_UntilTheNextOneIsDurable) {
  write({{"56-a", "1"}, {"97-b", "2"}});
  const auto before = unified_json::mark_of(posix_.world(), where_);
  auto store = opened({.mark = *before});
  ASSERT_TRUE(store->apply({{Change::Kind::remove, "56-a", ""}, {Change::Kind::put, "1-c", "3"}}));
  EXPECT_FALSE(store->keeps_for_old_mark());
  const auto mark = store->checkpoint();
  EXPECT_TRUE(store->keeps_for_old_mark());
  EXPECT_THAT(names(), ElementsAre("bscmainnet.unified.json", "bsctestnet.unified.json", "chain-1.unified.json"));
  EXPECT_THAT(*mark, ::testing::Not(HasSubstr("bscmainnet")));
  ASSERT_TRUE(store->marked());
  EXPECT_FALSE(store->keeps_for_old_mark());
  EXPECT_THAT(names(), ElementsAre("bsctestnet.unified.json", "chain-1.unified.json"));
  ASSERT_TRUE(store->apply({{Change::Kind::remove, "1-c", ""}}));
  ASSERT_TRUE(store->close());
  EXPECT_THAT(names(), ElementsAre("bsctestnet.unified.json", "chain-1.unified.json")) << "the new mark names it";
  ASSERT_TRUE(store->marked());
  EXPECT_THAT(names(), ElementsAre("bsctestnet.unified.json"));
}

TEST_F(UnifiedJson, WritesNothing_WhenNothingHasChanged) {
  write(kSmall);
  auto store = opened();
  const auto identity = files_.stat(at("bscmainnet.unified.json"))->identity;
  const auto mark = store->checkpoint();
  ASSERT_TRUE(mark);
  EXPECT_EQ(*store->close(), *mark);
  EXPECT_EQ(files_.stat(at("bscmainnet.unified.json"))->identity, identity);
}

TEST_F(UnifiedJson, RemovesWhatAnInterruptedFoldLeft) {
  write(kSmall);
  overwrite("bscmainnet.unified.json.tmp", "{\n");
  overwrite("test.run-3.unified.json.tmp", "");
  overwrite("mine.unified.json.tmp", "kept");
  EXPECT_EQ(*stored(), kSmall);
  EXPECT_EQ(names().size(), 4u);
  const auto inspection = unified_json::inspect(posix_.world(), where_);
  ASSERT_EQ(inspection->problems.size(), 2u);
  EXPECT_TRUE(inspection->problems[0].ordinary);
  auto store = opened({.interrupted = true});
  EXPECT_THAT(names(), ElementsAre("bscmainnet.unified.json", "mine.unified.json.tmp"));
}

TEST_F(UnifiedJson, RefusesAFileThatNamesNoSpace) {
  write(kSmall);
  ASSERT_TRUE(files_.rename(at("bscmainnet.unified.json"), at("bsc.unified.json")));
  EXPECT_TRUE(*unified_json::is_there(posix_.world(), where_));
  EXPECT_EQ(stored().error().code, Code::corruption);
  ASSERT_TRUE(files_.rename(at("bsc.unified.json"), at("bsctestnet.unified.json")));
  EXPECT_EQ(stored().error().code, Code::corruption);
}

TEST_F(UnifiedJson, AgreesWithAMap_WhenChangesBecomeRuns) {
  std::mt19937_64 random(3);
  Records expected;
  const Tuning tuning{.overlay_bytes_max = 2000, .runs_max = 3};
  auto store = opened({.create = true}, tuning);
  for (int round = 0; round < 300; ++round) {
    record::Batch batch;
    for (int i = 0; i < 4; ++i) {
      const std::string key = (random() % 2 == 0 ? "56-" : "97-") + std::string(random() % 2 == 0 ? "Module" : "X") + std::to_string(random() % 60);
      if (random() % 4 == 0) {
        batch.push_back({Change::Kind::remove, key, ""});
        expected.erase(key);
      } else {
        batch.push_back({Change::Kind::put, key, std::to_string(round) + std::string(random() % 200, ' ')});
        expected[key] = batch.back().value;
      }
    }
    ASSERT_TRUE(store->apply(batch));
    if (round % 7 == 0) {
      ASSERT_EQ(*records(*store), expected) << round;
    }
    const std::string key = "56-X" + std::to_string(random() % 60);
    const auto value = store->get(key);
    ASSERT_TRUE(value);
    ASSERT_EQ(*value, expected.count(key) ? std::optional(expected[key]) : std::nullopt);
    if (round % 90 == 89) {
      ASSERT_TRUE(store->close());
      EXPECT_EQ(names().size(), 2u);
      store = opened({}, tuning);
    }
  }
  ASSERT_TRUE(store->close());
  EXPECT_EQ(*stored(), expected);
}

}  // namespace
}  // namespace rollproof::store::unified_json
