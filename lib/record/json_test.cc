#include "lib/record/json.h"

#include <gtest/gtest.h>

#include <random>

#include "lib/record/javascript.h"
#include "lib/record/utf8.h"

namespace rollproof::record {
namespace {

using json::Document;

std::string refusal(const std::string& text) {
  const auto document = Document::parse(text);
  EXPECT_EQ(document.has_value(), json::check(text).has_value());
  return document ? "accepted" : document.error().message;
}

std::u16string units(const std::string& token) {
  EXPECT_EQ(refusal(token), "accepted") << token;
  return json::code_units(token);
}

TEST(Json, KeepsTheTextOfEveryValue) {
  const std::string text = " { \"n\" : [ 0.10 , -0 , 1e400 , 1000000000000000000000000000 ] , \"s\":\"\\u0041\" , \"n\":null } ";
  const auto document = Document::parse(text);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->root().raw(), text.substr(1, text.size() - 2));
  const auto members = document->root().children();
  ASSERT_EQ(members.size(), 3u);
  const auto numbers = members[0].children();
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_EQ(numbers[0].raw(), "0.10");
  EXPECT_EQ(numbers[1].raw(), "-0");
  EXPECT_EQ(numbers[2].raw(), "1e400");
  EXPECT_EQ(numbers[3].raw(), "1000000000000000000000000000");
  EXPECT_EQ(members[1].raw(), "\"\\u0041\"");
  EXPECT_EQ(members[2].name(), "\"n\"");
  EXPECT_EQ(members[2].kind(), json::Kind::null);
  EXPECT_EQ(document->root().find("n")->kind(), json::Kind::array);
  EXPECT_FALSE(document->root().find("absent"));
}

TEST(Json, NamesOffsetAndExpectation_WhenTextIsMalformed) {
  EXPECT_EQ(refusal(""), "byte 0: expected a value, found the end of the text");
  EXPECT_EQ(refusal("{\"a\":1 x"), "byte 7: expected ',' or '}', found 'x'");
  EXPECT_EQ(refusal("[1 2]"), "byte 3: expected ',' or ']', found '2'");
  EXPECT_EQ(refusal("[1,]"), "byte 3: expected a value, found ']'");
  EXPECT_EQ(refusal("{\"a\":1,}"), "byte 7: expected a name in quotes, found '}'");
  EXPECT_EQ(refusal("{a:1}"), "byte 1: expected a name in quotes or '}', found 'a'");
  EXPECT_EQ(refusal("{\"a\" 1}"), "byte 5: expected ':', found '1'");
  EXPECT_EQ(refusal("007"), "byte 1: expected no digit after a leading zero, found '0'");
  EXPECT_EQ(refusal("1."), "byte 2: expected a digit after the decimal point, found the end of the text");
  EXPECT_EQ(refusal("1e+"), "byte 3: expected a digit of the exponent, found the end of the text");
  EXPECT_EQ(refusal("-x"), "byte 1: expected a digit, found 'x'");
  EXPECT_EQ(refusal("NaN"), "byte 0: expected a value, found 'N'");
  EXPECT_EQ(refusal("nul"), "byte 3: expected 'null', found the end of the text");
  EXPECT_EQ(refusal("1 1"), "byte 2: expected nothing after the value, found '1'");
  EXPECT_EQ(refusal("\"a\nb\""), "byte 2: expected an escape instead of a control character, found byte 0x0a");
  EXPECT_EQ(refusal("\"\\x41\""), "byte 2: expected one of \" \\ / b f n r t u after the backslash, found 'x'");
  EXPECT_EQ(refusal("\"\\u12g4\""), "byte 5: expected four hexadecimal digits after \\u, found 'g'");
  EXPECT_EQ(refusal("\"a"), "byte 2: expected '\"' to end the string of byte 0, found the end of the text");
  EXPECT_EQ(refusal("\xef\xbb\xbf{}"), "byte 0: expected a value, found byte 0xef");
  EXPECT_EQ(refusal("\"a\xed\xa0\x80\""), "byte 2: expected UTF-8, found byte 0xed");
  EXPECT_EQ(refusal(std::string("{}\0", 3)), "byte 2: expected nothing after the value, found byte 0x00");
}

TEST(Json, RefusesDepth_BeforeAnyStackEnds) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(refusal(nested(json::kDepthMax)), "accepted");
  EXPECT_EQ(refusal(nested(json::kDepthMax + 1)), "byte 1000: expected at most 1000 arrays and objects within each other, found '['");
  EXPECT_NE(refusal(nested(10'000'000)), "accepted");
}

TEST(Json, DecodesEscapes_LoneSurrogatesAndNulIncluded) {
  EXPECT_EQ(units(R"("a\u0000\ud800\n\/\uDC00")"), std::u16string({u'a', 0, 0xd800, u'\n', u'/', 0xdc00}));
  EXPECT_EQ(units("\"\xf0\x9f\x98\x80\xc3\xa9\""), std::u16string({0xd83d, 0xde00, 0xe9}));
  EXPECT_EQ(json::to_utf8(R"("\ud83d\ude00\u00e9\u0041")"), "\xf0\x9f\x98\x80\xc3\xa9" "A");
  EXPECT_EQ(json::to_utf8(R"("\ud83d")"), std::nullopt);
  EXPECT_EQ(json::to_utf8(R"("\ud83d\n")"), std::nullopt);
  EXPECT_EQ(json::to_utf8(R"("\ude00\ud83d")"), std::nullopt);
}

TEST(Json, WritesStringsThatReadBack) {
  std::string all;
  for (int byte = 0; byte < 128; ++byte) all += static_cast<char>(byte);
  all += "\xe2\x80\xa8\xf0\x9f\x98\x80";
  std::string token;
  json::append_string(token, all);
  EXPECT_EQ(refusal(token), "accepted");
  EXPECT_EQ(json::to_utf8(token), all);
  EXPECT_TRUE(survives_javascript(token));
}

TEST(Json, GivesEqualDecimals_WhenNumbersAreEqual) {
  for (const char* one : {"1", "1.0", "10e-1", "0.1e1", "1E+0", "100e-00002"}) EXPECT_EQ(json::decimal_of(one), "1") << one;
  EXPECT_EQ(json::decimal_of("-0.00e7"), "0");
  EXPECT_EQ(json::decimal_of("-1200.50"), "-12005e-1");
  EXPECT_EQ(json::decimal_of("1000000000000000000000000000"), "1e27");
  EXPECT_NE(json::decimal_of("9007199254740993"), json::decimal_of("9007199254740992"));
  EXPECT_EQ(json::decimal_of("1e99999999999999999999"), "1e99999999999999999999");
}

TEST(Json, KnowsUtf8) {
  EXPECT_TRUE(is_utf8("plain ascii, long enough for words"));
  EXPECT_TRUE(is_utf8("\xc3\xa9 \xe2\x82\xac \xf4\x8f\xbf\xbf \xed\x9f\xbf"));
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"}) {
    EXPECT_EQ(valid_utf8_prefix(std::string("12345678ab") + bad), 10u);
  }
}

TEST(Javascript, AcceptsOnlyWhatStringifyWrites) {
  for (const char* good : {"null", "[]", "{}", R"({"a":[1,-2,0,0.5,"x\n\u001f\"",true,{}],"":""})", "123456789012345", "0.000001", "-1.25"}) {
    EXPECT_TRUE(survives_javascript(good)) << good;
  }
  for (const char* bad : {"", " 1", "1 ", "[1, 2]", "-0", "1.0", "1e2", "1E2", "9007199254740993", "0.0000001", "0.10", R"("\/")", R"("\u0041")",
                          R"("\u000a")", R"("\u001F")", R"("\ud800")", R"({"a":1,"a":2})", R"({"b":1,"1":2})", "[1,]", "1e400"}) {
    EXPECT_FALSE(survives_javascript(bad)) << bad;
  }
  std::string wide = "{";
  for (int i = 0; i < 40; ++i) wide += "\"n" + std::to_string(i) + "\":1,";
  EXPECT_TRUE(survives_javascript(wide + "\"m\":1}"));
  EXPECT_FALSE(survives_javascript(wide + "\"n7\":1}"));
}

}  // namespace
}  // namespace rollproof::record
