// The journal in ordinary use: what is appended is read back, across closes, segments, sizes and threads.
#include "lib/journal/journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "lib/journal/test_disk.h"

namespace rollproof::journal {
namespace {

const std::string kDirectory = "state/journal";
const Options kSmall{.segment_bytes = 16 * 512};

struct Opened {
  std::unique_ptr<Journal> journal;
  std::vector<std::string> entries;
};

Visitor into(std::vector<std::string>& entries) {
  return [&entries](const Entry& entry) -> Status {
    entries.push_back(entry.payload);
    EXPECT_EQ(entry.position, entries.size());
    return {};
  };
}

class JournalTest : public testing::Test {
 protected:
  Opened opened(const Options& options = kSmall) {
    Opened result;
    auto journal = Journal::open(world_.world, kDirectory, options, into(result.entries));
    EXPECT_TRUE(journal) << journal.error().to_string();
    if (journal) result.journal = std::move(*journal);
    return result;
  }

  std::vector<std::string> seen_without_lock(Snapshot* snapshot = nullptr) {
    std::vector<std::string> entries;
    auto seen = read_only(disk_, kDirectory, into(entries));
    EXPECT_TRUE(seen) << seen.error().to_string();
    if (seen && snapshot != nullptr) *snapshot = *seen;
    return entries;
  }

  TestDisk disk_;
  TestWorld world_{disk_};
};

NewEntry control(std::string text) { return {EntryKind::control, std::move(text)}; }

TEST_F(JournalTest, IsNewAndClean_WhenNothingIsThere) {
  Snapshot snapshot;
  EXPECT_TRUE(seen_without_lock(&snapshot).empty());
  EXPECT_FALSE(snapshot.exists);
  auto [journal, entries] = opened();
  EXPECT_TRUE(journal->was_clean());
  EXPECT_EQ(journal->last(), 0u);
  EXPECT_TRUE(entries.empty());
}

TEST_F(JournalTest, ShowsTheSameEntries_AfterCloseAndReopen) {
  auto first = opened();
  EXPECT_EQ(first.journal->append({control("a"), {EntryKind::changes, std::string("\0b", 2)}}).value_or(0), 2u);
  EXPECT_EQ(first.journal->append({control("")}).value_or(0), 3u);
  EXPECT_TRUE(first.journal->close());
  const std::vector<std::string> expected{"a", std::string("\0b", 2), ""};
  Snapshot snapshot;
  EXPECT_EQ(seen_without_lock(&snapshot), expected);
  EXPECT_TRUE(snapshot.exists && snapshot.clean);
  EXPECT_EQ(snapshot.last, 3u);
  auto second = opened();
  EXPECT_EQ(second.entries, expected);
  EXPECT_TRUE(second.journal->was_clean());
  EXPECT_EQ(second.journal->append({control("d")}).value_or(0), 4u);
}

TEST_F(JournalTest, GoesOnInTheSameSegment_AfterACleanClose) {
  for (int round = 0; round < 3; ++round) {
    auto [journal, entries] = opened();
    EXPECT_EQ(entries.size(), static_cast<size_t>(round));
    ASSERT_TRUE(journal->append({control(std::to_string(round))}));
    ASSERT_TRUE(journal->close());
  }
  EXPECT_EQ(disk_.now.size(), 1u);
}

TEST_F(JournalTest, IsNotClean_WhenItWasNotClosed) {
  ASSERT_TRUE(opened().journal->append({control("a")}));
  Snapshot snapshot;
  EXPECT_EQ(seen_without_lock(&snapshot), std::vector<std::string>{"a"});
  EXPECT_FALSE(snapshot.clean);
  auto [journal, entries] = opened();
  EXPECT_FALSE(journal->was_clean());
  EXPECT_EQ(entries, std::vector<std::string>{"a"});
  EXPECT_EQ(opened().entries, entries);
}

TEST_F(JournalTest, SpansSegments_OfAllSizesOfEntries) {
  std::vector<std::string> expected;
  for (const size_t size : {1, 474, 475, 476, 480, 5000, 70000, 3, 1 << 20, 0, 9}) {
    auto [journal, entries] = opened();
    EXPECT_EQ(entries, expected);
    for (int i = 0; i < 7; ++i) {
      expected.emplace_back(size, static_cast<char>('a' + i));
      ASSERT_TRUE(journal->append({control(expected.back())}));
    }
    if (size % 2 == 0) {
      ASSERT_TRUE(journal->close());
    }
  }
  EXPECT_EQ(opened().entries, expected);
  EXPECT_EQ(seen_without_lock(), expected);
  EXPECT_GT(disk_.now.size(), 10u);
}

TEST_F(JournalTest, ReadsFromAnyPosition) {
  auto [journal, entries] = opened();
  for (int i = 1; i <= 50; ++i) ASSERT_TRUE(journal->append({control(std::to_string(i))}));
  for (Position after = 0; after <= 50; ++after) {
    Position expected = after;
    ASSERT_TRUE(journal->read(after, [&](const Entry& entry) -> Status {
      EXPECT_EQ(entry.position, ++expected);
      EXPECT_EQ(entry.payload, std::to_string(expected));
      return {};
    }));
    EXPECT_EQ(expected, 50u);
  }
}

TEST_F(JournalTest, StopsReading_WhenTheVisitorFails) {
  auto [journal, entries] = opened();
  ASSERT_TRUE(journal->append({control("a"), control("b"), control("c")}));
  int visits = 0;
  const Status status = journal->read(0, [&](const Entry&) -> Status {
    return ++visits == 2 ? Status(fail(Code::differs, "enough")) : Status{};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::differs);
  EXPECT_EQ(visits, 2);
}

TEST_F(JournalTest, WritesOnceAndSyncsOnce_ForEachAppendAndTheSeal) {
  auto [journal, entries] = opened({.segment_bytes = 1 << 20});
  std::vector<std::string> calls;
  disk_.before_call = [&](const std::string& call, const std::string&) -> Status {
    calls.push_back(call);
    return {};
  };
  ASSERT_TRUE(journal->append({control("a"), control(std::string(3000, 'b'))}));
  EXPECT_EQ(calls, (std::vector<std::string>{"write", "sync"}));
  ASSERT_TRUE(journal->close());
  EXPECT_EQ(calls, (std::vector<std::string>{"write", "sync", "write", "sync"}));
}

TEST_F(JournalTest, DoesNothing_ForAnEmptyAppend) {
  auto [journal, entries] = opened();
  ASSERT_TRUE(journal->append({control("a")}));
  disk_.before_call = [](const std::string&, const std::string&) -> Status { return fail(Code::io, "no call expected"); };
  EXPECT_EQ(journal->append({}).value_or(0), 1u);
}

TEST_F(JournalTest, RefusesOptionsAndEntries_ThatItCanNotStore) {
  std::vector<std::string> none;
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1000}, uint64_t{1024}, uint64_t{1} << 40}) {
    const auto journal = Journal::open(world_.world, kDirectory, {.segment_bytes = bytes}, into(none));
    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().code, Code::invalid);
  }
  EXPECT_TRUE(disk_.now.empty());
  auto [journal, entries] = opened();
  const auto refused = journal->append({{static_cast<EntryKind>(9), "x"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
  EXPECT_TRUE(journal->append({control("still works")}));
}

TEST_F(JournalTest, RefusesEverything_AfterAFailedWriteOrSync) {
  for (const std::string broken : {"write", "sync"}) {
    auto [journal, entries] = opened();
    disk_.before_call = [&](const std::string& call, const std::string& path) -> Status {
      return call == broken ? Status(fail(Code::io, "injected", path)) : Status{};
    };
    const auto unknown = journal->append({control("in doubt")});
    disk_.before_call = nullptr;
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, Code::outcome_unknown);
    for (int i = 0; i < 2; ++i) {
      const auto refused = journal->append({control("later")});
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, Code::refused);
    }
    const Status closed = journal->close();
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, Code::refused);
  }
  // The failed write left nothing, the failed sync left the bytes: recovery shows them, and nothing that was refused.
  EXPECT_EQ(opened().entries, std::vector<std::string>{"in doubt"});
}

TEST_F(JournalTest, KeepsTheCallersOrder_WhenEightThreadsAppend) {
  constexpr int kThreads = 8;
  constexpr int kAppends = 200;
  std::atomic<int> syncs = 0;
  disk_.before_call = [&](const std::string& call, const std::string&) -> Status {
    if (call == "sync") ++syncs, std::this_thread::yield();
    return {};
  };
  auto [journal, entries] = opened({.segment_bytes = 64 * 512});
  std::vector<std::vector<Position>> positions(kThreads);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kAppends; ++i) {
        const std::string text = std::to_string(thread) + ":" + std::to_string(i);
        const auto position = journal->append({control(text), control(text + "'")});
        ASSERT_TRUE(position);
        positions[thread].push_back(*position);
        EXPECT_GE(journal->last(), *position);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(journal->last(), 2u * kThreads * kAppends);
  std::map<Position, std::string> found;
  ASSERT_TRUE(journal->read(0, [&](const Entry& entry) -> Status {
    found[entry.position] = entry.payload;
    return {};
  }));
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kAppends; ++i) {
      const std::string text = std::to_string(thread) + ":" + std::to_string(i);
      const Position position = positions[thread][i];
      EXPECT_EQ(found[position - 1], text);
      EXPECT_EQ(found[position], text + "'");
    }
  }
  EXPECT_LT(syncs, kThreads * kAppends) << "nobody ever shared a sync";
}

}  // namespace
}  // namespace rollproof::journal
