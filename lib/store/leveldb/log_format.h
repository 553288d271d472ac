// The framing that LevelDB's logs and manifests share, read without LevelDB: blocks of 32 KiB, in them fragments with a masked
// CRC32C, a length and a type. LevelDB's own reader passes over zeros and takes a cut for the end; this one reports both.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rollproof::store::level {

inline constexpr uint64_t kBlockBytes = 32768;
inline constexpr uint64_t kHeaderBytes = 7;
inline constexpr uint64_t kSectorBytes = 512;

struct Framing {
  struct Break {
    uint64_t at = 0;            // the fragment that is not valid
    std::string what;           // "record at 512: checksum 9f2c01aa, expected 41aa0003"
    bool unfinished = false;    // the file ends inside the record, or a sector of it is all zeros: what a stopped write looks like
    bool record_after = false;  // a later record begins behind it: not merely the end of what was written
  };
  uint64_t size = 0;
  uint64_t valid_end = 0;       // where the longest prefix of whole, valid records ends
  uint64_t records = 0;         // in that prefix
  std::optional<Break> broken;  // why the prefix ends before the file does
};

// Called with each whole record of the valid prefix and where it begins.
using RecordVisitor = std::function<void(uint64_t begin, std::string_view payload)>;

// Reads `bytes`, the whole of a log or manifest. Never reads outside it; memory in proportion to it.
Framing read_framing(std::string_view bytes, const RecordVisitor& visit);

}  // namespace rollproof::store::level
