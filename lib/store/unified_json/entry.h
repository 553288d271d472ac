// One record as one line of a unified file (FORMAT.md).
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/record/space.h"

namespace rollproof::store::unified_json {

// Where an entry stands in its file; their order is the order of the file.
struct Place {
  record::Group group = record::Group::legacy;
  std::string key;
  auto operator<=>(const Place&) const = default;
};

inline Place place_of(std::string_view key) { return {record::space_of(key).group, std::string(key)}; }

// How a value is written; its bytes alone decide.
enum class Form : uint8_t { value, raw, base64 };
Form form_of(std::string_view value);

struct Entry {
  Place place;
  bool removed = false;  // only in runs, which never outlive the process that wrote them
  std::string value;
  Form form = Form::raw;  // that of `value`, or, right after parse_entry, the one in which it was written
};

// Appends the line, without comma and newline. Every key and value has exactly one line: the one with form_of(value).
void append_entry(std::string& out, std::string_view key, std::string_view value, Form form);
inline void append_entry(std::string& out, std::string_view key, std::string_view value) {
  append_entry(out, key, value, form_of(value));
}
void append_removal(std::string& out, std::string_view key);

// Reads such a line. Code::corruption says what was expected where in the line.
Result<Entry> parse_entry(std::string_view line);

}  // namespace rollproof::store::unified_json
