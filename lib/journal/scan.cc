#include "lib/journal/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "lib/os/paths.h"

namespace rollproof::journal {
namespace {

constexpr std::string_view kPrefix = "segment-";
constexpr std::string_view kSuffix = ".rpj";
constexpr std::string_view kUnfinished = ".tmp";
constexpr int kReads = 4;  // of the same bytes
constexpr const char* kCorruptionHint = "Keep a copy of the journal folder as it is; then restore this file from where a good copy exists.";

tl::unexpected<Error> corrupt(const std::string& path, std::string message) {
  return fail(Code::corruption, std::move(message), path, kCorruptionHint);
}

tl::unexpected<Error> corrupt_sector(const std::string& path, uint32_t slot, const std::string& reason) {
  return corrupt(path, fmt::format("journal sector {}: {}", slot, reason));
}

// 0 if it is not the name of a segment exactly as we write it.
uint32_t number_in(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return 0;
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || segment_name(number) != name) return 0;
  return number;
}

std::string_view sector_bytes(std::string_view bytes, uint32_t slot) { return bytes.substr(slot * kSectorBytes, kSectorBytes); }

// Splits the joined payload of a batch into entries. Empty: they are well-formed; otherwise what is wrong.
std::string walk_entries(std::string_view payload, uint32_t count, Position& position, Position after, const Visitor* visit, Status& visited) {
  for (uint32_t index = 0; index < count; ++index) {
    if (payload.size() < kFrameBytes) return fmt::format("entry {} of {} is cut short", index + 1, count);
    uint32_t length;
    std::memcpy(&length, payload.data(), sizeof length);
    const auto kind = static_cast<EntryKind>(payload[4]);
    if (kind != EntryKind::control && kind != EntryKind::changes) return fmt::format("entry {} has kind {}", index + 1, static_cast<unsigned>(kind));
    payload.remove_prefix(kFrameBytes);
    if (payload.size() < length) return fmt::format("entry {} of {} is cut short", index + 1, count);
    ++position;
    if (visit != nullptr && position > after) {
      visited = (*visit)(Entry{position, kind, std::string(payload.substr(0, length))});
      if (!visited) return {};
    }
    payload.remove_prefix(length);
  }
  if (!payload.empty()) return fmt::format("{} bytes behind the last entry", payload.size());
  return {};
}

struct Walked {
  Position last = 0;
  bool sealed = false;
};

// Goes through sectors 1 to `through`, all of which must be there and form whole batches. `bytes` holds the file up to there.
Result<Walked> walk_batches(std::string_view bytes, const Segment& segment, Position after, const Visitor* visit) {
  Walked walked{segment.header.first_position - 1, false};
  std::string payload;
  for (uint32_t first = 1; first <= segment.through;) {
    SectorHeader batch;
    payload.clear();
    for (uint32_t slot = first; slot == first || slot <= batch.last; ++slot) {
      if (slot > segment.through) return corrupt_sector(segment.path, slot, "missing from the middle of a batch that was durable");
      const Sector sector = decode_sector(segment.header, slot, sector_bytes(bytes, slot));
      if (sector.state == SectorState::bad) return corrupt_sector(segment.path, slot, sector.reason);
      if (sector.state == SectorState::unwritten) return corrupt_sector(segment.path, slot, "empty, but a later sector says that it was durable");
      if (slot == first) batch = sector.header;
      const bool same = sector.header.durable == first - 1 && sector.header.last == batch.last && sector.header.entries == batch.entries &&
                        sector.header.kind == batch.kind;
      if (!same) return corrupt_sector(segment.path, slot, fmt::format("does not belong to the batch that begins at {}", first));
      payload.append(sector.payload);
    }
    Status visited;
    const std::string wrong = walk_entries(payload, batch.entries, walked.last, after, visit, visited);
    if (!visited) return fail(std::move(visited).error());
    if (!wrong.empty()) return corrupt_sector(segment.path, first, wrong);
    walked.sealed = batch.kind == BatchKind::seal;
    first = batch.last + 1;
  }
  return walked;
}

Status judge_end_mark(std::string_view bytes, Segment& segment) {
  const uint32_t slot = segment.header.sectors - 1;
  const Sector mark = decode_sector(segment.header, slot, sector_bytes(bytes, slot));
  if (mark.state == SectorState::bad) return corrupt_sector(segment.path, slot, mark.reason);
  segment.ended = mark.state == SectorState::valid;
  segment.ends_at = segment.ended ? mark.header.durable : 0;
  return {};
}

// Of the last segment nobody has said yet where it ends: finds what is known to be durable, and a whole batch behind that.
Status judge_tail(std::string_view bytes, Chain& chain) {
  Segment& segment = chain.segments.back();
  const uint32_t end_slot = segment.header.sectors - 1;
  uint32_t durable = segment.header.durable;
  std::vector<SectorHeader> behind;  // the written sectors, then only those behind `durable`
  for (uint32_t slot = 1; slot < end_slot; ++slot) {
    const Sector sector = decode_sector(segment.header, slot, sector_bytes(bytes, slot));
    if (sector.state == SectorState::bad) return corrupt_sector(segment.path, slot, sector.reason);
    if (sector.state == SectorState::unwritten) continue;
    durable = std::max(durable, sector.header.durable);
    behind.push_back(sector.header);
  }
  std::erase_if(behind, [&](const SectorHeader& sector) { return sector.sequence <= durable; });
  chain.durable = durable;
  segment.through = durable;
  chain.tail_written = !behind.empty();
  if (behind.empty()) return {};
  const SectorHeader& first = behind.front();
  for (const SectorHeader& sector : behind) {
    // One batch at most can be on its way, and its sectors agree about it.
    if (sector.durable != durable || sector.last != first.last || sector.entries != first.entries || sector.kind != first.kind ||
        sector.sequence > first.last) {
      return corrupt_sector(segment.path, sector.sequence, fmt::format("is behind sector {}, but not of the batch written there", durable));
    }
  }
  if (behind.size() == first.last - durable) segment.through = first.last;
  return {};
}

Result<Segment> read_header(os::FileSystem& files, const std::string& path, uint32_t number) {
  ROLLPROOF_ASSIGN(const auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  std::string sector(kSectorBytes, '\0');
  ROLLPROOF_ASSIGN(const size_t got, file->read_at(0, sector));
  auto header = decode_segment_header(std::string_view(sector).substr(0, got));
  if (!header) {
    Error error = std::move(header).error();
    error.path = path;
    if (error.code == Code::corruption) error.message = "journal " + error.message, error.hint = kCorruptionHint;
    return fail(std::move(error));
  }
  if (header->number != number) return corrupt(path, fmt::format("journal segment {} under the name of segment {}", header->number, number));
  // The size was durable before the segment had a name.
  if (size != header->sectors * uint64_t{kSectorBytes}) {
    return corrupt(path, fmt::format("journal segment of {} bytes, expected {}", size, header->sectors * uint64_t{kSectorBytes}));
  }
  return Segment{.path = path, .header = *header};
}

Status judge_successor(const Segment& before, const Segment& after) {
  if (after.header.previous_salt != before.header.salt) {
    return corrupt(after.path, fmt::format("journal segment {} continues another journal's segment {}", after.header.number, before.header.number));
  }
  if (after.header.first_position != before.last + 1) {
    return corrupt(after.path, fmt::format("journal segment {} begins at position {}, expected {}", after.header.number,
                                           after.header.first_position, before.last + 1));
  }
  return {};
}

}  // namespace

std::string segment_name(uint32_t number) { return fmt::format("{}{:08}{}", kPrefix, number, kSuffix); }

Result<std::string> read_sectors(os::FileSystem& files, const Segment& segment, uint32_t first, uint32_t last) {
  std::string bytes((last + 1 - first) * kSectorBytes, '\0');
  ROLLPROOF_ASSIGN(const auto file, files.open_read(segment.path));
  ROLLPROOF_ASSIGN(const size_t got, file->read_at(first * kSectorBytes, bytes));
  if (got != bytes.size()) return corrupt_sector(segment.path, first + static_cast<uint32_t>(got / kSectorBytes), "behind the end of the file");
  return bytes;
}

Result<std::string> read_same_twice(os::FileSystem& files, const Segment& segment, uint32_t first, uint32_t last) {
  ROLLPROOF_ASSIGN(std::string bytes, read_sectors(files, segment, first, last));
  for (int reads = 1; reads < kReads; ++reads) {
    ROLLPROOF_ASSIGN(std::string again, read_sectors(files, segment, first, last));
    if (again == bytes) break;
    bytes = std::move(again);
  }
  return bytes;
}

Result<Chain> scan(os::FileSystem& files, const std::string& directory) {
  Chain chain;
  auto names = files.list(directory);
  if (!names && names.error().code == Code::not_found) return chain;
  if (!names) return fail(std::move(names).error());
  for (const std::string& name : *names) {
    const std::string path = os::join(directory, name);
    if (name.ends_with(kUnfinished) && number_in(std::string_view(name).substr(0, name.size() - kUnfinished.size())) != 0) {
      chain.leftovers.push_back(path);
      continue;
    }
    const uint32_t number = number_in(name);
    if (number == 0) return fail(Code::corruption, "not a journal segment's name, in the journal's folder", path, "It is nothing of ours: move it out of the journal's folder.");
    const auto expected = static_cast<uint32_t>(chain.segments.size() + 1);
    if (number != expected) return corrupt(os::join(directory, segment_name(expected)), "journal segment is missing");
    ROLLPROOF_ASSIGN(Segment segment, read_header(files, path, number));
    chain.segments.push_back(std::move(segment));
  }
  for (size_t index = 0; index < chain.segments.size(); ++index) {
    Segment& segment = chain.segments[index];
    const bool is_last = index + 1 == chain.segments.size();
    ROLLPROOF_ASSIGN(const std::string bytes, is_last ? read_same_twice(files, segment, 0, segment.header.sectors - 1) : read_sectors(files, segment, 0, segment.header.sectors - 1));
    if (is_last) {
      ROLLPROOF_TRY(judge_tail(bytes, chain));
    } else {
      segment.through = chain.segments[index + 1].header.previous_through;
      if (segment.through > segment.header.sectors - 2 || segment.through < segment.header.durable) {
        return corrupt(chain.segments[index + 1].path, fmt::format("journal segment {} ends at sector {}, which can not be", index + 1, segment.through));
      }
    }
    ROLLPROOF_TRY(judge_end_mark(bytes, segment));
    // Where a segment ends its successor says as well.
    if (segment.ended && is_last) return corrupt(os::join(directory, segment_name(segment.header.number + 1)), "journal segment is missing");
    if (segment.ended && segment.ends_at != segment.through) {
      return corrupt_sector(segment.path, segment.header.sectors - 1, fmt::format("ends the segment at {}, its successor at {}", segment.ends_at, segment.through));
    }
    ROLLPROOF_ASSIGN(const Walked walked, walk_batches(bytes, segment, 0, nullptr));
    segment.last = walked.last;
    if (index > 0) ROLLPROOF_TRY(judge_successor(chain.segments[index - 1], segment));
    if (!is_last) continue;
    chain.sealed = walked.sealed && (segment.through > chain.durable || !chain.tail_written);
  }
  return chain;
}

Status visit_segment(os::FileSystem& files, const Segment& segment, Position after, const Visitor& visit) {
  if (segment.last <= after || segment.last < segment.header.first_position) return {};
  ROLLPROOF_ASSIGN(const std::string bytes, read_sectors(files, segment, 0, segment.through));
  ROLLPROOF_TRY(walk_batches(bytes, segment, after, &visit));
  return {};
}

}  // namespace rollproof::journal
