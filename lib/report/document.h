// A report as its parts: headings, sentences, facts, tables. Markdown and HTML are two printings of the same document, so neither can say
// something that the other does not. All text in it is plain; what it came from may have been any bytes.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace rollproof::report {

enum class Tone {
  plain,
  good,     // met, passed
  bad,      // not met, "this was never drilled"
  unknown,  // not measured
};

// A piece of text with its tone; a tone is a glyph and a weight in Markdown, and a colour as well in HTML, never a colour alone.
struct Words {
  std::string text;
  Tone tone = Tone::plain;
  bool code = false;    // to be typed or compared letter by letter; otherwise what stands between two backquotes is
  Words(std::string words, Tone of = Tone::plain, bool is_code = false) : text(std::move(words)), tone(of), code(is_code) {}  // NOLINT: a text is words
  Words(const char* words) : text(words) {}                                                                                   // NOLINT
};

struct Heading {
  int level = 2;
  std::string text;
};

struct Paragraph {
  std::vector<Words> words;  // printed one behind the other, with a space between
};

// "Incident Date: …", one a line.
struct Facts {
  std::vector<std::pair<std::string, Words>> lines;
};

struct List {
  std::vector<Words> lines;
  bool boxes = false;    // "- [ ]": something to be done
};

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Words>> rows;
};

// A field that only a person can fill, and what belongs into it. Printed so that nobody overlooks it.
struct ToFill {
  std::string what;
};

using Part = std::variant<Heading, Paragraph, Facts, List, Table, ToFill>;

struct Document {
  std::string title;
  std::deque<Part> parts;

  template <class T>
  void add(T part) {
    parts.emplace_back(std::in_place_type<T>, std::move(part));
  }
  // The same from plain words.
  void heading(std::string text, int level = 2) { add(Heading{level, std::move(text)}); }
  void sentence(Words words) { add(Paragraph{{std::move(words)}}); }
  void list(const std::vector<std::string>& lines, bool boxes = false);
  void fill(std::string what) { add(ToFill{std::move(what)}); }
};

inline constexpr const char* kNotMeasured = "not measured";

// A word of the verdicts met, not met, not measured, not applicable with its tone.
Words verdict_words(const std::string& verdict);

// The same document gives the same bytes.
std::string to_markdown(const Document& document);

// One file without script, style sheet or anything from elsewhere, as the report of a drill.
std::string to_html(const Document& document);

}  // namespace rollproof::report
