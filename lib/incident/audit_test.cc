#include "lib/incident/audit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::incident {
namespace {

class AuditTest : public ::testing::Test {
 protected:
  static std::vector<Event> events(uint64_t count) {
    std::vector<Event> all;
    for (uint64_t i = 1; i <= count; ++i) {
      all.push_back({2 * i, R"({"type":"step_done","phase":"copy","step":")" + std::string(i * 37 % 300, 's') + R"(","time_ms":)" + std::to_string(i) + "}"});
    }
    return all;
  }
  std::string bytes() { return os::read_file(files_, path_).value(); }
  void overwrite(const std::string& bytes) { ASSERT_TRUE(os::replace_file(files_, path_, bytes)); }
  Found found_after_catch_up(const std::vector<Event>& all, uint64_t durable_through = 0) {
    auto file = AuditFile::catch_up(files_, path_, all, durable_through);
    EXPECT_TRUE(file.has_value());
    EXPECT_EQ(bytes(), whole_) << "whatever was there, the file is the journal's rendering afterwards";
    return file->found();
  }
  void SetUp() override {
    ASSERT_TRUE(AuditFile::catch_up(files_, path_, events(20)));
    whole_ = bytes();
  }

  os::ScratchDirectory scratch_;
  os::PosixFileSystem files_;
  const std::string path_ = scratch_ / "audit.jsonl";
  std::string whole_;  // the rendering of 20 events
};

TEST_F(AuditTest, HoldsAChainThatVerifies) {
  const auto verdict = verify_audit(files_, path_);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->lines, 20u);
  EXPECT_EQ(verdict->last, 40u);
  EXPECT_FALSE(verdict->broken_line) << verdict->why;
}

TEST_F(AuditTest, AppendsWhatIsNewOnly_WhenGivenTheSameEventsTwice) {
  overwrite("");
  auto file = AuditFile::catch_up(files_, path_, events(5));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->last(), 10u);
  ASSERT_TRUE(file->append(events(12)));
  ASSERT_TRUE(file->append(events(20)));
  ASSERT_TRUE(file->append(events(20)));
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(bytes(), whole_);
}

TEST_F(AuditTest, KeepsAnOlderStateAndAppends_WhenItsWriterWasKilledBetweenLines) {
  overwrite(whole_.substr(0, whole_.find('\n', 700) + 1));
  EXPECT_EQ(found_after_catch_up(events(20)), Found::sound);
}

TEST_F(AuditTest, FindsEveryFlippedByte_WhenReadAlone) {
  for (size_t at = 0; at < whole_.size(); at += 7) {
    std::string flipped = whole_;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    overwrite(flipped);
    const auto verdict = verify_audit(files_, path_);
    ASSERT_TRUE(verdict);
    const auto line = static_cast<uint64_t>(std::count(whole_.begin(), whole_.begin() + static_cast<long>(at), '\n')) + 1;
    ASSERT_TRUE(verdict->broken_line) << "byte " << at;
    EXPECT_EQ(*verdict->broken_line, line) << "byte " << at;
  }
}

TEST_F(AuditTest, FindsALineThatIsGone_OrMoved_OrOnlySpeltAnew) {
  const size_t first = whole_.find('\n') + 1;
  const size_t second = whole_.find('\n', first) + 1;
  overwrite(whole_.substr(0, first) + whole_.substr(second));
  EXPECT_EQ(verify_audit(files_, path_)->broken_line, 2u);
  overwrite(whole_.substr(first, second - first) + whole_.substr(0, first) + whole_.substr(second));
  EXPECT_EQ(verify_audit(files_, path_)->broken_line, 1u);
  overwrite(whole_.substr(0, first - 1) + " " + whole_.substr(first - 1));
  EXPECT_EQ(verify_audit(files_, path_)->broken_line, 1u) << "a space changes no meaning and is still not what was written";
  overwrite(std::string(whole_).replace(whole_.find("copy"), 4, "kopy"));
  EXPECT_EQ(verify_audit(files_, path_)->why, "its hash does not fit its content");
  overwrite(whole_.substr(0, whole_.size() - 1));
  EXPECT_EQ(verify_audit(files_, path_)->broken_line, 20u) << "the last line has no end";
}

TEST_F(AuditTest, CallsItTorn_WhenUnsyncedSectorsAreMissing) {
  for (size_t sector = 2; sector * 512 < whole_.size(); ++sector) {
    std::string torn = whole_;
    for (size_t i = sector * 512; i < std::min(torn.size(), (sector + 1) * 512); ++i) torn[i] = '\0';
    overwrite(torn);
    EXPECT_EQ(found_after_catch_up(events(20), 2), Found::torn) << "sector " << sector;
    overwrite(whole_.substr(0, sector * 512));
    EXPECT_EQ(found_after_catch_up(events(20), 2), Found::torn) << "cut at sector " << sector;
  }
}

TEST_F(AuditTest, CallsItDamaged_WhenSyncedBytesChanged_OrMoreIsThereThanTheJournalKnows) {
  std::string flipped = whole_;
  flipped[300] = static_cast<char>(flipped[300] ^ 4);
  overwrite(flipped);
  EXPECT_EQ(found_after_catch_up(events(20), 40), Found::damaged);
  overwrite(flipped);
  EXPECT_EQ(found_after_catch_up(events(20), 2), Found::torn) << "only the first line was known to be synced";
  overwrite(whole_.substr(0, 900));
  EXPECT_EQ(found_after_catch_up(events(20), 40), Found::damaged) << "a synced line is gone";
  overwrite(whole_ + "{}\n");
  EXPECT_EQ(found_after_catch_up(events(20), 40), Found::damaged);
  ASSERT_TRUE(files_.remove(path_));
  EXPECT_EQ(found_after_catch_up(events(20), 40), Found::damaged) << "it was there";
  ASSERT_TRUE(files_.remove(path_));
  EXPECT_EQ(found_after_catch_up(events(20)), Found::missing);
}

TEST_F(AuditTest, KeepsWhatIsNoJson_SoThatNothingIsLeftOut) {
  ASSERT_TRUE(files_.remove(path_));
  ASSERT_TRUE(AuditFile::catch_up(files_, path_, {{1, "{\"type\":\"a\xff\"}"}, {2, ""}, {3, R"({"n":0.10,"n":1e400})"}, {4, "[1]"}}));
  const auto verdict = verify_audit(files_, path_);
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->broken_line) << verdict->why;
  EXPECT_EQ(verdict->lines, 4u);
  EXPECT_NE(bytes().find(R"({"unreadable":"5b315d"})"), std::string::npos);
}

}  // namespace
}  // namespace rollproof::incident
