#include "harness/check/read_unified.h"

#include <fmt/format.h>

#include "harness/check/json_scan.h"
#include "harness/check/sha256.h"

namespace rollproof::check {
namespace {

// One record from its entry; empty if it is sound, otherwise what is wrong.
std::string read_entry(std::string_view entry, Record& record) {
  int keys = 0;
  int values = 0;
  std::string wrong;
  const bool whole = for_each_member(entry, [&](const std::string& name, std::string_view value) {
    const auto text = decode_string(value);
    std::optional<std::string> bytes = text;
    if (name == "keyBase64" || name == "base64") bytes = text ? decode_base64(*text) : std::nullopt;
    if (name == "value") bytes = std::string(value);
    if (!bytes) {
      wrong = "\"" + name + "\" is not what it should be";
      return false;
    }
    if (name == "key" || name == "keyBase64") {
      ++keys;
      record.key = std::move(*bytes);
    } else if (name == "value" || name == "raw" || name == "base64") {
      ++values;
      record.value = std::move(*bytes);
    } else {
      wrong = "an unknown member \"" + name + "\"";
      return false;
    }
    return true;
  });
  if (!wrong.empty()) return wrong;
  if (!whole) return "an entry is not an object";
  if (keys != 1 || values != 1) return "an entry without one key and one value";
  return "";
}

std::string read_sections(std::string_view contracts, Records& records) {
  std::string wrong;
  int sections = 0;
  const bool whole = for_each_member(contracts, [&](const std::string& section, std::string_view entries) {
    static constexpr std::string_view known[] = {"core", "protocol", "infrastructure", "legacy"};
    if (sections >= 4 || section != known[sections++]) {
      wrong = "section \"" + section + "\" where another one belongs";
      return false;
    }
    return for_each_member(entries, [&](const std::string& name, std::string_view entry) {
      Record record;
      wrong = read_entry(entry, record);
      if (!wrong.empty()) {
        wrong = name + ": " + wrong;
        return false;
      }
      records.sorted.push_back(std::move(record));
      return true;
    });
  });
  if (!wrong.empty()) return wrong;
  return whole && sections == 4 ? "" : "the sections are not whole";
}

std::string read_file(std::string_view network, const std::string& text, Records& records) {
  const size_t before = records.sorted.size();
  uint64_t counted = 0;
  std::string format, named, checksum, wrong;
  const bool whole = for_each_member(text, [&](const std::string& name, std::string_view value) {
    if (name == "format") format = decode_string(value).value_or("");
    if (name == "network") named = decode_string(value).value_or("");
    if (name == "checksum") checksum = decode_string(value).value_or("");
    if (name == "records") counted = decode_number(value).value_or(UINT64_MAX);
    if (name == "contracts") wrong = read_sections(value, records);
    return wrong.empty();
  });
  if (!wrong.empty()) return wrong;
  if (!whole) return "not one whole JSON object";
  if (format != "rollproof.unified/1") return "format \"" + format + "\"";
  if (named != network) return "network \"" + named + "\"";
  if (counted != records.sorted.size() - before) return fmt::format("{} records counted, {} found", counted, records.sorted.size() - before);
  const size_t last_line = text.rfind("  \"checksum\": ");
  if (last_line == std::string::npos || checksum != "sha256:" + sha256_of(std::string_view(text).substr(0, last_line))) return "the checksum does not fit";
  return "";
}

}  // namespace

Records read_unified(const sim::Node* folder, std::string_view ending) {
  Records records;
  if (folder == nullptr || !folder->directory) return records;
  for (const sim::Entry& entry : folder->entries) {
    const std::string& name = entry.name->text;
    if (entry.node->directory || !name.ends_with(ending)) continue;
    records.there = true;
    const std::string wrong = read_file(std::string_view(name).substr(0, name.size() - ending.size()), entry.node->content.text(), records);
    if (!wrong.empty()) {
      records.error = name + ": " + wrong;
      return records;
    }
  }
  sort_by_key(records);
  return records;
}

}  // namespace rollproof::check
