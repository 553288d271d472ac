// The bytes of version 1 stay readable, and stay what the writer writes.
#include "lib/journal/format.h"

#include <gtest/gtest.h>

#include "lib/journal/changes.h"
#include "lib/journal/journal.h"
#include "lib/journal/test_disk.h"
#include "lib/os/posix.h"

namespace rollproof::journal {
namespace {

const std::string kFixture = ROLLPROOF_SOURCE_DIR "/fixtures/journal-v1";

// What the fixture holds, written by the journal of today into memory: an unclean end with recovery, a second segment, a seal.
std::map<std::string, std::string> written_today() {
  TestDisk disk;
  TestWorld world(disk);
  const Visitor ignore = [](const Entry&) -> Status { return {}; };
  for (const bool close : {false, true}) {
    auto journal = Journal::open(world.world, kFixture, {.segment_bytes = 6 * 512}, ignore);
    EXPECT_TRUE(journal);
    EXPECT_TRUE((*journal)->append({{EntryKind::control, R"({"type":"session_begin"})"}}));
    EXPECT_TRUE((*journal)->append({{EntryKind::changes, encode_changes({{record::Change::Kind::put, "key", std::string(600, 'v')}})},
                                    {EntryKind::control, close ? "closed" : "not closed"}}));
    if (close) {
      EXPECT_TRUE((*journal)->close());
    }
  }
  return disk.contents();
}

std::map<std::string, std::string> on_disk() {
  os::PosixFileSystem files;
  std::map<std::string, std::string> contents;
  const auto names = files.list(kFixture);
  EXPECT_TRUE(names);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    auto bytes = os::read_file(files, os::join(kFixture, name));
    EXPECT_TRUE(bytes);
    contents[os::join(kFixture, name)] = bytes.value_or("");
  }
  return contents;
}

// Run with --gtest_also_run_disabled_tests for a new version's fixture; the old ones stay.
TEST(JournalFormat, DISABLED_GeneratesTheFixture) {
  os::PosixFileSystem files;
  ASSERT_TRUE(os::make_directories(files, kFixture));
  for (const auto& [path, bytes] : written_today()) ASSERT_TRUE(os::replace_file(files, path, bytes));
}

TEST(JournalFormat, Version1StillOpens) {
  const auto disk = TestDisk::of(on_disk());
  TestWorld world(*disk);
  std::vector<std::string> seen;
  const auto journal = Journal::open(world.world, kFixture, {}, [&](const Entry& entry) -> Status {
    if (entry.kind == EntryKind::changes) {
      const auto changes = decode_changes(entry.payload);
      EXPECT_TRUE(changes && changes->size() == 1 && changes->front().key == "key" && changes->front().value == std::string(600, 'v'));
      seen.emplace_back("changes");
    } else {
      seen.push_back(entry.payload);
    }
    return {};
  });
  ASSERT_TRUE(journal) << journal.error().to_string();
  EXPECT_TRUE((*journal)->was_clean());
  EXPECT_EQ(seen, (std::vector<std::string>{R"({"type":"session_begin"})", "changes", "not closed", R"({"type":"session_begin"})", "changes",
                                            "closed"}));
}

TEST(JournalFormat, IsStillWhatIsWritten) {
  const auto written = written_today();
  const auto fixture = on_disk();
  ASSERT_EQ(written.size(), fixture.size());
  EXPECT_GE(written.size(), 3u);
  for (const auto& [path, bytes] : written) EXPECT_TRUE(fixture.contains(path) && fixture.at(path) == bytes) << path;
}

TEST(JournalFormat, RefusesHeaders_ThatContradictThemselves) {
  const auto refused = [](auto change) {
    SegmentHeader header{.salt = 1, .number = 2, .sectors = 8, .first_position = 5, .previous_salt = 7, .previous_through = 3, .durable = 2};
    EXPECT_TRUE(decode_segment_header(encode_segment_header(header)));
    change(header);
    return !decode_segment_header(encode_segment_header(header));
  };
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.number = 0; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.number = 1; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.sectors = 3; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.sectors = UINT32_MAX; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.durable = 7; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.first_position = 0; }));
  EXPECT_TRUE(refused([](SegmentHeader& header) { header.magic[0] = 'X'; }));
}

}  // namespace
}  // namespace rollproof::journal
