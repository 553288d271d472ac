// Power loss and process death at every call, with every subset of the sectors that were on their way, also inside recovery:
// what was acknowledged is there, what was on its way is there whole or not at all, and it is never called corruption.
#include <gtest/gtest.h>

#include <set>

#include "lib/journal/journal.h"
#include "lib/journal/test_disk.h"

namespace rollproof::journal {
namespace {

using Contents = std::map<std::string, std::string>;
using Entries = std::vector<std::string>;

const std::string kDirectory = "state/journal";
constexpr Options kOptions{.segment_bytes = 12 * 512};

Visitor into(Entries& entries) {
  return [&entries](const Entry& entry) -> Status {
    entries.push_back(entry.payload);
    EXPECT_EQ(entry.position, entries.size());
    return {};
  };
}

// What the disk may hold if the machine stops now: the process alone dies, or any of the unsynced sectors are lost (all subsets up
// to six sectors, beyond that prefixes, single losses and single survivors).
std::set<Contents> images_of(const TestDisk& disk) {
  std::set<Contents> images{disk.contents()};
  for (const bool names : {false, true}) {
    size_t sectors = 0;
    disk.after_power_loss([&](size_t) { return ++sectors, true; }, names);
    if (sectors <= 6) {
      for (size_t subset = 0; subset < (size_t{1} << sectors); ++subset) {
        images.insert(disk.after_power_loss([&](size_t sector) { return (subset >> sector & 1) != 0; }, names));
      }
      continue;
    }
    for (size_t at = 0; at <= sectors; ++at) {
      images.insert(disk.after_power_loss([&](size_t sector) { return sector < at; }, names));
      images.insert(disk.after_power_loss([&](size_t sector) { return sector != at; }, names));
      images.insert(disk.after_power_loss([&](size_t sector) { return sector == at; }, names));
    }
  }
  return images;
}

class CrashTest : public testing::Test {
 protected:
  // Opens what a crash left; `allowed` are the contents that would be right. Crashes the recovery itself `depth` times.
  void check(const Contents& image, const std::vector<Entries>& allowed, int depth) {
    if (!checked_.insert({image, allowed, depth}).second || HasFailure()) return;
    auto disk = TestDisk::of(image);
    TestWorld world(*disk);
    Entries seen;
    const auto snapshot = read_only(*disk, kDirectory, into(seen));
    ASSERT_TRUE(snapshot) << snapshot.error().to_string();
    ASSERT_NE(std::find(allowed.begin(), allowed.end(), seen), allowed.end()) << seen.size() << " entries";
    ASSERT_EQ(disk->contents(), image) << "reading wrote something";

    if (depth > 0) {
      disk->before_call = [&](const std::string&, const std::string&) -> Status {
        for (const Contents& again : images_of(*disk)) check(again, allowed, depth - 1);
        return {};
      };
    }
    Entries recovered;
    auto journal = Journal::open(world.world, kDirectory, kOptions, into(recovered));
    disk->before_call = nullptr;
    ASSERT_TRUE(journal) << journal.error().to_string();
    ASSERT_EQ(recovered, seen);
    // What has been shown stays, even if only what was synced is left.
    for (const Contents& again : images_of(*disk)) check_exactly(again, recovered);
    ASSERT_TRUE((*journal)->append({{EntryKind::control, "after recovery"}}));
    recovered.push_back("after recovery");
    check_exactly(disk->after_power_loss([](size_t) { return false; }), recovered);
  }

  void check_exactly(const Contents& image, const Entries& expected) {
    auto disk = TestDisk::of(image);
    Entries seen;
    const auto snapshot = read_only(*disk, kDirectory, into(seen));
    ASSERT_TRUE(snapshot) << snapshot.error().to_string();
    ASSERT_EQ(seen, expected);
  }

  // Runs appends of the given payload sizes (several in one append: one after the other until a 0) with a crash at every call.
  void crash_everywhere(const std::vector<std::vector<size_t>>& appends, int depth, bool reopen_in_between = false) {
    TestDisk disk;
    TestWorld world(disk);
    Entries acknowledged;
    Entries in_flight;
    disk.before_call = [&](const std::string&, const std::string&) -> Status {
      Entries with = acknowledged;
      with.insert(with.end(), in_flight.begin(), in_flight.end());
      for (const Contents& image : images_of(disk)) check(image, {acknowledged, with}, depth);
      return {};
    };
    Entries seen;
    auto journal = Journal::open(world.world, kDirectory, kOptions, into(seen));
    ASSERT_TRUE(journal);
    for (const auto& sizes : appends) {
      std::vector<NewEntry> entries;
      for (const size_t size : sizes) {
        in_flight.emplace_back(size, static_cast<char>('a' + acknowledged.size() + in_flight.size()));
        entries.push_back({EntryKind::changes, in_flight.back()});
      }
      ASSERT_TRUE((*journal)->append(entries));
      acknowledged.insert(acknowledged.end(), in_flight.begin(), in_flight.end());
      in_flight.clear();
      if (!reopen_in_between) continue;
      ASSERT_TRUE((*journal)->close());
      journal = Journal::open(world.world, kDirectory, kOptions, into(seen = {}));
      ASSERT_TRUE(journal) << journal.error().to_string();
      ASSERT_EQ(seen, acknowledged);
    }
    ASSERT_TRUE((*journal)->close());
    for (const Contents& image : images_of(disk)) check(image, {acknowledged}, depth);
    EXPECT_GT(checked_.size(), appends.size());
    RecordProperty("images", static_cast<int>(checked_.size()));
  }

  std::set<std::tuple<Contents, std::vector<Entries>, int>> checked_;
};

TEST_F(CrashTest, KeepsAcknowledgedAndTearsNothing_InOneSegment) { crash_everywhere({{10}, {500}, {3, 4, 5}, {2000}}, 1); }

TEST_F(CrashTest, KeepsAcknowledgedAndTearsNothing_AcrossSegments) {
  crash_everywhere({{10}, {2400}, {1}, {2800}, {0, 7}, {900}, {2500}}, 1);
}

TEST_F(CrashTest, KeepsAcknowledgedAndTearsNothing_WhenABatchIsLargerThanASegment) { crash_everywhere({{10}, {9000}, {20}}, 1); }

TEST_F(CrashTest, KeepsAcknowledgedAndTearsNothing_AfterCleanCloses) { crash_everywhere({{10}, {1500}, {20}, {900}, {30}}, 1, true); }

TEST_F(CrashTest, KeepsAcknowledgedAndTearsNothing_WhenRecoveryIsInterruptedTwice) { crash_everywhere({{10}, {1500}}, 2); }

// A sync fails, the kernel forgets that the pages are dirty and still shows them to whoever reads.
class LostPagesTest : public testing::Test {
 protected:
  std::unique_ptr<Journal> opened() {
    entries_.clear();
    auto journal = Journal::open(world_.world, kDirectory, kOptions, into(entries_));
    EXPECT_TRUE(journal) << journal.error().to_string();
    return journal ? std::move(*journal) : nullptr;
  }
  void lose_pages_at_sync() {
    disk_.before_call = [this](const std::string& call, const std::string& path) -> Status {
      if (call != "sync") return {};
      disk_.now[path]->unsynced.clear();
      return fail(Code::io, "injected", path);
    };
  }
  Entries after_power_loss() {
    auto disk = TestDisk::of(disk_.after_power_loss([](size_t) { return false; }));
    Entries seen;
    const auto snapshot = read_only(*disk, kDirectory, into(seen));
    EXPECT_TRUE(snapshot) << snapshot.error().to_string();
    return seen;
  }

  TestDisk disk_;
  TestWorld world_{disk_};
  Entries entries_;
};

TEST_F(LostPagesTest, KeepsWhatRecoveryHasShown_WhenTheSyncOfAnAppendFailed) {
  auto journal = opened();
  ASSERT_TRUE(journal->append({{EntryKind::control, "first"}}));
  lose_pages_at_sync();
  EXPECT_FALSE(journal->append({{EntryKind::control, "second"}}));
  disk_.before_call = nullptr;
  EXPECT_EQ(after_power_loss(), Entries{"first"});
  journal = opened();
  EXPECT_EQ(entries_, (Entries{"first", "second"}));
  EXPECT_EQ(after_power_loss(), entries_);
  ASSERT_TRUE(journal->append({{EntryKind::control, "third"}}));
  EXPECT_EQ(after_power_loss(), (Entries{"first", "second", "third"}));
}

TEST_F(LostPagesTest, IsNotCalledCorruption_WhenTheSyncOfTheSealFailed) {
  auto journal = opened();
  ASSERT_TRUE(journal->append({{EntryKind::control, "first"}}));
  lose_pages_at_sync();
  EXPECT_FALSE(journal->close());
  disk_.before_call = nullptr;
  journal = opened();
  ASSERT_TRUE(journal->append({{EntryKind::control, "second"}}));
  EXPECT_EQ(after_power_loss(), (Entries{"first", "second"}));
}

TEST_F(LostPagesTest, ShowsNothing_WhenRecoveryItselfFails) {
  auto journal = opened();
  ASSERT_TRUE(journal->append({{EntryKind::control, "first"}}));
  journal.reset();
  const Contents before = disk_.contents();
  size_t calls = 0;
  disk_.before_call = [&](const std::string&, const std::string&) { return ++calls, Status{}; };
  Entries all;
  ASSERT_TRUE(Journal::open(world_.world, kDirectory, kOptions, into(all)));
  const size_t last = calls;
  ASSERT_GT(last, 5u);
  for (size_t k = 1; k <= last; ++k) {
    auto disk = TestDisk::of(before);
    TestWorld world(*disk);
    calls = 0;
    disk->before_call = [&](const std::string&, const std::string& path) -> Status {
      return ++calls == k ? Status(fail(Code::io, "injected", path)) : Status{};
    };
    Entries seen;
    EXPECT_FALSE(Journal::open(world.world, kDirectory, kOptions, into(seen))) << "call " << k;
    EXPECT_TRUE(seen.empty());
    disk->before_call = nullptr;
    EXPECT_TRUE(Journal::open(world.world, kDirectory, kOptions, into(seen)));
    EXPECT_EQ(seen, all) << "call " << k;
  }
}

TEST_F(LostPagesTest, KeepsTheSegmentsName_WhenTheProcessDiedBeforeTheFolderWasSynced) {
  disk_.before_call = [](const std::string& call, const std::string& path) -> Status {
    return call == "sync_directory" && path == kDirectory ? Status(fail(Code::io, "injected", path)) : Status{};
  };
  EXPECT_FALSE(Journal::open(world_.world, kDirectory, kOptions, into(entries_)));
  disk_.before_call = nullptr;
  ASSERT_TRUE(disk_.durable.empty());
  ASSERT_TRUE(opened()->append({{EntryKind::control, "first"}}));
  EXPECT_EQ(after_power_loss(), Entries{"first"});
}

TEST_F(LostPagesTest, MissesADeletedSegment_WhenTheProcessDiedBeforeTheEndMark) {
  auto journal = opened();
  ASSERT_TRUE(journal->append({{EntryKind::control, std::string(2000, 'x')}}));
  const std::string first = disk_.now.begin()->first;
  disk_.before_call = [&](const std::string& call, const std::string& path) -> Status {
    return call == "write" && path == first ? Status(fail(Code::io, "injected", path)) : Status{};
  };
  EXPECT_FALSE(journal->append({{EntryKind::control, std::string(3000, 'y')}}));
  disk_.before_call = nullptr;
  ASSERT_EQ(disk_.now.size(), 2u);
  ASSERT_TRUE(opened());
  EXPECT_EQ(entries_.size(), 2u);
  disk_.now.erase(disk_.now.rbegin()->first);
  const auto snapshot = read_only(disk_, kDirectory, into(entries_ = {}));
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, Code::corruption);
}

}  // namespace
}  // namespace rollproof::journal
