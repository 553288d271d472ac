#include "lib/store/leveldb/file_names.h"

#include <fmt/format.h>

#include <charconv>

namespace rollproof::store::level {

namespace {

// The whole of `text` as a decimal number.
bool parse_number(std::string_view text, uint64_t& number) {
  if (text.empty()) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

FileName parse_file_name(std::string_view name) {
  if (name == "CURRENT") return {FileKind::current, 0};
  if (name == "LOCK") return {FileKind::lock, 0};
  if (name == "LOG" || name == "LOG.old") return {FileKind::info_log, 0};
  uint64_t number = 0;
  if (name.starts_with("MANIFEST-")) {
    if (parse_number(name.substr(9), number)) return {FileKind::manifest, number};
    return {};
  }
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos || !parse_number(name.substr(0, dot), number)) return {};
  const std::string_view ending = name.substr(dot);
  if (ending == ".log") return {FileKind::log, number};
  if (ending == ".ldb" || ending == ".sst") return {FileKind::table, number};
  if (ending == ".dbtmp") return {FileKind::temporary, number};
  return {};
}

std::string log_name(uint64_t number) { return fmt::format("{:06}.log", number); }
std::string table_name(uint64_t number) { return fmt::format("{:06}.ldb", number); }
std::string old_table_name(uint64_t number) { return fmt::format("{:06}.sst", number); }
std::string manifest_name(uint64_t number) { return fmt::format("MANIFEST-{:06}", number); }

}  // namespace rollproof::store::level
