// Making segments durable: the writing half of scan.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/journal/scan.h"
#include "lib/os/world.h"

namespace rollproof::journal {

// A header for the segment behind `before` (nullptr: the first one), with a fresh salt and room for `batch_sectors`, a seal and the end mark.
SegmentHeader next_header(os::World& world, const Segment* before, uint64_t segment_bytes, uint64_t batch_sectors);

// Creates the segment with `header` and, in sectors 1 to header.durable, `batches`. When this returns all of it is durable, name
// included. On an error it is wholly there or not at all, but for an unfinished file that counts for nothing.
Status create_segment(os::FileSystem& files, const std::string& directory, const SegmentHeader& header, std::string_view batches);

// Writes the end mark of `segment` durably. REQUIRES: its successor is durable.
Status write_end_mark(os::FileSystem& files, Segment& segment);

}  // namespace rollproof::journal
