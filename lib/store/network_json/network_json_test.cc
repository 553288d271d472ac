#include "lib/store/network_json/network_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "lib/base/digest.h"
#include "lib/os/paths.h"
#include "lib/os/posix_world.h"
#include "lib/os/scratch_directory.h"
#include "lib/store/network_json/network_text.h"

namespace rollproof::store::network_json {
namespace {

using Records = std::map<std::string, std::string>;
using record::Change;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string kTestnet = R"({
  "network": "bsctestnet",
  "chainId": 97,
  "deployer": "0xAb",
  "contracts": {
    "LookCoin": {
      "proxy": "0x01"
    },
    "SupplyOracle": {"proxy": "0x02", "n": 0.10}
  },
  "lastDeployed": "2025-08-01"
})";
const std::string kMainnet = "{\"contracts\":{\"LookCoin\":{\"proxy\":\"0x03\"}},\"network\":\"bsc\",\"chainId\":56}\r\n";
const std::string kConfig = "{\"chainId\": 97, \"protocolsConfigured\": []}\n";
const Records kRecords = {{"56-LookCoin", R"({"proxy":"0x03"})"}, {"97-LookCoin", "{\n      \"proxy\": \"0x01\"\n    }"}, {"97-SupplyOracle", R"({"proxy": "0x02", "n": 0.10})"}};

Change put(std::string key, std::string value) { return {Change::Kind::put, std::move(key), std::move(value)}; }
Change removal(std::string key) { return {Change::Kind::remove, std::move(key), {}}; }

class NetworkJson : public ::testing::Test {
 protected:
  // As other programs left it.
  void given_folder() {
    ASSERT_TRUE(os::make_directories(files_, at("unified")));
    overwrite("bsctestnet.json", kTestnet);
    overwrite("main.json", kMainnet);
    overwrite("config-bsctestnet.json", kConfig);
    overwrite("notes.txt", "mine");
    overwrite("unified/bscmainnet.unified.json", "{}");
  }

  std::unique_ptr<Store> opened(const OpenOptions& options = {}, const Tuning& tuning = {}) {
    auto store = network_json::open(posix_.world(), where_, options, tuning);
    EXPECT_TRUE(store) << store.error().to_string();
    return store ? std::move(*store) : nullptr;
  }

  void changed(const record::Batch& batch, const OpenOptions& options = {}) {
    auto store = opened(options);
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(store->apply(batch));
    const auto closed = store->close();
    ASSERT_TRUE(closed) << closed.error().to_string();
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

  Result<Records> stored(const OpenOptions& options = {}) {
    ROLLPROOF_ASSIGN(auto store, network_json::open_read_only(posix_.world(), where_, options));
    return records(*store);
  }

  // "file: what" of an open that is refused, which changes nothing.
  std::string why_refused(bool ordinary = false) {
    const Records before = contents();
    const auto store = network_json::open(posix_.world(), where_, {.create = true});
    EXPECT_EQ(contents(), before);
    EXPECT_TRUE(*network_json::is_there(posix_.world(), where_));
    const auto inspection = network_json::inspect(posix_.world(), where_);
    EXPECT_TRUE(inspection && !inspection->problems.empty() && inspection->problems[0].ordinary == ordinary);
    if (store) return "opened";
    EXPECT_EQ(store.error().code, Code::corruption);
    EXPECT_EQ(store.error().path, at(inspection->problems[0].file));
    EXPECT_EQ(store.error().message, inspection->problems[0].what);
    return os::name_of_path(store.error().path) + ": " + store.error().message;
  }

  std::string at(const std::string& name) const { return os::join(where_.path, name); }
  std::string bytes_of(const std::string& name) { return os::read_file(files_, at(name)).value_or("unreadable"); }
  void overwrite(const std::string& name, std::string_view bytes) {
    auto file = files_.create(at(name));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(0, bytes));
    ASSERT_TRUE((*file)->close());
  }
  std::vector<std::string> names() { return files_.list(where_.path).value_or(std::vector<std::string>{}); }
  Records contents() {
    Records all;
    const auto below = os::files_below(files_, where_.path).value_or(std::vector<std::string>{});
    for (const std::string& name : below) all[name] = bytes_of(name);
    return all;
  }

  os::ScratchDirectory scratch_;
  os::PosixWorld posix_{true};
  os::FileSystem& files_ = posix_.world().files;
  Where where_{"network-json", scratch_ / "deployments"};
};

TEST_F(NetworkJson, ReadsEachContractAsARecord_WithItsBytes) {
  given_folder();
  EXPECT_EQ(*stored(), kRecords);
  auto store = opened();
  EXPECT_EQ(*store->get("97-SupplyOracle"), kRecords.at("97-SupplyOracle"));
  EXPECT_EQ(*store->get("97-FeeManager"), std::nullopt);
  EXPECT_EQ(*store->get("1-LookCoin"), std::nullopt);
  EXPECT_THAT(network_json::inspect(posix_.world(), where_)->problems, IsEmpty());
}

TEST_F(NetworkJson, ChangesNoFile_WhenNothingIsWritten) {
  given_folder();
  const Records before = contents();
  auto store = opened();
  ASSERT_TRUE(store->checkpoint());
  ASSERT_TRUE(store->close());
  EXPECT_EQ(contents(), before);
}

TEST_F(NetworkJson, KeepsEveryOtherByte_WhenARecordIsWritten) {
  given_folder();
  Records expected = contents();
  changed({put("97-LookCoin", "{\"proxy\":\"0x09\"}"), put("97-New", "[]")});
  std::string& text = expected["bsctestnet.json"];
  text.replace(text.find(kRecords.at("97-LookCoin")), kRecords.at("97-LookCoin").size(), "{\"proxy\":\"0x09\"}");
  text.insert(text.find("\n  },\n  \"last"), ",\n    \"New\": []");
  EXPECT_EQ(contents(), expected);
}

// The way back is tried with such a write, and a user's own may be one.
TEST_F(NetworkJson, HasItsOldBytes_WhenWhatWasWrittenIsRemoved) {
  given_folder();
  const Records before = contents();
  const record::Batch batch = {put("97-New", "{}"), put("56-New", "1"), put("1-NewChain", "2"), put("rollproof:probe", "3"), put("97-NotJson", "\xff"), put("97-Odd", "{")};
  changed(batch);
  EXPECT_THAT(names(), ElementsAre("bsctestnet.json", "bsctestnet.rollproof.json", "chain-1.json", "config-bsctestnet.json", "main.json", "notes.txt", "other.rollproof.json", "unified"));
  EXPECT_EQ(stored()->size(), kRecords.size() + batch.size());
  record::Batch removals;
  for (const Change& change : batch) removals.push_back(removal(change.key));
  changed(removals);
  EXPECT_EQ(contents(), before);
}

TEST_F(NetworkJson, HasItsOldBytes_WhenAWriteIsRemovedBeforeItReachesAFile) {
  given_folder();
  const Records before = contents();
  changed({put("97-New", "{}"), put("1-x", "1"), put("odd", "1"), removal("97-New"), removal("1-x"), removal("odd")});
  EXPECT_EQ(contents(), before);
}

TEST_F(NetworkJson, WritesTheDocumentedText_WhereNoFileIs) {
  changed({put("56-LookCoin", R"({"chainId":56})"), put("56-Fee", "0.10"), put("1-x", "{\n}"), put("odd", "\xff")}, {.create = true});
  EXPECT_EQ(bytes_of("bscmainnet.json"), R"({
  "network": "bscmainnet",
  "chainId": 56,
  "contracts": {
    "LookCoin": {"chainId":56},
    "Fee": 0.10
  }
}
)");
  EXPECT_THAT(names(), ElementsAre("bscmainnet.json", "chain-1.json", "other.rollproof.json"));
  EXPECT_THAT(bytes_of("other.rollproof.json"), HasSubstr("\"checksum\": \"sha256:"));
}

TEST_F(NetworkJson, KeepsAFileOfOthersThatHasNoContractLeft) {
  given_folder();
  changed({removal("56-LookCoin"), removal("97-LookCoin"), removal("97-SupplyOracle")});
  EXPECT_EQ(bytes_of("main.json"), "{\"contracts\":{},\"network\":\"bsc\",\"chainId\":56}\r\n");
  EXPECT_EQ(*stored(), Records{});
  EXPECT_THAT(names(), ElementsAre("bsctestnet.json", "config-bsctestnet.json", "main.json", "notes.txt", "unified"));
}

TEST_F(NetworkJson, OverwritesNoFileOfOthers_WhenItHasTheNameOfANetwork) {
  ASSERT_TRUE(os::make_directories(files_, where_.path));
  overwrite("bscmainnet.json", kConfig);
  overwrite("chain-1.json", "{\"chainId\":2,\"contracts\":{}}");
  changed({put("56-a", "1"), put("1-b", "2")});
  EXPECT_EQ(bytes_of("bscmainnet.json"), kConfig);
  EXPECT_EQ(bytes_of("chain-1.json"), "{\"chainId\":2,\"contracts\":{}}");
  EXPECT_THAT(names(), ElementsAre("bscmainnet-2.json", "bscmainnet.json", "chain-1-2.json", "chain-1.json"));
  changed({put("56-c", "1")});
  EXPECT_EQ(names().size(), 4u);
}

TEST_F(NetworkJson, WritesEachContractWhereItIs_WhenTwoFilesShareAChain) {
  given_folder();
  overwrite("old.json", "{\"chainId\":97,\"contracts\":{\"Old\":1}}");
  changed({put("97-Old", "2"), put("97-LookCoin", "3"), put("97-New", "4")});
  EXPECT_EQ(bytes_of("old.json"), "{\"chainId\":97,\"contracts\":{\"Old\":2}}");
  EXPECT_THAT(bytes_of("bsctestnet.json"), HasSubstr("\"New\": 4"));
}

TEST_F(NetworkJson, IsRefusedByName_WhenAFileCanNotBeTrusted) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"", "it is not JSON: byte 0"},
      {kTestnet.substr(0, 100), "it is not JSON: byte 100"},
      {"{\"a\":\"\xff\"}", "it is not JSON: byte "},
      {"{\"contracts\":{}}", "it has contracts and no \"chainId\""},
      {"{\"contracts\":{},\"chainId\":\"56\"}", "\"chainId\" is \"56\""},
      {"{\"contracts\":{\"A\":1,\"A\":1},\"chainId\":56}", "the contract A is there twice"},
      {"{\"contracts\":{\"LookCoin\":1},\"chainId\":97}", "97-LookCoin is in bsctestnet.json too"},
  };
  for (const auto& [text, what] : bad) {
    given_folder();
    overwrite("zz.json", text);
    EXPECT_THAT(why_refused(), StartsWith("zz.json: " + what));
  }
  given_folder();
  overwrite("zz.json", "{}");
  EXPECT_EQ(*stored(), kRecords);
  overwrite("zz.rollproof.json", "{}");
  EXPECT_THAT(why_refused(), HasSubstr("no such space"));
}

TEST_F(NetworkJson, IsRefusedByName_WhenANetworkFileIsALink) {
  given_folder();
  ASSERT_TRUE(files_.rename(at("main.json"), scratch_ / "elsewhere.json"));
  std::filesystem::create_symlink(scratch_ / "elsewhere.json", at("main.json"));
  EXPECT_THAT(why_refused(), StartsWith("main.json: it is a link"));
}

TEST_F(NetworkJson, LeavesAloneWhatIsNoNetworkFile) {
  given_folder();
  for (const char* name : {".hidden.json", "x.unified.json", "data.txt", "json"}) overwrite(name, "{\"contracts\":{\"A\":1},\"chainId\":56");
  EXPECT_EQ(*stored(), kRecords);
}

TEST_F(NetworkJson, IsExactOrCorrupt_WhenAnyByteOfTheFileBesideFlips) {
  changed({put("56-a", "\xff"), put("odd", " ")}, {.create = true});
  for (const std::string name : {"bscmainnet.rollproof.json", "other.rollproof.json"}) {
    const std::string sound = bytes_of(name);
    for (size_t byte = 0; byte < sound.size(); ++byte) {
      std::string bad = sound;
      bad[byte] = static_cast<char>(bad[byte] ^ (1 << (byte % 8)));
      overwrite(name, bad);
      const auto found = stored();
      ASSERT_FALSE(found) << name << " byte " << byte;
      ASSERT_EQ(found.error().code, Code::corruption);
    }
    overwrite(name, sound);
  }
  EXPECT_EQ(stored()->size(), 2u);
}

TEST_F(NetworkJson, FindsWhatRottedAfterItWasOpened) {
  given_folder();
  auto store = opened();
  auto file = files_.open_write(at("bsctestnet.json"));
  ASSERT_TRUE((*file)->write_at(kTestnet.find("0x02"), "1"));
  EXPECT_EQ(store->get("97-SupplyOracle").error().code, Code::corruption);
  EXPECT_EQ(*store->get("97-LookCoin"), kRecords.at("97-LookCoin"));
  EXPECT_FALSE(records(*store));
  ASSERT_TRUE(store->apply({put("97-x", "1")}));
  const auto folded = store->checkpoint();
  ASSERT_FALSE(folded);
  EXPECT_EQ(folded.error().path, at("bsctestnet.json"));
  EXPECT_EQ(store->get("97-LookCoin").error().code, Code::refused);
}

// What lies between the values belongs to a fold, too.
TEST_F(NetworkJson, FoldsNothingOverAFileThatChangedMeanwhile) {
  given_folder();
  auto store = opened();
  overwrite("main.json", kMainnet + "\n");
  ASSERT_TRUE(store->apply({put("56-x", "1")}));
  EXPECT_EQ(store->checkpoint().error().code, Code::corruption);
  EXPECT_EQ(bytes_of("main.json"), kMainnet + "\n");
}

TEST_F(NetworkJson, MovesARecordBesideAndBack) {
  given_folder();
  changed({put("97-LookCoin", "no json"), put("56-Other", "\xff")});
  EXPECT_EQ(stored()->at("97-LookCoin"), "no json");
  EXPECT_THAT(bytes_of("bsctestnet.json"), ::testing::Not(HasSubstr("LookCoin")));
  changed({put("97-LookCoin", "{}"), put("97-SupplyOracle", "{")});
  EXPECT_EQ(stored()->at("97-LookCoin"), "{}");
  EXPECT_EQ(stored()->at("97-SupplyOracle"), "{");
  EXPECT_THAT(bytes_of("bsctestnet.json"), HasSubstr("\"LookCoin\": {}"));
}

TEST_F(NetworkJson, TakesWhatIsBeside_WhenAnInterruptionLeftARecordTwice) {
  given_folder();
  changed({put("97-SupplyOracle", "{")});
  overwrite("bsctestnet.json", kTestnet);
  EXPECT_THAT(why_refused(true), HasSubstr("97-SupplyOracle is in bsctestnet.rollproof.json too"));
  EXPECT_EQ(stored({.interrupted = true})->at("97-SupplyOracle"), "{");
  changed({}, {.interrupted = true});
  EXPECT_EQ(stored()->at("97-SupplyOracle"), "{");
  EXPECT_THAT(bytes_of("bsctestnet.json"), ::testing::Not(HasSubstr("SupplyOracle")));
}

TEST_F(NetworkJson, NamesEachFileInTheMark_AndIsCorruptWithoutIt) {
  given_folder();
  changed({put("1-x", "1"), put("odd", "2")});
  const auto mark = network_json::mark_of(posix_.world(), where_);
  ASSERT_TRUE(mark);
  EXPECT_THAT(*mark, ::testing::MatchesRegex("other.rollproof.json [0-9]+ sha256:[0-9a-f]+\nchain-1.json [0-9]+ sha256:[0-9a-f]+ ours\n"
                                             "main.json [0-9]+ sha256:[0-9a-f]+ kept\nbsctestnet.json [0-9]+ sha256:[0-9a-f]+ kept\n"));
  EXPECT_THAT(*mark, HasSubstr("main.json " + std::to_string(kMainnet.size()) + " sha256:" + sha256_hex(kMainnet) + " kept\n"));
  EXPECT_EQ(*opened()->close(), *mark);
  const OpenOptions interrupted{.interrupted = true, .mark = *mark};
  EXPECT_TRUE(stored(interrupted));
  for (const char* name : {"chain-1.json", "other.rollproof.json", "main.json"}) {
    const std::string bytes = bytes_of(name);
    ASSERT_TRUE(files_.remove(at(name)));
    EXPECT_EQ(stored(interrupted).error().code, Code::corruption);
    EXPECT_EQ(stored(interrupted).error().path, at(name));
    overwrite(name, bytes);
  }
  overwrite("main.json", "{\"contractz\":{}}");
  EXPECT_THAT(stored(interrupted).error().message, HasSubstr("no network file any more"));
}

TEST_F(NetworkJson, KeepsAFileOfTheMark_UntilTheNextOneIsDurable) {
  given_folder();
  changed({put("1-x", "1"), put("odd", "2")});
  const auto before = network_json::mark_of(posix_.world(), where_);
  auto store = opened({.mark = *before});
  ASSERT_TRUE(store->apply({removal("1-x"), removal("odd")}));
  const auto mark = store->checkpoint();
  ASSERT_TRUE(mark);
  EXPECT_TRUE(store->keeps_for_old_mark());
  EXPECT_THAT(*mark, ::testing::Not(HasSubstr("chain-1")));
  EXPECT_EQ(*records(*store), kRecords);
  // The process dies here, before the new mark is durable or behind it.
  EXPECT_EQ(*stored({.interrupted = true, .mark = *before}), kRecords);
  store = opened({.interrupted = true, .mark = *mark});
  EXPECT_EQ(*store->close(), *mark);
  EXPECT_THAT(names(), ElementsAre("bsctestnet.json", "config-bsctestnet.json", "main.json", "notes.txt", "unified"));
}

TEST_F(NetworkJson, KeepsAFileWithoutContracts_WhenTheMarkNamesIt) {
  given_folder();
  overwrite("chain-1.json", new_network_text(1));
  const auto mark = network_json::mark_of(posix_.world(), where_);
  changed({put("97-new", "1")}, {.interrupted = true, .mark = *mark});
  EXPECT_EQ(bytes_of("chain-1.json"), new_network_text(1));
}

TEST_F(NetworkJson, RemovesWhatAnInterruptedFoldLeft) {
  given_folder();
  overwrite("main.json.rollproof.json.tmp", "{");
  overwrite("other.run-3.rollproof.json.tmp", "");
  overwrite("main.json.tmp", "of others");
  EXPECT_EQ(*stored(), kRecords);
  const auto inspection = network_json::inspect(posix_.world(), where_);
  ASSERT_EQ(inspection->problems.size(), 2u);
  EXPECT_TRUE(inspection->problems[0].ordinary);
  EXPECT_EQ(names().size(), 8u);
  changed({}, {.interrupted = true});
  EXPECT_THAT(names(), ElementsAre("bsctestnet.json", "config-bsctestnet.json", "main.json", "main.json.tmp", "notes.txt", "unified"));
}

TEST_F(NetworkJson, DestroysItsFilesAndNoOthers) {
  given_folder();
  changed({put("odd", "1"), put("1-x", "1")});
  overwrite("chain-1.json", "{ damaged");
  overwrite("mine.json", "{ damaged too");
  ASSERT_TRUE(network_json::destroy(posix_.world(), where_));
  EXPECT_THAT(names(), ElementsAre("config-bsctestnet.json", "mine.json", "notes.txt", "unified"));
}

TEST_F(NetworkJson, AgreesWithAMap_WhenChangesBecomeRuns) {
  std::mt19937_64 random(3);
  Records expected;
  const Tuning tuning{.overlay_bytes_max = 2000, .runs_max = 3};
  auto store = opened({.create = true}, tuning);
  for (int round = 0; round < 300; ++round) {
    record::Batch batch;
    for (int i = 0; i < 4; ++i) {
      const std::string key = (random() % 2 == 0 ? "56-" : "97-") + std::string(random() % 2 == 0 ? "Module" : "X") + std::to_string(random() % 60);
      if (random() % 4 == 0) {
        batch.push_back(removal(key));
        expected.erase(key);
      } else {
        const bool json = random() % 4 != 0;
        batch.push_back(put(key, std::to_string(round) + (json ? "" : std::string(random() % 200, ' ') + "x")));
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
      store = opened({}, tuning);
    }
  }
  ASSERT_TRUE(store->close());
  EXPECT_EQ(*stored(), expected);
  EXPECT_THAT(names(), ElementsAre("bscmainnet.json", "bscmainnet.rollproof.json", "bsctestnet.json", "bsctestnet.rollproof.json"));
}

}  // namespace
}  // namespace rollproof::store::network_json
