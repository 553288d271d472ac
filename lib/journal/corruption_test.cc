// Bytes that no interruption explains are reported, wherever they are, and nothing is changed because of them.
#include <gtest/gtest.h>

#include "lib/journal/format.h"
#include "lib/journal/journal.h"
#include "lib/journal/scan.h"
#include "lib/journal/test_disk.h"

namespace rollproof::journal {
namespace {

using Contents = std::map<std::string, std::string>;
using Entries = std::vector<std::string>;

const std::string kDirectory = "state/journal";
const std::string kFirst = kDirectory + "/segment-00000001.rpj";
const std::string kSecond = kDirectory + "/segment-00000002.rpj";
const std::string kThird = kDirectory + "/segment-00000003.rpj";

Visitor into(Entries& entries) {
  return [&entries](const Entry& entry) -> Status {
    entries.push_back(entry.payload);
    return {};
  };
}

class CorruptionTest : public testing::Test {
 protected:
  // Ten batches, the fourth of three sectors.
  Contents journal_of_ten(const Options& options, bool close) {
    TestDisk disk;
    TestWorld world(disk);
    Entries none;
    auto journal = Journal::open(world.world, kDirectory, options, into(none));
    EXPECT_TRUE(journal);
    expected_.clear();
    for (size_t i = 0; i < 10; ++i) {
      expected_.emplace_back(i == 3 ? 1000 : 20 + i, static_cast<char>('a' + i));
      EXPECT_TRUE((*journal)->append({{EntryKind::control, expected_.back()}}));
    }
    if (close) {
      EXPECT_TRUE((*journal)->close());
    }
    return disk.contents();
  }

  struct Seen {
    Result<Snapshot> snapshot;
    Entries entries;
    bool corruption() const { return !snapshot && snapshot.error().code == Code::corruption && entries.empty(); }
    std::string text() const { return snapshot ? std::to_string(entries.size()) + " entries" : snapshot.error().to_string(); }
  };

  static Seen seen_in(const Contents& contents) {
    const auto disk = TestDisk::of(contents);
    Entries entries;
    auto snapshot = read_only(*disk, kDirectory, into(entries));
    return {std::move(snapshot), entries};
  }

  static void expect_refused_untouched(const Contents& contents) {
    const auto disk = TestDisk::of(contents);
    TestWorld world(*disk);
    Entries entries;
    const auto journal = Journal::open(world.world, kDirectory, {.segment_bytes = 16 * 512}, into(entries));
    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().code, Code::corruption);
    EXPECT_FALSE(journal.error().path.empty());
    EXPECT_TRUE(entries.empty());
    EXPECT_EQ(disk->contents(), contents);
  }

  static std::string sector(const Contents& contents, const std::string& path, size_t slot) { return contents.at(path).substr(slot * 512, 512); }
  static Contents with_sector(Contents contents, const std::string& path, size_t slot, const std::string& bytes) {
    contents[path].replace(slot * 512, 512, bytes);
    return contents;
  }

  static inline const std::string kZeros = std::string(512, '\0');
  Entries expected_;
};

TEST_F(CorruptionTest, IsReported_ForEveryFlippedBitOfAClosedJournal) {
  Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, true);
  ASSERT_EQ(contents.size(), 1u);
  std::string& bytes = contents[kFirst];
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    // Every bit of the written sectors; the empty ones are all alike, one bit in 37 does.
    if (bit / 8 / 512 > 13 && bit % 37 != 0) continue;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const Seen seen = seen_in(contents);
    ASSERT_TRUE(seen.corruption()) << "sector " << bit / 8 / 512 << " bit " << bit % 4096 << ": " << seen.text();
    if (bit % 1009 == 0) expect_refused_untouched(contents);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  }
  EXPECT_EQ(seen_in(contents).entries, expected_);
}

TEST_F(CorruptionTest, IsReported_ForFlippedBitsInEverySectorOfSeveralSegments) {
  const Contents contents = journal_of_ten({.segment_bytes = 8 * 512}, true);
  ASSERT_GE(contents.size(), 3u);
  for (const auto& [path, bytes] : contents) {
    for (size_t at = 0; at < bytes.size(); at += 11) {
      Contents damaged = contents;
      damaged[path][at] = static_cast<char>(damaged[path][at] ^ 4);
      const Seen seen = seen_in(damaged);
      // Behind the last batch of a segment that goes on elsewhere the sectors are void, but for the end mark.
      const bool is_void = path != contents.rbegin()->first && sector(contents, path, at / 512) == kZeros;
      if (is_void) {
        EXPECT_EQ(seen.entries, expected_);
      } else {
        ASSERT_TRUE(seen.corruption()) << path << " byte " << at << ": " << seen.text();
        EXPECT_EQ(seen.snapshot.error().path, path);
      }
    }
  }
}

TEST_F(CorruptionTest, IsReported_ForEveryZeroedSectorOfAClosedJournal_ButTheSeal) {
  const Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, true);
  for (size_t slot = 0; slot <= 12; ++slot) {
    const Seen seen = seen_in(with_sector(contents, kFirst, slot, kZeros));
    EXPECT_TRUE(seen.corruption()) << "sector " << slot << ": " << seen.text();
  }
  // Without its seal it looks as after a power loss; that loses nothing.
  const Seen unsealed = seen_in(with_sector(contents, kFirst, 13, kZeros));
  EXPECT_EQ(unsealed.entries, expected_);
  EXPECT_FALSE(unsealed.snapshot->clean);
}

TEST_F(CorruptionTest, IsReported_ForEveryZeroedSectorOfAnUnclosedJournal_ButItsLastBatch) {
  const Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, false);
  for (size_t slot = 0; slot <= 11; ++slot) {
    const Seen seen = seen_in(with_sector(contents, kFirst, slot, kZeros));
    EXPECT_TRUE(seen.corruption()) << "sector " << slot << ": " << seen.text();
  }
  // The undecidable case of FORMAT.md.
  const Seen cut = seen_in(with_sector(contents, kFirst, 12, kZeros));
  expected_.pop_back();
  EXPECT_EQ(cut.entries, expected_);
}

TEST_F(CorruptionTest, IsReported_ForEveryTruncation) {
  for (const bool close : {true, false}) {
    const Contents contents = journal_of_ten({.segment_bytes = 8 * 512}, close);
    for (const auto& [path, bytes] : contents) {
      for (size_t size = 0; size < bytes.size(); size += 512) {
        Contents cut = contents;
        cut[path].resize(size);
        const Seen seen = seen_in(cut);
        EXPECT_TRUE(seen.corruption()) << path << " cut at " << size << ": " << seen.text();
        cut[path] = bytes.substr(0, size + 100);
        EXPECT_TRUE(seen_in(cut).corruption()) << path << " cut at " << size + 100;
      }
      Contents longer = contents;
      longer[path].resize(bytes.size() + 512);
      EXPECT_TRUE(seen_in(longer).corruption());
    }
  }
}

TEST_F(CorruptionTest, IsReported_ForEverySectorInThePlaceOfAnother) {
  const Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, true);
  for (size_t from = 0; from < 14; ++from) {
    for (size_t to = 0; to < 16; ++to) {
      if (from == to) continue;
      const Seen seen = seen_in(with_sector(contents, kFirst, to, sector(contents, kFirst, from)));
      EXPECT_TRUE(seen.corruption()) << from << " over " << to << ": " << seen.text();
    }
  }
}

TEST_F(CorruptionTest, IsReported_ForASectorOfAnotherSegment) {
  const Contents contents = journal_of_ten({.segment_bytes = 8 * 512}, true);
  const std::string& last = contents.rbegin()->first;
  for (size_t slot = 1; slot < 8; ++slot) {
    const std::string same_place = sector(contents, kFirst, slot);
    const Seen seen = seen_in(with_sector(contents, last, slot, same_place == kZeros ? sector(contents, kFirst, 1) : same_place));
    EXPECT_TRUE(seen.corruption()) << slot << ": " << seen.text();
  }
}

TEST_F(CorruptionTest, IsReported_ForMissingDoubledSwappedAndForeignSegments) {
  const Contents contents = journal_of_ten({.segment_bytes = 8 * 512}, true);
  for (const auto& [path, bytes] : contents) {
    Contents missing = contents;
    missing.erase(path);
    const Seen seen = seen_in(missing);
    EXPECT_TRUE(seen.corruption()) << path << ": " << seen.text();
    EXPECT_EQ(seen.snapshot.error().path, path);
    expect_refused_untouched(missing);
  }
  Contents doubled = contents;
  doubled[kThird] = doubled[kSecond];
  EXPECT_TRUE(seen_in(doubled).corruption());
  Contents swapped = contents;
  std::swap(swapped[kThird], swapped[kSecond]);
  EXPECT_TRUE(seen_in(swapped).corruption());
  for (const char* name : {"/segment-1.rpj", "/segment-00000001.rpj.bak", "/notes.txt", "/segment-00000000.rpj", "/segment-0000000a.rpj"}) {
    Contents foreign = contents;
    foreign[kDirectory + name] = contents.at(kFirst);
    const Seen seen = seen_in(foreign);
    EXPECT_TRUE(seen.corruption()) << name;
    EXPECT_EQ(seen.snapshot.error().path, kDirectory + name);
    expect_refused_untouched(foreign);
  }
}

// The segment before it was ended where it was known to be durable, and has more behind that end.
TEST_F(CorruptionTest, NamesTheMissingSegment_ThatARecoveryHasMade) {
  const auto disk = TestDisk::of(journal_of_ten({.segment_bytes = 16 * 512}, false));
  TestWorld world(*disk);
  Entries entries;
  ASSERT_TRUE(Journal::open(world.world, kDirectory, {.segment_bytes = 16 * 512}, into(entries)));
  Contents contents = disk->contents();
  ASSERT_EQ(contents.size(), 2u);
  contents.erase(kSecond);
  const Seen seen = seen_in(contents);
  ASSERT_TRUE(seen.corruption()) << seen.text();
  EXPECT_EQ(seen.snapshot.error().path, kSecond);
}

TEST_F(CorruptionTest, IsReported_ForASegmentOfAnotherJournal) {
  Contents contents = journal_of_ten({.segment_bytes = 8 * 512}, true);
  auto header = *decode_segment_header(contents[kSecond]);
  header.previous_salt ^= 1;
  contents = with_sector(contents, kSecond, 0, encode_segment_header(header));
  EXPECT_TRUE(seen_in(contents).corruption());
}

TEST_F(CorruptionTest, IsNotClaimed_ForAnotherVersion) {
  Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, true);
  auto header = *decode_segment_header(contents[kFirst]);
  header.version = 2;
  const Seen seen = seen_in(with_sector(contents, kFirst, 0, encode_segment_header(header)));
  ASSERT_FALSE(seen.snapshot);
  EXPECT_EQ(seen.snapshot.error().code, Code::refused);
}

TEST_F(CorruptionTest, IsReported_BehindATornTailAsWell) {
  const Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, false);
  std::string torn(512, '\0');
  torn[77] = 1;
  EXPECT_TRUE(seen_in(with_sector(contents, kFirst, 14, torn)).corruption());
  EXPECT_TRUE(seen_in(with_sector(contents, kFirst, 15, torn)).corruption());
  // A whole sector of a batch that could not have been on its way: nothing was durable at 5 any more.
  const auto header = *decode_segment_header(contents.at(kFirst));
  const std::string late = encode_batch(header.salt, 14, BatchKind::entries, 1, std::string("\1\0\0\0\1x", 6));
  EXPECT_TRUE(seen_in(with_sector(contents, kFirst, 14, late)).corruption()) << "its mark says that 13 was durable, which is empty";
}

TEST_F(CorruptionTest, IsNotSeen_BehindTheEndThatRecoveryHasSet) {
  const auto disk = TestDisk::of(journal_of_ten({.segment_bytes = 16 * 512}, false));
  TestWorld world(*disk);
  Entries entries;
  ASSERT_TRUE(Journal::open(world.world, kDirectory, {.segment_bytes = 16 * 512}, into(entries)));
  EXPECT_EQ(entries, expected_);
  Contents contents = disk->contents();
  ASSERT_EQ(contents.size(), 2u);
  // The last batch lives in the second segment now; its old sector is void.
  EXPECT_EQ(seen_in(with_sector(contents, kFirst, 12, std::string(512, 'x'))).entries, expected_);
  EXPECT_TRUE(seen_in(with_sector(contents, kFirst, 11, kZeros)).corruption());
  EXPECT_TRUE(seen_in(with_sector(contents, kSecond, 1, kZeros)).corruption()) << "recovered entries are known to be durable";
}

TEST_F(CorruptionTest, IsNotClaimed_ForUnfinishedSegments) {
  Contents contents = journal_of_ten({.segment_bytes = 16 * 512}, true);
  contents[kSecond + ".tmp"] = "anything";
  EXPECT_EQ(seen_in(contents).entries, expected_);
  const auto disk = TestDisk::of(contents);
  TestWorld world(*disk);
  Entries entries;
  ASSERT_TRUE(Journal::open(world.world, kDirectory, {.segment_bytes = 16 * 512}, into(entries)));
  EXPECT_EQ(entries, expected_);
  EXPECT_FALSE(disk->now.contains(kSecond + ".tmp"));
}

}  // namespace
}  // namespace rollproof::journal
