// Reading the segments of a journal: which sectors count, where the tail is cut, and what no interruption explains.
// Nothing here writes. The rules are in FORMAT.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/journal/format.h"
#include "lib/journal/journal.h"
#include "lib/os/file_system.h"

namespace rollproof::journal {

// "segment-00000007.rpj"
std::string segment_name(uint32_t number);

// The part of a segment that counts: sectors 1 to `through`.
struct Segment {
  std::string path;
  SegmentHeader header;
  uint32_t through = 0;
  Position last = 0;  // of its last entry; first_position - 1 if it has none
  bool ended = false;  // its end mark is there, and says that `ends_at` is its last sector
  uint32_t ends_at = 0;
};

struct Chain {
  std::vector<Segment> segments;         // in order; empty: there is no journal
  std::vector<std::string> leftovers;    // paths of unfinished segments, which count for nothing
  // Of the last segment:
  uint32_t durable = 0;                  // up to here its sectors are known to be durable; `through` is larger if a whole batch follows
  bool sealed = false;                   // its last batch is the seal of a clean close
  bool tail_written = false;             // sectors behind `durable` were written
};

// Judges every segment in `directory` (absent or empty: an empty chain). Code::corruption as Journal::open says.
// Memory: one segment.
Result<Chain> scan(os::FileSystem& files, const std::string& directory);

// Visits the entries of `segment` with position > after. The bytes are judged again.
Status visit_segment(os::FileSystem& files, const Segment& segment, Position after, const Visitor& visit);

// The bytes of sectors `first` to `last`.
Result<std::string> read_sectors(os::FileSystem& files, const Segment& segment, uint32_t first, uint32_t last);

// The same, read until two reads in a row agree: a bit that is read wrong in the tail looks like a batch that was torn, and what is torn is left
// behind for good. Beside a writer at work they may never agree; then the last one of a few is as good as any.
Result<std::string> read_same_twice(os::FileSystem& files, const Segment& segment, uint32_t first, uint32_t last);

}  // namespace rollproof::journal
