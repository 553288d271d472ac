#include "lib/record/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollproof::record {
namespace {

using json::Document;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Document parsed(const std::string& text) {
  auto document = Document::parse(text);
  EXPECT_TRUE(document) << document.error().message;
  return *document;
}

std::vector<std::string> differences(const std::string& left, const std::string& right, CanonicalOptions options = {}) {
  const Document a = parsed(left);
  const Document b = parsed(right);
  std::vector<std::string> lines;
  for (const auto& difference : field_differences(a, b, options)) lines.push_back(difference.to_string());
  EXPECT_EQ(lines.empty(), canonical_of(a, options) == canonical_of(b, options)) << left << " " << right;
  return lines;
}

TEST(Canonical, IgnoresKeyOrderWhitespaceAndEscapes) {
  const std::string text = " {\"b\" : [1, 2] ,\n\"a\":\"\\u0041\\/\"}";
  EXPECT_EQ(canonical_of(parsed(text)), R"({"a":"A/","b":[1,2]})");
  EXPECT_THAT(differences(text, R"({"a":"A/","b":[1,2]})"), IsEmpty());
}

TEST(Canonical, KeepsNumberText_UnlessDecimalsAreAskedFor) {
  EXPECT_THAT(differences(R"({"deploymentArgs":[0,1]})", R"({"deploymentArgs":[0,1.0]})"), ElementsAre("$.deploymentArgs[1]: 1 != 1.0"));
  EXPECT_THAT(differences("[1]", "[1.0]", {.decimal_numbers = true}), IsEmpty());
  EXPECT_THAT(differences("9007199254740993", "9007199254740992", {.decimal_numbers = true}), ElementsAre("$: 9007199254740993 != 9007199254740992"));
}

TEST(Canonical, TellsAbsentFromNull) {
  EXPECT_THAT(differences(R"({"a":null})", "{}"), ElementsAre("$.a: null != absent"));
  EXPECT_THAT(differences("[]", "[null]"), ElementsAre("$[0]: absent != null"));
}

TEST(Canonical, KeepsDuplicateNamesInTheirOrder) {
  EXPECT_THAT(differences(R"({"a":1,"a":2})", R"({"a":2,"a":1})"), ElementsAre("$.a: 1 != 2", "$.a#2: 2 != 1"));
  EXPECT_THAT(differences(R"({"a":1,"a":1})", R"({"a":1})"), ElementsAre("$.a#2: 1 != absent"));
  EXPECT_THAT(duplicate_names_of(parsed(R"({"a":1,"\u0061":2,"a":3,"o":[{"x y":1,"x y":1}]})")), ElementsAre("$.a", "$.o[0][\"x y\"]"));
}

TEST(Canonical, ComparesStringsByCodeUnits) {
  EXPECT_THAT(differences(R"("\ud83d\ude00")", "\"\xf0\x9f\x98\x80\""), IsEmpty());
  EXPECT_THAT(differences(R"("\ud800")", R"("\uD800")"), IsEmpty());
  EXPECT_THAT(differences(R"("\ud800")", R"("\ud801")"), ElementsAre(R"($: "\ud800" != "\ud801")"));
  // Composed and decomposed stay different.
  EXPECT_THAT(differences("\"\xc3\xa9\"", "\"e\xcc\x81\"").size(), 1u);
  EXPECT_THAT(differences(R"("a\u0000b")", R"("a")").size(), 1u);
}

TEST(Canonical, SeesMemberOrder_WhenAskedTo) {
  EXPECT_THAT(differences(R"({"a":1,"b":2})", R"({"b":2,"a":1})", {.key_order = false}), ElementsAre("$: members in this order != members in another order"));
}

TEST(Canonical, NamesThePlaceInDepth) {
  EXPECT_THAT(differences(R"({"a b":{"c":[{"d":"x"}]}})", R"({"a b":{"c":[{"d":"y"},0]}})"),
              ElementsAre(R"($["a b"].c[0].d: "x" != "y")", R"($["a b"].c[1]: absent != 0)"));
}

TEST(Canonical, DeclaresWhatItIgnores) {
  EXPECT_EQ(normalisations_of({}).size(), 3u);
  EXPECT_EQ(normalisations_of({.key_order = false, .decimal_numbers = true}).size(), 3u);
}

}  // namespace
}  // namespace rollproof::record
