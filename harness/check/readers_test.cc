#include "harness/check/json_scan.h"
#include "harness/check/read_leveldb.h"
#include "harness/check/read_network.h"
#include "harness/check/read_unified.h"
#include "harness/check/story_for_tests.h"

namespace rollproof::check {
namespace {

bool is_json(std::string_view text) {
  size_t at = 0;
  const auto value = scan_value(text, at);
  return value && at == text.size();
}

TEST(JsonScan, TellsJsonFromWhatIsNot) {
  for (const char* good : {"0", "-0", "1e400", "0.10", "[]", "{}", "[1,{\"a\":[null,true,false]}]", "\"\\ud800\"", "{\"a\":1,\"a\":2}"}) EXPECT_TRUE(is_json(good)) << good;
  for (const char* bad : {"", "01", "1.", ".5", "+1", "1e", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "[", "\"", "\"\\x\"", "\"\\u12\"", "nul", "NaN", "\"\x01\"", "[1 2]"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
  EXPECT_TRUE(is_json(std::string(100000, '[') + std::string(100000, ']')));
}

TEST(JsonScan, GivesTheBytesOfAValueAsTheyStand) {
  std::string seen;
  EXPECT_TRUE(for_each_member("{ \"\\u0061\" : [ 1.0 , 2 ] , \"b\":-0}", [&](const std::string& name, std::string_view value) {
    seen += name + "=" + std::string(value) + ";";
    return true;
  }));
  EXPECT_EQ(seen, "a=[ 1.0 , 2 ];b=-0;");
}

TEST(JsonScan, DecodesPairsAndRefusesHalves) {
  EXPECT_EQ(decode_string("\"\\ud83d\\ude00\\u00e4\\n\""), "\xf0\x9f\x98\x80\xc3\xa4\n");
  EXPECT_EQ(decode_string("\"\\ud83d\""), std::nullopt);
  EXPECT_EQ(decode_string("\"\\ude00\""), std::nullopt);
  EXPECT_EQ(decode_base64("AP8="), std::string("\0\xff", 2));
  EXPECT_EQ(decode_base64("AP9="), std::nullopt);
}

TEST(ReadUnified, GivesValuesVerbatim) {
  std::string text = unified_text("other", {});
  text = text.substr(0, text.find("    \"legacy\""));
  text +=
      "    \"legacy\": {\n"
      "      \"a\": {\"key\": \"a\", \"value\": {\"n\":1.0,\"n\":-0}},\n"
      "      \"b\": {\"key\": \"b\", \"raw\": \" 1e400\\n\"},\n"
      "      \"base64:AP8=\": {\"keyBase64\": \"AP8=\", \"base64\": \"/wA=\"}\n"
      "    }\n  },\n  \"records\": 3,\n";
  text += "  \"checksum\": \"sha256:" + sha256_of(text) + "\"\n}\n";
  sim::Image image;
  image.put("target/other.unified.json", text);
  const Records records = read_unified(image.find("target"));
  ASSERT_EQ(records.error, "");
  const std::vector<Record> expected = {{std::string("\0\xff", 2), std::string("\xff\0", 2)}, {"a", "{\"n\":1.0,\"n\":-0}"}, {"b", " 1e400\n"}};
  EXPECT_EQ(records.sorted, expected);
}

TEST(ReadUnified, Refuses_WhenAnyByteIsChangedOrMissing) {
  const std::string text = unified_text("bscmainnet", {{"56-A", "{\"n\":1}"}, {"56-B", "2"}});
  sim::Image image;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    image.put("target/bscmainnet.unified.json", changed);
    const Records flipped = read_unified(image.find("target"));
    EXPECT_TRUE(!flipped.readable() || i + 1 == text.size()) << i;  // the newline at the end holds nothing
    image.put("target/bscmainnet.unified.json", text.substr(0, i));
    EXPECT_TRUE(!read_unified(image.find("target")).readable() || i + 1 == text.size()) << i;
  }
}

TEST(ReadUnified, Refuses_WhenAKeyIsThereTwice) {
  sim::Image image;
  image.put("target/bscmainnet.unified.json", unified_text("bscmainnet", {{"56-A", "1"}}));
  image.put("target/test.unified.json", unified_text("test", {{"56-A", "1"}}));
  EXPECT_EQ(read_unified(image.find("target")).error, "key 56-A is there twice");
}

const std::string kNetwork = "{\n \"chainId\" : 56, \"contracts\": { \"A\\u0062\": [1.0] , \"B\":-0 }, \"x\": {\"contracts\": {}}\n}";

TEST(ReadNetwork, GivesValuesVerbatim_AndLeavesOthersAlone) {
  sim::Image image;
  image.put("source/main.json", kNetwork).put("source/config-main.json", "{\"chainId\":56,\"contracts\":[]}").put("source/.x.json", "{").put("source/x.unified.json", "{");
  image.put("source/deeper/main.json", kNetwork).put("source/other.rollproof.json", unified_text("other", {{"odd", "1"}}));
  const Records records = read_network(image.find("source"), Strictness::strict);
  ASSERT_EQ(records.error, "");
  EXPECT_EQ(records.sorted, (std::vector<Record>{{"56-Ab", "[1.0]"}, {"56-B", "-0"}, {"odd", "1"}}));
  const auto parts = network_parts(kNetwork);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->chain, 56u);
  EXPECT_EQ(std::string(parts->front) + std::string(parts->contracts) + std::string(parts->back), kNetwork);
  EXPECT_EQ(parts->back, ", \"x\": {\"contracts\": {}}\n}");
  EXPECT_FALSE(read_network(image.find("source/nothing"), Strictness::strict).there);
}

TEST(ReadNetwork, Refuses_WhatIsCutOrAmbiguous) {
  sim::Image image;
  for (size_t i = 0; i < kNetwork.size(); ++i) {
    image.put("source/main.json", kNetwork.substr(0, i));
    EXPECT_FALSE(read_network(image.find("source"), Strictness::strict).readable()) << i;
  }
  for (const char* text : {"{\"contracts\":{}}", "{\"contracts\":{},\"chainId\":\"5\"}", "{\"contracts\":{\"A\":1,\"A\":1},\"chainId\":5}", "{\"contracts\":{},\"chainId\":5} 1"}) {
    image.put("source/main.json", text);
    EXPECT_FALSE(read_network(image.find("source"), Strictness::strict).readable()) << text;
  }
  image.put("source/main.json", kNetwork).put("source/bscmainnet.rollproof.json", unified_text("bscmainnet", {{"56-B", "7"}}));
  EXPECT_EQ(read_network(image.find("source"), Strictness::strict).error, "key 56-B is there twice");
  EXPECT_EQ(*read_network(image.find("source"), Strictness::lenient).find("56-B"), "7");
}

TEST(ReadLevelDB, ReadsWhatWasWritten_AndNoticesDamage) {
  sim::Image image;
  put_leveldb(image, "db", Story::records());
  const Records records = read_leveldb(image.find("db"));
  ASSERT_EQ(records.error, "");
  EXPECT_EQ(records.sorted.size(), Story::records().size());
  for (const std::string& path : image.files()) {
    if (!path.ends_with(".log")) continue;
    std::string log = *image.read(path);
    ASSERT_GT(log.size(), 100u);
    log[60] ^= 1;
    image.put(path, log);
  }
  EXPECT_NE(read_leveldb(image.find("db")).error, "");
  EXPECT_EQ(read_leveldb(image.find("db"), Strictness::lenient).error, "") << "a person would still get something out of it";
}

TEST(ReadLevelDB, ReadsALargeOneThatCompacts) {
  Map map;
  for (int i = 0; i < 20000; ++i) map[fmt::format("56-{:06}", i * 7919 % 20000)] = std::string(500, static_cast<char>('a' + i % 26));
  sim::Image image;
  put_leveldb(image, "db", map);
  const Records records = read_leveldb(image.find("db"));
  EXPECT_EQ(records.error, "");
  EXPECT_EQ(records.sorted.size(), map.size());
}

TEST(ReadLevelDB, SaysThatNothingIsThere) {
  sim::Image image;
  image.put("db/.rollproof-migration", "mig-1\n");
  EXPECT_FALSE(read_leveldb(image.find("db")).there);
  EXPECT_FALSE(read_leveldb(image.find("absent")).there);
  image.put("db/000005.ldb", "x");
  EXPECT_NE(read_leveldb(image.find("db")).error, "");
}

}  // namespace
}  // namespace rollproof::check
