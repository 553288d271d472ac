#include "lib/store/leveldb/manifest.h"

#include <fmt/format.h>

#include "lib/store/leveldb/decode.h"

namespace rollproof::store::level {

namespace {

constexpr uint64_t kLevels = 7;

enum Tag : uint64_t {
  kComparator = 1,
  kLogNumber = 2,
  kNextFile = 3,
  kLastSequence = 4,
  kCompactPointer = 5,
  kDeletedFile = 6,
  kNewFile = 7,
  kPreviousLog = 9,
};

uint64_t read_level(Decoder& decoder, std::string& wrong) {
  const uint64_t level = decoder.varint(32);
  if (level >= kLevels) wrong = fmt::format("level {}, expected at most {}", level, kLevels - 1);
  return level;
}

// LevelDB's keys in tables carry 8 bytes of sequence and kind.
void read_internal_key(Decoder& decoder, std::string& wrong) {
  const std::string_view key = decoder.text();
  if (decoder.ok() && key.size() < 8) wrong = fmt::format("a key of {} bytes, expected at least 8", key.size());
}

std::string remove_table(Decoder& decoder, Manifest& manifest) {
  std::string wrong;
  const uint64_t level = read_level(decoder, wrong);
  const uint64_t number = decoder.varint();
  if (!decoder.ok() || !wrong.empty()) return wrong;
  const auto found = manifest.tables.find(number);
  if (found == manifest.tables.end()) return fmt::format("removes table {}, which is not there", number);
  if (found->second.level != level) return fmt::format("removes table {} from level {}, it is at {}", number, level, found->second.level);
  manifest.tables.erase(found);
  return {};
}

std::string add_table(Decoder& decoder, std::map<uint64_t, Manifest::Table>& added) {
  std::string wrong;
  Manifest::Table table;
  table.level = read_level(decoder, wrong);
  const uint64_t number = decoder.varint();
  table.size = decoder.varint();
  read_internal_key(decoder, wrong);
  read_internal_key(decoder, wrong);
  if (!decoder.ok() || !wrong.empty()) return wrong;
  if (!added.emplace(number, table).second) return fmt::format("adds table {} twice", number);
  return {};
}

}  // namespace

std::string apply_edit(std::string_view edit, Manifest& manifest) {
  Decoder decoder(edit);
  // An edit that moves a table removes and adds it; whatever their order in the bytes, removals come first.
  std::map<uint64_t, Manifest::Table> added;
  ++manifest.edits;
  while (!decoder.at_end()) {
    std::string wrong;
    switch (const uint64_t tag = decoder.varint(32)) {
      case kComparator: manifest.comparator = decoder.text(); break;
      case kLogNumber: manifest.log_number = decoder.varint(); break;
      case kNextFile: manifest.next_file = decoder.varint(); break;
      case kLastSequence: manifest.last_sequence = decoder.varint(); break;
      case kPreviousLog: manifest.previous_log = decoder.varint(); break;
      case kCompactPointer:
        read_level(decoder, wrong);
        read_internal_key(decoder, wrong);
        break;
      case kDeletedFile: wrong = remove_table(decoder, manifest); break;
      case kNewFile: wrong = add_table(decoder, added); break;
      default: wrong = fmt::format("tag {} is not known", tag);
    }
    if (!decoder.ok()) return "ends in the middle of a field";
    if (!wrong.empty()) return wrong;
  }
  for (const auto& [number, table] : added) {
    if (!manifest.tables.emplace(number, table).second) return fmt::format("adds table {}, which is there", number);
    if (manifest.next_file && number >= *manifest.next_file) {
      return fmt::format("table {} is not below the next number {}", number, *manifest.next_file);
    }
  }
  return {};
}

std::string what_is_missing(const Manifest& manifest) {
  if (manifest.comparator.empty()) return "no comparator";
  if (!manifest.log_number) return "no log number";
  if (!manifest.next_file) return "no next file number";
  if (!manifest.last_sequence) return "no last sequence";
  return {};
}

}  // namespace rollproof::store::level
