// The text of a whole unified file (FORMAT.md): written entry by entry, read piece by piece; neither ever holds all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/digest.h"
#include "lib/base/result.h"
#include "lib/store/unified_json/entry.h"

namespace rollproof::store::unified_json {

inline constexpr int kVersion = 1;

// The lines before the first section, the line that opens a section, and the one that closes it.
std::string header_of(std::string_view space);
std::string section_begin(record::Group group);
std::string section_end(record::Group group);
std::string section_without_entries(record::Group group);
std::string end_of_sections(uint64_t records);        // up to the checksum
std::string checksum_line(std::string_view sha256);   // and the last line

// Called with each entry, its whole line (with comma and newline) and the line's offset in the file.
using EntryVisitor = std::function<Status(Entry& entry, std::string_view line, uint64_t offset)>;

// Accepts exactly the texts that the writer makes, of any size: each entry is encoded again and compared with its line, the order of
// keys, the count and the checksum are verified. What was visited counts only after finish() has succeeded.
// Code::corruption: "byte 120: …". Code::refused: a sound file of a newer version.
class FileReader {
 public:
  FileReader(std::string space, EntryVisitor visit);
  Status feed(std::string_view piece);
  Status finish();
  uint64_t records() const { return records_; }
  const std::string& sha256() const { return digest_hex_; }  // empty before the checksum was reached

 private:
  enum class At : uint8_t { header, section, entry, counts, checksum, brace, nothing };

  Status line(std::string_view line);
  Status header_line(std::string_view line);
  Status section_line(std::string_view line);
  Status entry_line(std::string_view line);
  Status newer_line(std::string_view line);
  Status expect_checksum(std::string_view line);
  void next_section();
  tl::unexpected<Error> corrupt(std::string_view what) const;

  std::string space_;
  EntryVisitor visit_;
  std::string expected_;          // lines that have to come next
  std::string carry_;             // the beginning of a line whose end has not come
  std::string again_;             // an entry encoded again
  Sha256 digest_;
  std::string digest_hex_;        // once everything before the checksum has been read
  uint64_t offset_ = 0;           // of the line that is being read
  uint64_t records_ = 0;
  At at_ = At::header;
  record::Group group_ = record::Group::core;
  std::optional<std::string> last_key_;  // of this section
  bool comma_ = false;            // the last entry promised another one
  std::string newer_;             // the format that the file claims
  bool newer_is_sound_ = false;
};

}  // namespace rollproof::store::unified_json
