#include "lib/store/network_json/network_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace rollproof::store::network_json {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As one of LookCoin's tools writes it, without its numbers.
const std::string kPretty = R"({
  "network": "bsctestnet",
  "chainId": 97,
  "deployer": "0xAb",
  "contracts": {
    "LookCoin": {
      "proxy": "0x01",
      "supply": 1e400
    },
    "SupplyOracle" : [ 0.10 ]
  },
  "lastDeployed": "2025-08-01T20:18:50.055Z"
})";

std::optional<NetworkText> network_in(std::string_view text) {
  auto read = read_network_text(text);
  EXPECT_TRUE(read) << read.error().message;
  return read ? *read : std::nullopt;
}

std::string why_refused(std::string_view text) {
  const auto read = read_network_text(text);
  if (read) return *read ? "read" : "of others";
  EXPECT_EQ(read.error().code, Code::corruption);
  return read.error().message;
}

std::map<std::string, std::string> contracts_in(std::string_view text) {
  std::map<std::string, std::string> all;
  const auto network = network_in(text);
  for (const Member& member : network->members) all[member.contract] = text.substr(member.value, member.end - member.value);
  return all;
}

// `text` with the changes; nothing stands for a removal. What is put is added behind the rest if it is not there.
std::string changed(std::string_view text, std::map<std::string, std::optional<std::string>> changes) {
  const auto network = network_in(text);
  std::string out;
  Splicer splicer(text, *network, [&](std::string_view piece) -> Status {
    out += piece;
    return {};
  });
  const auto check_value = [&](std::string_view value) { EXPECT_EQ(std::string_view(out).substr(splicer.value_at()), value); };
  for (const Member& member : network->members) {
    std::string value(text.substr(member.value, member.end - member.value));
    if (const auto change = changes.find(member.contract); change != changes.end()) {
      const auto wanted = change->second;
      changes.erase(change);
      if (!wanted) continue;
      value = *wanted;
    }
    EXPECT_TRUE(splicer.keep(member, value));
    check_value(value);
  }
  for (const auto& [contract, value] : changes) {
    if (!value) continue;
    EXPECT_TRUE(splicer.add(contract, *value));
    check_value(*value);
  }
  EXPECT_TRUE(splicer.finish());
  return out;
}

TEST(NetworkText, HoldsContractsWithTheirBytes) {
  const auto network = network_in(kPretty);
  ASSERT_TRUE(network);
  EXPECT_EQ(network->chain, 97u);
  EXPECT_EQ(contracts_in(kPretty), (std::map<std::string, std::string>{{"LookCoin", "{\n      \"proxy\": \"0x01\",\n      \"supply\": 1e400\n    }"}, {"SupplyOracle", "[ 0.10 ]"}}));
  EXPECT_EQ(kPretty.substr(network->close, 3), "},\n");
  EXPECT_THAT(contracts_in(R"({"contracts":{"A\u0062":1,"c/d.sol:E":-0},"chainId":0})"), ElementsAre(std::pair("Ab", "1"), std::pair("c/d.sol:E", "-0")));
}

TEST(NetworkText, IsOfOthers_WithoutAnObjectOfContracts) {
  for (const char* text : {"1", "[]", "[{\"contracts\":{}}]", "{}", "\"contracts\"", R"({"chainId":56})", R"({"chainId":56,"contracts":[]})", R"({"chainId":1,"chainId":1})",
                           R"({"x":{"contracts":{"A":1},"chainId":56}})", R"({"contracts":null})", R"({"contracts":1,"contracts":2})"}) {
    EXPECT_EQ(why_refused(text), "of others") << text;
  }
}

TEST(NetworkText, IsRefused_WhenItCouldBeReadInTwoWays) {
  EXPECT_EQ(why_refused(R"({"contracts":{}})"), "it has contracts and no \"chainId\"");
  EXPECT_EQ(why_refused(R"({"contracts":{},"chainId":"56"})"), "\"chainId\" is \"56\", not a whole number of at most 15 digits");
  EXPECT_THAT(why_refused(R"({"contracts":{},"chainId":5.6e1})"), HasSubstr("5.6e1"));
  EXPECT_THAT(why_refused(R"({"contracts":{},"chainId":-56})"), HasSubstr("-56"));
  EXPECT_THAT(why_refused(R"({"contracts":{},"chainId":1234567890123456})"), HasSubstr("not a whole number"));
  EXPECT_THAT(why_refused(R"({"contracts":{},"chainId":null})"), HasSubstr("null"));
  EXPECT_EQ(why_refused(R"({"contracts":{},"chainId":56,"chainId":56})"), "\"chainId\" is there twice");
  EXPECT_EQ(why_refused(R"({"contracts":{"A":1},"chainId":56,"contracts":{"B":1}})"), "\"contracts\" is there twice");
  EXPECT_EQ(why_refused(R"({"contracts":1,"chainId":56,"contracts":{"B":1}})"), "\"contracts\" is there twice");
  EXPECT_EQ(why_refused(R"({"chainId":56,"contracts":{"A":1,"\u0041":2}})"), "the contract A is there twice");
  EXPECT_EQ(why_refused(R"({"chainId":56,"contracts":{"":1}})"), "byte 27: a contract without a name");
  EXPECT_EQ(why_refused(R"({"chainId":56,"contracts":{"\ud800":1}})"), "byte 27: a contract whose name is half a character");
}

TEST(NetworkText, IsRefused_WhenItIsNoJsonInUtf8) {
  EXPECT_THAT(why_refused(""), HasSubstr("it is not JSON: byte 0"));
  EXPECT_THAT(why_refused("\xef\xbb\xbf{}"), HasSubstr("it is not JSON: byte 0"));
  EXPECT_THAT(why_refused("{} x"), HasSubstr("it is not JSON: byte 3"));
  EXPECT_THAT(why_refused("{\"a\":\"\xff\"}"), HasSubstr("it is not JSON"));
  EXPECT_THAT(why_refused("// what\n{}"), HasSubstr("it is not JSON"));
  for (size_t length = 0; length < kPretty.size(); ++length) ASSERT_THAT(why_refused(kPretty.substr(0, length)), HasSubstr("it is not JSON")) << length;
}

TEST(NetworkText, KeepsEveryOtherByte_WhenAValueChanges) {
  std::string expected = kPretty;
  expected.replace(expected.find("[ 0.10 ]"), 8, "\"new\"");
  EXPECT_EQ(changed(kPretty, {{"SupplyOracle", "\"new\""}}), expected);
  EXPECT_EQ(changed(kPretty, {}), kPretty);
}

TEST(NetworkText, AddsBehindTheRest_SpacedLikeIt) {
  EXPECT_THAT(changed(kPretty, {{"Zed\"", "1"}, {"Abe", "2"}}), HasSubstr("[ 0.10 ],\n    \"Abe\" : 2,\n    \"Zed\\\"\" : 1\n  },\n"));
  EXPECT_EQ(changed(R"({"contracts":{"A":1},"chainId":5})", {{"B", "2"}}), R"({"contracts":{"A":1,"B":2},"chainId":5})");
  EXPECT_EQ(changed(R"({"contracts":{},"chainId":5})", {{"B", "2"}}), R"({"contracts":{"B": 2},"chainId":5})");
  EXPECT_EQ(changed("{\"contracts\":{\r\n\t},\"chainId\":5}", {{"B", "2"}}), "{\"contracts\":{\r\n\t  \"B\": 2\r\n\t},\"chainId\":5}");
}

TEST(NetworkText, IsTheOldText_WhenWhatWasAddedIsTakenOut) {
  for (const std::string& text : {kPretty, new_network_text(56), std::string(R"({"chainId":5,"contracts":{}})"), std::string("{\"contracts\" : { \r\n } ,\"chainId\":5}\n\n"),
                                  std::string("{\"chainId\":5,\"contracts\":{\"A\":1 , \"B\"  :\t2 }}"), std::string(" {\"contracts\":{ \"A\":1\t},\"chainId\":5}")}) {
    std::string now = text;
    for (const char* name : {"X", "Y", "Z"}) now = changed(now, {{name, "{\"n\": 1}"}});
    EXPECT_EQ(contracts_in(now).size(), contracts_in(text).size() + 3);
    for (const char* name : {"Y", "X", "Z"}) now = changed(now, {{name, std::nullopt}});
    EXPECT_EQ(now, text);
    EXPECT_EQ(changed(changed(text, {{"X", "1"}, {"Y", "2"}}), {{"X", std::nullopt}, {"Y", std::nullopt}}), text);
  }
}

TEST(NetworkText, StaysSound_WhateverIsTakenOut) {
  for (const std::string& removed : {std::string("LookCoin"), std::string("SupplyOracle")}) {
    auto expected = contracts_in(kPretty);
    expected.erase(removed);
    EXPECT_EQ(contracts_in(changed(kPretty, {{removed, std::nullopt}})), expected);
    expected["New"] = "1";
    EXPECT_EQ(contracts_in(changed(kPretty, {{removed, std::nullopt}, {"New", "1"}})), expected);
  }
  const std::string none = changed(kPretty, {{"LookCoin", std::nullopt}, {"SupplyOracle", std::nullopt}});
  EXPECT_THAT(none, HasSubstr("\"contracts\": {\n  },\n"));
  EXPECT_EQ(contracts_in(changed(kPretty, {{"LookCoin", std::nullopt}, {"SupplyOracle", std::nullopt}, {"New", "1"}})).size(), 1u);
}

TEST(NetworkText, KnowsWhatWeBegin) {
  const std::string begun = new_network_text(56);
  EXPECT_EQ(network_in(begun)->chain, 56u);
  EXPECT_TRUE(is_as_we_begin_it(begun, *network_in(begun)));
  const std::string filled = changed(begun, {{"A", "1"}, {"B", "2"}});
  EXPECT_TRUE(is_as_we_begin_it(filled, *network_in(filled)));
  for (const std::string& text : {kPretty, begun + "\n", std::string(begun).replace(begun.find("bscmainnet"), 10, "BscMainnet")}) {
    EXPECT_FALSE(is_as_we_begin_it(text, *network_in(text)));
  }
}

TEST(NetworkText, FitsOnlyWhatComesBackWithItsBytes) {
  for (const char* value : {"1", "-0", "1e400", "{\"a\": 1}", "\"\\ud800\"", "null", "{\"a\":1,\"a\":2}"}) EXPECT_TRUE(fits("56-LookCoin", value)) << value;
  for (const char* value : {"", " 1", "1\n", "{", "{}}", "1, \"x\": 2", "\xff", "\xef\xbb\xbf{}", "nul"}) EXPECT_FALSE(fits("56-LookCoin", value)) << value;
  EXPECT_TRUE(fits("0-__proto__", "1"));
  for (const char* key : {"", "56", "56-", "056-a", "x", "1234567890123456-a", "56-\xff"}) EXPECT_FALSE(fits(key, "1")) << key;
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(fits("56-a", nested(998)));
  EXPECT_FALSE(fits("56-a", nested(999)));
  EXPECT_EQ(contracts_in(changed(new_network_text(56), {{"a", nested(998)}})).at("a"), nested(998));
  EXPECT_THAT(why_refused(changed(new_network_text(56), {{"a", nested(999)}})), HasSubstr("it is not JSON"));
}

}  // namespace
}  // namespace rollproof::store::network_json
