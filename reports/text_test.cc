#include "reports/text.h"

#include <gtest/gtest.h>

#include "lib/record/utf8.h"

namespace rollproof::reports {
namespace {

TEST(LegalText, KeepsText_AndReplacesWhatXmlCanNotHold) {
  EXPECT_EQ(legal_text("plain\ttext\n✓ ü \xF0\x9F\x98\x80"), "plain\ttext\n✓ ü \xF0\x9F\x98\x80");
  EXPECT_EQ(legal_text(std::string_view("a\0b\x01\x1b\r\x7f", 7)), "a\xEF\xBF\xBD" "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(legal_text("\xC2\x85|\xEF\xBF\xBE|\xEF\xBF\xBF"), "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD");
  EXPECT_EQ(legal_text("\xff\xc3"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(legal_text("\xed\xa0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "a surrogate";
}

TEST(LegalText, CutsWholeCharacters_AndSaysHowMuch) {
  EXPECT_EQ(legal_text("aaaa✓", 5), "aaaa … (3 more bytes in run.json)");
  const std::string cut = legal_text(std::string(1 << 20, 'x'));
  EXPECT_LT(cut.size(), 9000u);
  EXPECT_NE(cut.find("1,040,384 more bytes"), std::string::npos);
  for (size_t most = 0; most < 12; ++most) EXPECT_TRUE(record::is_utf8(legal_text("\xF0\x9F\x98\x80✓ü", most)));
}

TEST(Markdown, HoldsNoMarkupOfAText) {
  EXPECT_EQ(markdown_escaped("<b>*a*|b`\n#"), "&lt;b\\>\\*a\\*\\|b\\` \\#");
  EXPECT_EQ(markdown_code("a `b` |"), "`` a `b` | ``");
  EXPECT_EQ(markdown_code("a|b", true), "`a\\|b`");
}

TEST(Words, AreReadable) {
  EXPECT_EQ(counted(0), "0");
  EXPECT_EQ(counted(4150532), "4,150,532");
  EXPECT_EQ(duration_text(31), "31 ms");
  EXPECT_EQ(duration_text(4200), "4.2 s");
  EXPECT_EQ(duration_text(2'700'000), "45 min");
  EXPECT_EQ(duration_text(3'900'000), "1 h 05 min");
  EXPECT_EQ(plural(1, "case"), "1 case");
  EXPECT_EQ(plural(2, "entry", "entries"), "2 entries");
}

TEST(Moment, IsReadInOneFormOnly) {
  EXPECT_EQ(moment_of("1970-01-01T00:00:00.001Z"), 1);
  EXPECT_EQ(moment_of("2025-08-13T11:26:18.516Z"), 1755084378516);
  for (const char* no : {"", "2025-08-13", "2025-13-13T11:26:18.516Z", "2025-02-30T11:26:18.516Z", "2025-08-13T24:26:18.516Z", "2025-08-13 11:26:18.516Z", "2025-08-13T11:26:18.516z"}) EXPECT_FALSE(moment_of(no)) << no;
  EXPECT_EQ(readable_moment("2025-08-13T11:26:18.516Z"), "2025-08-13 11:26:18 UTC");
  EXPECT_EQ(readable_moment("yesterday"), "yesterday");
}

}  // namespace
}  // namespace rollproof::reports
