#include "lib/store/unified_json/file_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace rollproof::store::unified_json {

namespace {

constexpr std::string_view kFormat = "rollproof.unified/";
constexpr std::string_view kChecksum = "  \"checksum\": \"sha256:";
constexpr size_t kLineMax = 1u << 30;  // a line is held in memory

bool is_last(record::Group group) { return group == record::Group::legacy; }

std::string format_line(std::string_view version) { return fmt::format("  \"format\": \"{}{}\",\n", kFormat, version); }

// The version of a format line other than ours, if that is what it is.
std::string other_version(std::string_view line) {
  const std::string front = fmt::format("  \"format\": \"{}", kFormat);
  constexpr std::string_view back = "\",\n";
  if (!line.starts_with(front) || !line.ends_with(back) || line.size() <= front.size() + back.size()) return {};
  const std::string_view version = line.substr(front.size(), line.size() - front.size() - back.size());
  const bool number = version.size() <= 9 && version[0] != '0' &&
                      std::all_of(version.begin(), version.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? std::string(version) : std::string();
}

}  // namespace

std::string header_of(std::string_view space) {
  std::string text = "{\n" + format_line(std::to_string(kVersion));
  text += fmt::format("  \"network\": \"{}\",\n", space);
  if (const auto chain = record::chain_of_space(space)) text += fmt::format("  \"chainId\": {},\n", *chain);
  return text + "  \"contracts\": {\n";
}

std::string section_begin(record::Group group) { return fmt::format("    \"{}\": {{\n", name_of(group)); }
std::string section_end(record::Group group) { return is_last(group) ? "    }\n" : "    },\n"; }
std::string section_without_entries(record::Group group) { return fmt::format("    \"{}\": {{}}{}\n", name_of(group), is_last(group) ? "" : ","); }
std::string end_of_sections(uint64_t records) { return fmt::format("  }},\n  \"records\": {},\n", records); }
std::string checksum_line(std::string_view sha256) { return fmt::format("{}{}\"\n}}\n", kChecksum, sha256); }

FileReader::FileReader(std::string space, EntryVisitor visit)
    : space_(std::move(space)), visit_(std::move(visit)), expected_(header_of(space_)) {}

tl::unexpected<Error> FileReader::corrupt(std::string_view what) const {
  return fail(Code::corruption, fmt::format("byte {}: {}", offset_, what));
}

Status FileReader::feed(std::string_view piece) {
  while (!piece.empty()) {
    const size_t newline = piece.find('\n');
    if (newline == std::string_view::npos) {
      if (carry_.size() + piece.size() > kLineMax) return corrupt(fmt::format("a line of more than {} bytes", kLineMax));
      carry_ += piece;
      return {};
    }
    std::string_view whole = piece.substr(0, newline + 1);
    piece.remove_prefix(newline + 1);
    if (!carry_.empty()) {
      carry_ += whole;
      whole = carry_;
    }
    ROLLPROOF_TRY(line(whole));
    offset_ += whole.size();
    carry_.clear();
  }
  return {};
}

Status FileReader::finish() {
  if (!newer_.empty() && newer_is_sound_ && at_ == At::nothing && carry_.empty()) {
    return fail(Code::refused, fmt::format("format {}{}, this program reads {}{}", kFormat, newer_, kFormat, kVersion), {},
                "Use the version of Rollproof that wrote it, or a newer one.");
  }
  if (newer_.empty() && at_ == At::nothing && carry_.empty()) return {};
  offset_ += carry_.size();
  return corrupt("the file ends too early");
}

Status FileReader::line(std::string_view line) {
  if (!newer_.empty()) return newer_line(line);
  if (at_ == At::checksum) return expect_checksum(line);
  if (at_ == At::brace) {
    if (line != "}\n") return corrupt("expected '}'");
    at_ = At::nothing;
    return {};
  }
  if (at_ == At::nothing) return corrupt("expected the end of the file");
  digest_.update(line);
  switch (at_) {
    case At::header: return header_line(line);
    case At::section: return section_line(line);
    case At::entry: return entry_line(line);
    default: break;
  }
  if (expected_.empty()) expected_ = end_of_sections(records_);
  const size_t length = expected_.find('\n') + 1;
  if (line != std::string_view(expected_).substr(0, length)) return corrupt("expected " + expected_.substr(0, length - 1));
  expected_.erase(0, length);
  if (expected_.empty()) at_ = At::checksum;
  return {};
}

Status FileReader::header_line(std::string_view line) {
  const size_t length = expected_.find('\n') + 1;
  const std::string expected = expected_.substr(0, length);
  if (line != expected) {
    newer_ = other_version(line);
    // Only a sound checksum tells a newer file from a damaged one.
    if (!newer_.empty() && offset_ == 2) return {};
    newer_.clear();
    return corrupt("expected " + expected.substr(0, length - 1));
  }
  expected_.erase(0, length);
  if (expected_.empty()) at_ = At::section;
  return {};
}

void FileReader::next_section() {
  last_key_.reset();
  comma_ = false;
  at_ = is_last(group_) ? At::counts : At::section;
  if (!is_last(group_)) group_ = static_cast<record::Group>(static_cast<int>(group_) + 1);
}

Status FileReader::section_line(std::string_view line) {
  if (line == section_without_entries(group_)) {
    next_section();
  } else if (line == section_begin(group_)) {
    at_ = At::entry;
    comma_ = true;
  } else {
    return corrupt(fmt::format("expected the section \"{}\"", name_of(group_)));
  }
  return {};
}

Status FileReader::entry_line(std::string_view line) {
  if (!comma_) {
    if (line != section_end(group_)) return corrupt("expected the end of the section");
    next_section();
    return {};
  }
  comma_ = line.ends_with(",\n");
  const std::string_view text = line.substr(0, line.size() - (comma_ ? 2 : 1));
  auto entry = parse_entry(text);
  if (!entry) return corrupt(entry.error().message);
  const record::Space space = record::space_of(entry->place.key);
  if (space.name != space_ || space.group != group_) return corrupt("a record of another section");
  if (last_key_ && *last_key_ >= entry->place.key) return corrupt("keys out of order");
  again_.clear();
  if (!entry->removed) append_entry(again_, entry->place.key, entry->value);
  if (again_ != text) return corrupt("an entry that is not written as it has to be");
  last_key_ = entry->place.key;
  ++records_;
  return visit_(*entry, line, offset_);
}

Status FileReader::expect_checksum(std::string_view line) {
  digest_hex_ = digest_.finish_hex();
  if (line.size() <= kChecksum.size() || line != checksum_line(digest_hex_).substr(0, line.size()) || !line.starts_with(kChecksum)) {
    return corrupt(fmt::format("checksum {}, expected sha256:{}", line.substr(0, std::min<size_t>(line.size() - 1, 100)), digest_hex_));
  }
  at_ = At::brace;
  return {};
}

// Every version ends with the checksum of what is before it; nothing else is assumed about a newer one.
Status FileReader::newer_line(std::string_view line) {
  if (newer_is_sound_) {
    if (at_ == At::nothing || line != "}\n") return corrupt("expected '}' and the end of the file");
    at_ = At::nothing;
    return {};
  }
  if (line.starts_with(kChecksum)) {
    digest_hex_ = digest_.finish_hex();
    if (checksum_line(digest_hex_).substr(0, line.size()) != line) return corrupt(fmt::format("format version {} without a sound checksum", newer_));
    newer_is_sound_ = true;
    return {};
  }
  digest_.update(line);
  return {};
}

}  // namespace rollproof::store::unified_json
