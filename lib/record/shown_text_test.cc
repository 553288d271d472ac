// What every view takes for granted; more of it is in reports/text_test.cc, whose views are the strictest readers.
#include "lib/record/shown_text.h"

#include <gtest/gtest.h>

namespace rollproof::record {
namespace {

TEST(ShownText, IsLegal_WhateverTheBytesWere) {
  EXPECT_EQ(legal_text("a\tb\nc"), "a\tb\nc");
  EXPECT_EQ(legal_text(std::string_view("\x00\x1b\xff", 3)), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(ShownText, SaysHowMuchWasCut_AndWhereAllOfItIs) {
  EXPECT_EQ(legal_text("abcdef", 4, "the JSON document"), "abcd … (2 more bytes in the JSON document)");
  EXPECT_EQ(legal_text("ab\xC3\xA9", 3, "x"), "ab … (2 more bytes in x)") << "not in the middle of a character";
}

TEST(ShownText, IsNoMarkup) {
  EXPECT_EQ(markdown_escaped("a|b `c` <d>"), "a\\|b \\`c\\` &lt;d\\>");
  EXPECT_EQ(markdown_code("a`b"), "`` a`b ``");
  EXPECT_EQ(xml_escaped("<a href=\"x\">&]]>"), "&lt;a href=&quot;x&quot;&gt;&amp;]]&gt;");
}

TEST(ShownText, SaysNumbersAsPeopleReadThem) {
  EXPECT_EQ(counted(4150532), "4,150,532");
  EXPECT_EQ(counted(999), "999");
  EXPECT_EQ(microseconds_text(3), "3 us");
  EXPECT_EQ(microseconds_text(4020), "4.02 ms");
  EXPECT_EQ(microseconds_text(1'200'000), "1.20 s");
  EXPECT_EQ(plural(1, "process", "processes"), "1 process");
  EXPECT_EQ(plural(2, "process", "processes"), "2 processes");
}

}  // namespace
}  // namespace rollproof::record
