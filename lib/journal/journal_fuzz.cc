// Any bytes as the segments of a journal: reading and opening end with entries or an error, agree with each other, write nothing
// in the first case, and show the same entries at the next opening.
//
// The first byte says in how many segments (one or two) the rest is split and whether checksums and sizes are put right first, without
// which hardly any input would get behind them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/digest.h"
#include "lib/journal/format.h"
#include "lib/journal/journal.h"
#include "lib/journal/test_disk.h"

using namespace rollproof;
using namespace rollproof::journal;

namespace {

constexpr uint8_t kTwoSegments = 1;
constexpr uint8_t kMendChecksums = 2;
const Options kOptions{.segment_bytes = 8 * 512};
const std::string kFirst = "j/segment-00000001.rpj";
const std::string kSecond = "j/segment-00000002.rpj";

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not true: %s\n", what);
  std::abort();
}

Visitor into(std::vector<std::string>& entries) {
  return [&entries](const Entry& entry) -> Status {
    entries.push_back(static_cast<char>(entry.kind) + entry.payload);
    require(entry.position == entries.size(), "positions are consecutive");
    return {};
  };
}

// Also gives the file the size that its first sector asks for, if that is a small one.
void mend(std::string& bytes) {
  if (bytes.size() < kSectorBytes) return;
  uint32_t sectors;
  std::memcpy(&sectors, bytes.data() + offsetof(SegmentHeader, sectors), sizeof sectors);
  if (sectors >= 4 && sectors <= 32) bytes.resize(sectors * kSectorBytes);
  for (size_t at = 0; at + kSectorBytes <= bytes.size(); at += kSectorBytes) {
    const std::string_view sector = std::string_view(bytes).substr(at, kSectorBytes);
    if (sector.find_first_not_of('\0') == std::string_view::npos) continue;
    const uint32_t crc = crc32c(sector.substr(4));
    std::memcpy(bytes.data() + at, &crc, sizeof crc);
  }
}

std::string seed_of(const std::map<std::string, std::string>& contents, uint8_t flags) {
  std::string seed(1, static_cast<char>(flags | (contents.size() == 2 ? kTwoSegments : 0)));
  for (const auto& [path, bytes] : contents) seed += bytes;
  return seed;
}

}  // namespace

std::vector<std::string> rollproof_fuzz_seeds() {
  std::vector<std::string> seeds;
  for (const uint8_t flags : {uint8_t{0}, kMendChecksums}) {
    TestDisk disk;
    TestWorld world(disk);
    for (const size_t size : {10, 900, 1500}) {
      std::vector<std::string> none;
      auto journal = Journal::open(world.world, "j", kOptions, into(none));
      require(journal.has_value(), "the seed opens");
      if (disk.now.size() <= 2) seeds.push_back(seed_of(disk.contents(), flags));
      require((*journal)->append({{EntryKind::control, std::string(size, 'x')}, {EntryKind::changes, "y"}}).has_value(), "the seed appends");
      if (disk.now.size() <= 2) seeds.push_back(seed_of(disk.contents(), flags));
      if (size == 10) require((*journal)->close().has_value(), "the seed closes");
      if (disk.now.size() <= 2) seeds.push_back(seed_of(disk.contents(), flags));
    }
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::map<std::string, std::string> contents;
  if (data[0] & kTwoSegments) {
    const size_t half = bytes.size() / 2 / kSectorBytes * kSectorBytes;
    contents[kSecond] = bytes.substr(half);
    bytes.resize(half);
  }
  contents[kFirst] = bytes;
  if (data[0] & kMendChecksums) {
    for (auto& [path, segment] : contents) mend(segment);
  }

  const auto disk = TestDisk::of(contents);
  TestWorld world(*disk);
  std::vector<std::string> seen;
  const auto snapshot = read_only(*disk, "j", into(seen));
  require(disk->contents() == contents, "reading writes nothing");
  require(snapshot || seen.empty(), "an error shows nothing");
  require(!snapshot || snapshot->last == seen.size(), "the last position is that of the last entry");

  std::vector<std::string> opened;
  {
    const auto journal = Journal::open(world.world, "j", kOptions, into(opened));
    require(journal.has_value() == snapshot.has_value(), "reading and opening agree");
    if (!journal) {
      require(disk->contents() == contents, "a refused journal is left as it is");
      return 0;
    }
    require(opened == seen, "opening shows what reading shows");
    require((*journal)->was_clean() == snapshot->clean, "both agree about the seal");
  }
  for (const bool close : {false, true}) {
    std::vector<std::string> again;
    const auto journal = Journal::open(world.world, "j", kOptions, into(again));
    require(journal.has_value(), "it opens again");
    require(again == opened, "with the same entries");
    require((*journal)->append({{EntryKind::control, "one more"}}).has_value(), "it goes on");
    opened.push_back("\1one more");
    if (close) require((*journal)->close().has_value(), "it closes");
  }
  std::vector<std::string> last;
  const auto closed = read_only(*disk, "j", into(last));
  require(closed && closed->clean && last == opened, "all of it is there in the end");
  return 0;
}
