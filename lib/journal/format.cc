#include "lib/journal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "lib/base/digest.h"
#include "lib/base/zero.h"

namespace rollproof::journal {
namespace {

template <class Header>
std::string encode_sector(Header header, std::string_view payload) {
  std::string sector(kSectorBytes, '\0');
  std::memcpy(sector.data(), &header, sizeof header);
  sector.replace(sizeof header, payload.size(), payload);
  const uint32_t crc = crc32c(std::string_view(sector).substr(sizeof header.crc));
  std::memcpy(sector.data(), &crc, sizeof crc);
  return sector;
}

template <class Header>
Header front_of(std::string_view sector) {
  Header header;
  std::memcpy(static_cast<void*>(&header), sector.data(), sizeof header);
  return header;
}

std::string checksum_reason(uint32_t found, uint32_t expected) { return fmt::format("checksum {:08x}, expected {:08x}", found, expected); }

// What an intact sector can say about itself that no writer of ours ever says; empty if nothing.
std::string contradiction_in(const SegmentHeader& segment, const SectorHeader& sector, std::string_view rest) {
  const uint32_t end_slot = segment.sectors - 1;
  if (sector.length > kSectorPayload || !all_zero(rest.substr(sector.length))) return "bytes behind its payload";
  switch (sector.kind) {
    case BatchKind::entries:
      if (sector.last >= end_slot) return fmt::format("its batch reaches sector {}", sector.last);
      if (sector.durable >= sector.sequence || sector.last < sector.sequence) return "outside its own batch";
      if (sector.sequence < sector.last && sector.length != kSectorPayload) return fmt::format("{} bytes in the middle of a batch", sector.length);
      if (sector.entries == 0) return "a batch without entries";
      return {};
    case BatchKind::seal:
      if (sector.sequence >= end_slot || sector.last != sector.sequence || sector.durable + 1 != sector.sequence) return "a seal in the wrong place";
      if (sector.length != 0 || sector.entries != 0) return "a seal with content";
      return {};
    case BatchKind::end:
      if (sector.sequence != end_slot || sector.last != end_slot || sector.durable >= end_slot) return "an end mark in the wrong place";
      if (sector.length != 0 || sector.entries != 0) return "an end mark with content";
      return {};
  }
  return fmt::format("batch kind {}", static_cast<unsigned>(sector.kind));
}

}  // namespace

uint64_t sectors_for(uint64_t payload) { return std::max<uint64_t>(1, (payload + kSectorPayload - 1) / kSectorPayload); }

std::string encode_segment_header(const SegmentHeader& header) { return encode_sector(header, {}); }

Result<SegmentHeader> decode_segment_header(std::string_view sector) {
  if (sector.size() < kSectorBytes) return fail(Code::corruption, fmt::format("header: {} bytes, expected {}", sector.size(), kSectorBytes));
  sector = sector.substr(0, kSectorBytes);
  const auto header = front_of<SegmentHeader>(sector);
  const uint32_t expected = crc32c(sector.substr(sizeof header.crc));
  if (header.crc != expected) return fail(Code::corruption, "header: " + checksum_reason(header.crc, expected));
  if (std::memcmp(header.magic, kSegmentMagic, sizeof kSegmentMagic) != 0) return fail(Code::corruption, "header: not a journal segment");
  if (header.version != kFormatVersion) {
    return fail(Code::refused, fmt::format("journal format {}, this program knows {}", header.version, kFormatVersion), {},
                "Use the version of Rollproof that wrote this journal.");
  }
  const bool first = header.number == 1;
  if (header.number == 0 || header.sectors < 4 || header.sectors > kMaxSegmentBytes / kSectorBytes || header.first_position == 0 ||
      header.durable > header.sectors - 2 ||
      (first && (header.first_position != 1 || header.previous_salt != 0 || header.previous_through != 0)) ||
      !all_zero(sector.substr(sizeof header))) {
    return fail(Code::corruption, "header: fields contradict each other");
  }
  return header;
}

std::string encode_batch(uint64_t salt, uint32_t first, BatchKind kind, uint32_t entries, std::string_view payload) {
  const auto count = static_cast<uint32_t>(sectors_for(payload.size()));
  std::string bytes;
  bytes.reserve(count * kSectorBytes);
  for (uint32_t index = 0; index < count; ++index) {
    const std::string_view piece = payload.substr(index * kSectorPayload, kSectorPayload);
    bytes += encode_sector(SectorHeader{.sequence = first + index,
                                        .salt = salt,
                                        .durable = first - 1,
                                        .last = first + count - 1,
                                        .entries = entries,
                                        .length = static_cast<uint16_t>(piece.size()),
                                        .kind = kind},
                           piece);
  }
  return bytes;
}

std::string encode_end(const SegmentHeader& header, uint32_t through) {
  const uint32_t slot = header.sectors - 1;
  return encode_sector(SectorHeader{.sequence = slot, .salt = header.salt, .durable = through, .last = slot, .kind = BatchKind::end}, {});
}

Sector decode_sector(const SegmentHeader& segment, uint32_t slot, std::string_view bytes) {
  Sector sector;
  sector.header = front_of<SectorHeader>(bytes);
  // The first bytes of a written sector are hardly ever all zero, so this is cheap for both kinds.
  if (all_zero(bytes)) return sector;
  sector.state = SectorState::bad;
  const uint32_t expected = crc32c(bytes.substr(sizeof sector.header.crc));
  if (sector.header.crc != expected) {
    sector.reason = checksum_reason(sector.header.crc, expected);
  } else if (sector.header.salt != segment.salt) {
    sector.reason = fmt::format("salt {:016x} of another segment, expected {:016x}", sector.header.salt, segment.salt);
  } else if (sector.header.sequence != slot) {
    sector.reason = fmt::format("misplaced, it is sector {}", sector.header.sequence);
  } else if (sector.header.version != kFormatVersion) {
    sector.reason = fmt::format("version {}", sector.header.version);
  } else {
    sector.reason = contradiction_in(segment, sector.header, bytes.substr(sizeof(SectorHeader)));
    if (sector.reason.empty()) {
      sector.state = SectorState::valid;
      sector.payload = bytes.substr(sizeof(SectorHeader), sector.header.length);
    }
  }
  return sector;
}

}  // namespace rollproof::journal
