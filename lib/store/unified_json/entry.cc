#include "lib/store/unified_json/entry.h"

#include <fmt/format.h>

#include "lib/record/javascript.h"
#include "lib/record/json.h"
#include "lib/record/utf8.h"
#include "lib/base/base64.h"

namespace rollproof::store::unified_json {

namespace {

namespace json = record::json;

constexpr std::string_view kIndent = "      ";
constexpr std::string_view kBase64Name = "base64:";

void append_base64_string(std::string& out, std::string_view bytes) {
  out += '"';
  append_base64(out, bytes);
  out += '"';
}

// Name and key. The name of a key that is not UTF-8 says so; a key that looks like such a name is written the same way, so that no
// two keys of a file ever share a name.
void append_front(std::string& out, std::string_view key) {
  const bool utf8 = record::is_utf8(key);
  const std::string_view name = record::space_of(key).contract;
  out += kIndent;
  if (utf8 && !name.starts_with(kBase64Name)) {
    json::append_string(out, name);
  } else {
    std::string encoded(kBase64Name);
    append_base64(encoded, name);
    json::append_string(out, encoded);
  }
  out += utf8 ? ": {\"key\": " : ": {\"keyBase64\": ";
  if (utf8) {
    json::append_string(out, key);
  } else {
    append_base64_string(out, key);
  }
}

class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  bool take(std::string_view text) {
    if (line_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }

  // A JSON string, decoded.
  Result<std::string> string() {
    size_t end = at_ + 1;
    while (end < line_.size() && line_[end] != '"') end += line_[end] == '\\' ? 2 : 1;
    if (end >= line_.size() || line_[at_] != '"') return expected("a string");
    const std::string_view token = line_.substr(at_, end + 1 - at_);
    if (const auto sound = json::check(token); !sound) return expected("a JSON string (" + sound.error().message + ")");
    auto text = json::to_utf8(token);
    if (!text) return expected("a string of whole characters");
    at_ = end + 1;
    return std::move(*text);
  }

  Result<std::string> base64() {
    ROLLPROOF_ASSIGN(const std::string text, string());
    auto bytes = from_base64(text);
    if (!bytes) return expected("base64");
    return std::move(*bytes);
  }

  std::string_view rest() const { return line_.substr(at_); }

  tl::unexpected<Error> expected(std::string_view what) const {
    return fail(Code::corruption, fmt::format("at {} of the line: expected {}", at_, what));
  }

 private:
  std::string_view line_;
  size_t at_ = 0;
};

}  // namespace

Form form_of(std::string_view value) {
  if (record::survives_javascript(value)) return Form::value;
  return record::is_utf8(value) ? Form::raw : Form::base64;
}

void append_entry(std::string& out, std::string_view key, std::string_view value, Form form) {
  append_front(out, key);
  switch (form) {
    case Form::value:
      out += ", \"value\": ";
      out += value;
      break;
    case Form::raw:
      out += ", \"raw\": ";
      json::append_string(out, value);
      break;
    case Form::base64:
      out += ", \"base64\": ";
      append_base64_string(out, value);
      break;
  }
  out += '}';
}

void append_removal(std::string& out, std::string_view key) {
  append_front(out, key);
  out += ", \"removed\": true}";
}

Result<Entry> parse_entry(std::string_view line) {
  LineReader reader(line);
  if (!reader.take(kIndent)) return reader.expected("an indent of six");
  ROLLPROOF_TRY(reader.string());
  if (!reader.take(": {")) return reader.expected("': {'");
  Entry entry;
  std::string key;
  if (reader.take("\"key\": ")) {
    ROLLPROOF_ASSIGN(key, reader.string());
  } else if (reader.take("\"keyBase64\": ")) {
    ROLLPROOF_ASSIGN(key, reader.base64());
  } else {
    return reader.expected("\"key\" or \"keyBase64\"");
  }
  entry.place.group = record::space_of(key).group;
  entry.place.key = std::move(key);
  if (reader.take(", \"value\": ")) {
    const std::string_view rest = reader.rest();
    if (rest.empty() || rest.back() != '}') return reader.expected("'}' at the end of the line");
    entry.value = rest.substr(0, rest.size() - 1);
    entry.form = Form::value;
    return entry;
  }
  if (reader.take(", \"raw\": ")) {
    ROLLPROOF_ASSIGN(entry.value, reader.string());
    entry.form = Form::raw;
  } else if (reader.take(", \"base64\": ")) {
    ROLLPROOF_ASSIGN(entry.value, reader.base64());
    entry.form = Form::base64;
  } else if (reader.take(", \"removed\": true")) {
    entry.removed = true;
  } else {
    return reader.expected("\"value\", \"raw\" or \"base64\"");
  }
  if (reader.rest() != "}") return reader.expected("'}' at the end of the line");
  return entry;
}

}  // namespace rollproof::store::unified_json
