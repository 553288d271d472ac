// Any bytes as a unified file: the reader ends, whatever the pieces it is fed; what it accepts, the encoder writes again byte for byte.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "lib/store/unified_json/file_text.h"

namespace {

using namespace rollproof::store::unified_json;
using rollproof::record::Group;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  bool accepted = false;
  bool corrupt = false;
  std::vector<Entry> entries;
};

Read read(const std::string& space, std::string_view text, size_t piece) {
  Read result;
  FileReader reader(space, [&](Entry& entry, std::string_view, uint64_t) -> rollproof::Status {
    result.entries.push_back(entry);
    return {};
  });
  rollproof::Status outcome;
  for (size_t at = 0; at < text.size() && outcome; at += piece) outcome = reader.feed(text.substr(at, piece));
  if (outcome) outcome = reader.finish();
  result.accepted = outcome.has_value();
  result.corrupt = !outcome && outcome.error().code == rollproof::Code::corruption;
  require(result.accepted || result.corrupt || outcome.error().code == rollproof::Code::refused);
  require(!result.accepted || reader.records() == result.entries.size());
  return result;
}

// Not the writer of the store: the text as FORMAT.md has it, whole in memory.
std::string text_of(const std::string& space, const std::vector<Entry>& entries) {
  std::string text = header_of(space);
  for (const Group group : rollproof::record::kGroups) {
    std::string lines;
    for (const Entry& entry : entries) {
      if (entry.place.group != group) continue;
      if (!lines.empty()) lines += ",\n";
      append_entry(lines, entry.place.key, entry.value);
    }
    text += lines.empty() ? section_without_entries(group) : section_begin(group) + lines + "\n" + section_end(group);
  }
  text += end_of_sections(entries.size());
  return text + checksum_line(rollproof::sha256_hex(text));
}

std::vector<Entry> entries(const std::vector<std::pair<std::string, std::string>>& records) {
  std::vector<Entry> all;
  for (const auto& [key, value] : records) all.push_back({place_of(key), false, value, form_of(value)});
  return all;
}

// A mutated text hardly ever has its checksum. Giving it the right one lets the rest of the reader be reached.
std::string resealed(std::string_view text) {
  const size_t at = text.rfind("  \"checksum\"");
  if (at == std::string_view::npos) return std::string(text);
  return std::string(text.substr(0, at)) + checksum_line(rollproof::sha256_hex(text.substr(0, at)));
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() {
  return {text_of("bscmainnet", {}),
          text_of("bscmainnet", entries({{"56-LookCoin", "{\"chainId\":56}"}, {"56-SupplyOracle", "1.0"}, {"56-XModule", "\xff"}, {"56-\xff", ""}})),
          text_of("bscmainnet", entries({{"56-a", "[1,2]"}, {"56-b", "{\"s\":\"\\n\"}"}, {"56-base64:AA==", "\n"}}))};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  for (const std::string& text : {input, resealed(input)}) {
    const Read whole = read("bscmainnet", text, text.size() + 1);
    const Read pieces = read("bscmainnet", text, 7);
    require(whole.accepted == pieces.accepted && whole.entries.size() == pieces.entries.size());
    if (whole.accepted) require(text_of("bscmainnet", whole.entries) == text);
  }
  const auto entry = parse_entry(input);
  if (entry && !entry->removed) {
    std::string line;
    append_entry(line, entry->place.key, entry->value);
    const auto again = parse_entry(line);
    require(again && again->place == entry->place && again->value == entry->value);
  }
  return 0;
}
