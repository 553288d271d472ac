#include "lib/report/document.h"

#include <fmt/format.h>

#include "lib/record/shown_text.h"

namespace rollproof::report {
namespace {

using record::legal_text;

constexpr size_t kShownBytes = 8192;  // of any one text; the JSON document has all of it

std::string shown(const std::string& text) { return legal_text(text, kShownBytes, "the JSON document"); }

const char* glyph(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::good: return "✓ ";
    case Tone::bad: return "✗ ";
    case Tone::unknown: return "? ";
  }
  return "";
}

// Okabe and Ito's colours, as everywhere in Rollproof's reports.
const char* colour(Tone tone) { return tone == Tone::good ? "#0072B2" : tone == Tone::bad ? "#D55E00" : "#595959"; }

// The text in order, cut at backquotes: the second of two pieces is code. A backquote without a second one is a character like others.
std::vector<std::pair<std::string, bool>> pieces_of(const Words& words) {
  const std::string text = shown(words.text);
  if (words.code) return {{text, true}};
  std::vector<std::pair<std::string, bool>> pieces;
  size_t at = 0;
  for (;;) {
    const size_t open = text.find('`', at);
    const size_t close = open == std::string::npos ? open : text.find('`', open + 1);
    if (close == std::string::npos) break;
    if (open > at) pieces.emplace_back(text.substr(at, open - at), false);
    if (close > open + 1) pieces.emplace_back(text.substr(open + 1, close - open - 1), true);
    at = close + 1;
  }
  if (at < text.size()) pieces.emplace_back(text.substr(at), false);
  return pieces;
}

class Markdown {
 public:
  explicit Markdown(const Document& document) { out_ = "# " + escaped(document.title) + "\n"; }

  void operator()(const Heading& heading) { out_ += fmt::format("\n{} {}\n", std::string(static_cast<size_t>(heading.level), '#'), escaped(heading.text)); }
  void operator()(const Paragraph& paragraph) {
    out_ += "\n";
    for (const Words& words : paragraph.words) out_ += (&words == paragraph.words.data() ? "" : " ") + printed(words, false);
    out_ += "\n";
  }
  void operator()(const Facts& facts) {
    out_ += "\n";
    for (const auto& [name, words] : facts.lines) out_ += fmt::format("- **{}**: {}\n", escaped(name), printed(words, false));
  }
  void operator()(const List& list) {
    out_ += "\n";
    for (const Words& words : list.lines) out_ += (list.boxes ? "- [ ] " : "- ") + printed(words, false) + "\n";
  }
  void operator()(const Table& table) {
    out_ += "\n|";
    for (const std::string& column : table.columns) out_ += " " + escaped(column) + " |";
    out_ += "\n|";
    for (size_t i = 0; i < table.columns.size(); ++i) out_ += "---|";
    out_ += "\n";
    for (const auto& row : table.rows) {
      out_ += "|";
      for (const Words& words : row) out_ += " " + printed(words, true) + " |";
      out_ += "\n";
    }
  }
  void operator()(const ToFill& field) { out_ += fmt::format("\n> **TO BE FILLED IN BY A PERSON:** {}\n>\n> \\_\\_\\_\\_\n", escaped(field.what)); }

  std::string take() { return std::move(out_); }

 private:
  static std::string escaped(const std::string& text) { return record::markdown_escaped(shown(text)); }
  static std::string printed(const Words& words, bool in_table) {
    std::string text;
    for (const auto& [piece, code] : pieces_of(words)) text += code ? record::markdown_code(piece, in_table) : record::markdown_escaped(piece);
    return words.tone == Tone::bad ? fmt::format("**{}{}**", glyph(words.tone), text) : glyph(words.tone) + text;
  }

  std::string out_;
};

class Html {
 public:
  explicit Html(const Document& document) {
    const std::string title = escaped(document.title);
    out_ = fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n</head>\n<body bgcolor=\"#FFFFFF\" text=\"#1A1A1A\">\n<font face=\"Helvetica, Arial, sans-serif\">\n<table width=\"1000\" align=\"center\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\"><tr><td>\n<h1>{0}</h1>\n", title);
  }

  void operator()(const Heading& heading) { out_ += fmt::format("<h{0}>{1}</h{0}>\n", heading.level, escaped(heading.text)); }
  void operator()(const Paragraph& paragraph) {
    out_ += "<p>";
    for (const Words& words : paragraph.words) out_ += (&words == paragraph.words.data() ? "" : " ") + printed(words);
    out_ += "</p>\n";
  }
  void operator()(const Facts& facts) {
    out_ += "<table border=\"0\" cellpadding=\"3\">\n";
    for (const auto& [name, words] : facts.lines) out_ += fmt::format("<tr><th align=\"left\" valign=\"top\">{}</th><td>{}</td></tr>\n", escaped(name), printed(words));
    out_ += "</table>\n";
  }
  void operator()(const List& list) {
    out_ += "<ul>\n";
    for (const Words& words : list.lines) out_ += fmt::format("<li>{}{}</li>\n", list.boxes ? "☐ " : "", printed(words));
    out_ += "</ul>\n";
  }
  void operator()(const Table& table) {
    out_ += "<table border=\"1\" cellpadding=\"4\" cellspacing=\"0\">\n<tr>";
    for (const std::string& column : table.columns) out_ += fmt::format("<th align=\"left\">{}</th>", escaped(column));
    out_ += "</tr>\n";
    for (const auto& row : table.rows) {
      out_ += "<tr>";
      for (const Words& words : row) out_ += fmt::format("<td valign=\"top\">{}</td>", printed(words));
      out_ += "</tr>\n";
    }
    out_ += "</table>\n";
  }
  void operator()(const ToFill& field) {
    out_ += fmt::format("<table border=\"1\" cellpadding=\"8\" cellspacing=\"0\" width=\"100%\" bgcolor=\"#F0E442\"><tr><td><b>To be filled in by a person:</b> {}<br><br><br></td></tr></table>\n",
                        escaped(field.what));
  }

  std::string take() { return std::move(out_) + "</td></tr></table>\n</font>\n</body>\n</html>\n"; }

 private:
  static std::string escaped(const std::string& text) { return record::xml_escaped(shown(text)); }
  static std::string printed(const Words& words) {
    std::string text;
    for (const auto& [piece, code] : pieces_of(words)) text += code ? "<code>" + record::xml_escaped(piece) + "</code>" : record::xml_escaped(piece);
    if (words.tone == Tone::plain) return text;
    text = glyph(words.tone) + text;
    if (words.tone == Tone::bad) text = "<b>" + text + "</b>";
    return fmt::format("<font color=\"{}\">{}</font>", colour(words.tone), text);
  }

  std::string out_;
};

template <class Printer>
std::string print(const Document& document) {
  Printer printer(document);
  for (const Part& part : document.parts) std::visit(printer, part);
  return printer.take();
}

}  // namespace

void Document::list(const std::vector<std::string>& lines, bool boxes) {
  List part{{}, boxes};
  for (const std::string& line : lines) part.lines.emplace_back(line);
  add(std::move(part));
}

Words verdict_words(const std::string& verdict) {
  return {verdict, verdict == "met" ? Tone::good : verdict == "not met" ? Tone::bad : verdict == kNotMeasured ? Tone::unknown : Tone::plain};
}

std::string to_markdown(const Document& document) { return print<Markdown>(document); }
std::string to_html(const Document& document) { return print<Html>(document); }

}  // namespace rollproof::report
