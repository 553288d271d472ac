#include "lib/journal/segment_file.h"

#include <algorithm>

#include "lib/os/paths.h"

namespace rollproof::journal {
namespace {

constexpr size_t kZeroPiece = 256 * 1024;

// Two segments never share a salt, even where the world's randomness is a constant.
uint64_t fresh_salt(os::World& world, uint32_t number) {
  uint64_t mixed = world.identity.random64() + number * 0x9e3779b97f4a7c15ULL;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return mixed ^ (mixed >> 27);
}

}  // namespace

SegmentHeader next_header(os::World& world, const Segment* before, uint64_t segment_bytes, uint64_t batch_sectors) {
  SegmentHeader header;
  header.number = before == nullptr ? 1 : before->header.number + 1;
  header.salt = fresh_salt(world, header.number);
  header.first_position = before == nullptr ? 1 : before->last + 1;
  header.previous_salt = before == nullptr ? 0 : before->header.salt;
  header.previous_through = before == nullptr ? 0 : before->through;
  // Beside an unusually large batch there is still a whole segment's room for what follows.
  const uint64_t usual = segment_bytes / kSectorBytes;
  const bool fits = batch_sectors + 3 <= usual;
  header.sectors = static_cast<uint32_t>(fits ? usual : std::min(usual + batch_sectors, kMaxSegmentBytes / kSectorBytes));
  return header;
}

Status create_segment(os::FileSystem& files, const std::string& directory, const SegmentHeader& header, std::string_view batches) {
  const std::string path = os::join(directory, segment_name(header.number));
  const std::string unfinished = path + ".tmp";
  const uint64_t size = header.sectors * uint64_t{kSectorBytes};
  ROLLPROOF_ASSIGN(const auto file, files.create_new(unfinished));
  ROLLPROOF_TRY(file->preallocate(size));
  std::string front = encode_segment_header(header);
  front += batches;
  ROLLPROOF_TRY(file->write_at(0, front));
  // Reserved space that was never written may cost a file system a change of metadata at its first sync; written zeros keep that
  // off the path of the appends wherever it does.
  const std::string zeros(std::min<uint64_t>(kZeroPiece, size - front.size()), '\0');
  for (uint64_t at = front.size(); at < size; at += zeros.size()) {
    ROLLPROOF_TRY(file->write_at(at, std::string_view(zeros).substr(0, size - at)));
  }
  ROLLPROOF_TRY(file->sync());
  ROLLPROOF_TRY(file->close());
  ROLLPROOF_TRY(files.rename(unfinished, path));
  return files.sync_directory(directory);
}

Status write_end_mark(os::FileSystem& files, Segment& segment) {
  ROLLPROOF_ASSIGN(const auto file, files.open_write(segment.path));
  ROLLPROOF_TRY(file->write_at((segment.header.sectors - 1) * uint64_t{kSectorBytes}, encode_end(segment.header, segment.through)));
  ROLLPROOF_TRY(file->sync());
  ROLLPROOF_TRY(file->close());
  segment.ended = true;
  return {};
}

}  // namespace rollproof::journal
