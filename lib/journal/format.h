// The bytes of a segment file, sector by sector; FORMAT.md describes them for people. Nothing here touches a disk.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof::journal {

static_assert(std::endian::native == std::endian::little, "fields are stored little-endian by copying");

constexpr uint32_t kFormatVersion = 1;
constexpr size_t kSectorBytes = 512;
constexpr char kSegmentMagic[8] = {'R', 'P', 'J', 'O', 'U', 'R', 'N', 'L'};
// Larger files are refused before anything is allocated for them.
constexpr uint64_t kMaxSegmentBytes = 1ull << 30;

// Sector 0 of a segment; the rest of its 512 bytes is zero. Written and synced before the segment gets its name.
struct SegmentHeader {
  uint32_t crc = 0;  // CRC32C of the other 508 bytes
  uint32_t version = kFormatVersion;
  char magic[8] = {'R', 'P', 'J', 'O', 'U', 'R', 'N', 'L'};
  uint64_t salt = 0;              // of this segment; every other sector repeats it
  uint32_t number = 0;            // 1, 2, 3, …; the file name says the same
  uint32_t sectors = 0;           // of the whole file, this one included
  uint64_t first_position = 0;    // of the first entry in this segment
  uint64_t previous_salt = 0;     // of segment number - 1; 0 in segment 1
  uint32_t previous_through = 0;  // segment number - 1 counts up to and including this sector; what follows there is void
  uint32_t durable = 0;           // sectors 1 to this one were written and synced together with this header
};
static_assert(sizeof(SegmentHeader) == 56);
static_assert(offsetof(SegmentHeader, salt) == 16 && offsetof(SegmentHeader, first_position) == 32 &&
              offsetof(SegmentHeader, durable) == 52);

enum class BatchKind : uint8_t {
  entries = 1,
  seal = 2,  // the clean close: one sector without payload
  end = 3,   // in the last sector of a segment only: the next segment exists durably
};

// The front of every other written sector.
struct SectorHeader {
  uint32_t crc = 0;       // CRC32C of the other 508 bytes
  uint32_t sequence = 0;  // the number of the sector within the file
  uint64_t salt = 0;
  uint32_t durable = 0;  // this sector was known to be durable when the batch was written; the batch begins right behind it
  uint32_t last = 0;     // the last sector of the batch
  uint32_t entries = 0;  // in the whole batch
  uint16_t length = 0;   // bytes of payload in this sector: all of it, except in the last sector of a batch
  BatchKind kind = BatchKind::entries;
  uint8_t version = kFormatVersion;
};
static_assert(sizeof(SectorHeader) == 32);
static_assert(offsetof(SectorHeader, salt) == 8 && offsetof(SectorHeader, length) == 28 && offsetof(SectorHeader, version) == 31);

constexpr size_t kSectorPayload = kSectorBytes - sizeof(SectorHeader);
static_assert(kSectorPayload == 480);

// In front of each entry in the joined payload of a batch.
constexpr size_t kFrameBytes = 5;  // length of the payload (4), kind (1)

// Of `payload` bytes in one batch; an empty batch takes one sector.
uint64_t sectors_for(uint64_t payload);

std::string encode_segment_header(const SegmentHeader& header);  // 512 bytes
// Code::corruption with what is wrong in it; Code::refused for an intact header of another version.
Result<SegmentHeader> decode_segment_header(std::string_view sector);

// The sectors of a batch that begins at sector `first`; the one before it is durable.
std::string encode_batch(uint64_t salt, uint32_t first, BatchKind kind, uint32_t entries, std::string_view payload);
std::string encode_end(const SegmentHeader& header, uint32_t through);  // the last sector of a segment that goes on elsewhere

enum class SectorState { unwritten, valid, bad };

struct Sector {
  SectorState state = SectorState::unwritten;
  SectorHeader header;
  std::string_view payload;
  std::string reason;  // of a bad one: "checksum 0badcafe, expected 12345678"
};

// Judges sector `slot` of a segment on its own: nothing about its neighbours.
Sector decode_sector(const SegmentHeader& segment, uint32_t slot, std::string_view bytes);

}  // namespace rollproof::journal
