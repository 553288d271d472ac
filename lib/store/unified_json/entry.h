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

struct Entry {
  Place place;
  bool removed = false;  // only in runs, which never outlive the process that wrote them
  std::string value;
};

// Appends the line, without comma and newline. Total: every key and value has exactly one line.
void append_entry(std::string& out, std::string_view key, std::string_view value);
void append_removal(std::string& out, std::string_view key);

// Reads such a line. Code::corruption says what was expected where in the line.
Result<Entry> parse_entry(std::string_view line);

}  // namespace rollproof::store::unified_json
