// What a MANIFEST says, edit by edit, decoded without LevelDB.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace rollproof::store::level {

struct Manifest {
  struct Table {
    uint64_t size = 0;
    uint64_t level = 0;
  };
  std::string comparator;
  std::optional<uint64_t> log_number;       // logs with smaller numbers are in tables already
  std::optional<uint64_t> next_file;        // larger than every number in use when it was written
  std::optional<uint64_t> last_sequence;
  uint64_t previous_log = 0;
  std::map<uint64_t, Table> tables;         // live ones, by number
  uint64_t edits = 0;
};

// Applies one edit. Returns what is wrong with it, or nothing. Then `manifest` is as far as the decoding came.
std::string apply_edit(std::string_view edit, Manifest& manifest);

// What a complete manifest must hold and this one does not; empty if nothing.
std::string what_is_missing(const Manifest& manifest);

}  // namespace rollproof::store::level
