#include "lib/report/document.h"

#include <gtest/gtest.h>

namespace rollproof::report {
namespace {

const std::string kHostile = std::string("<script>alert(1)</script> ]]> | `x` \x01\x1b[31m \xff * _ # [a](b) ") + std::string(1, '\0') + "end\nline";

Document hostile_document() {
  Document document{kHostile, {}};
  document.heading(kHostile);
  document.sentence({kHostile, Tone::bad});
  document.add(Facts{{{kHostile, Words(kHostile, Tone::unknown, true)}}});
  document.list({kHostile}, true);
  document.add(Table{{kHostile}, {{kHostile}}});
  document.fill(kHostile);
  return document;
}

TEST(Document, HoldsHostileText_InEveryForm) {
  const std::string markdown = to_markdown(hostile_document()), html = to_html(hostile_document());
  for (const std::string& text : {markdown, html}) {
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  }
  EXPECT_EQ(html.find("]]>"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos) << html;
  // In a piece of code it is no markup, and stands between backquotes longer than any in it.
  EXPECT_EQ(markdown.find("<script"), markdown.find("`` <script") + 3) << markdown;
  EXPECT_EQ(markdown.find("<script", markdown.find("<script") + 1), std::string::npos) << markdown;
  EXPECT_EQ(markdown.find("\n#"), markdown.find("\n## ")) << "no heading of its own";
}

TEST(Document, ShortensWhatIsTooLong_AndSaysSo) {
  Document document{"t", {}};
  document.sentence(std::string(1 << 20, 'x'));
  const std::string markdown = to_markdown(document);
  EXPECT_LT(markdown.size(), 10'000u);
  EXPECT_NE(markdown.find("more bytes in the JSON document"), std::string::npos);
}

TEST(Document, SaysATone_WithMoreThanAColour) {
  Document document{"t", {}};
  document.add(List{{verdict_words("met"), verdict_words("not met"), verdict_words("not measured"), verdict_words("not applicable")}});
  const std::string markdown = to_markdown(document), html = to_html(document);
  EXPECT_NE(markdown.find("- ✓ met\n- **✗ not met**\n- ? not measured\n- not applicable\n"), std::string::npos) << markdown;
  EXPECT_NE(html.find("<font color=\"#D55E00\"><b>✗ not met</b></font>"), std::string::npos) << html;
}

TEST(Document, PrintsWhatStandsBetweenBackquotes_AsCode) {
  Document document{"t", {}};
  document.sentence("type `a <b>` or `");
  EXPECT_NE(to_markdown(document).find("type `a <b>` or \\`"), std::string::npos) << to_markdown(document);
  EXPECT_NE(to_html(document).find("type <code>a &lt;b&gt;</code> or `"), std::string::npos) << to_html(document);
}

}  // namespace
}  // namespace rollproof::report
