#include "lib/store/leveldb/scan.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/store/leveldb/file_names.h"
#include "lib/store/leveldb/ground_for_tests.h"

namespace rollproof::store::level {
namespace {

using namespace testing_ground;

std::string told(const Scan& scan) {
  std::string text;
  for (const Finding& finding : scan.findings) text += finding.file + ": " + finding.what + (finding.ordinary ? " (ordinary)\n" : "\n");
  return text;
}

std::string file_of_kind(const Records& image, FileKind kind) {
  for (const auto& [name, bytes] : image) {
    if (parse_file_name(name).kind == kind && (kind != FileKind::log || !bytes.empty())) return name;
  }
  return {};
}

// A database of stock LevelDB, closed: a few tables, a log with records in it.
void write_history(Ground& given) {
  given.with_stock_leveldb([](leveldb::DB& db) {
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(db.Put({}, std::to_string(i), noise(static_cast<uint64_t>(i), 40)).ok());
    db.CompactRange(nullptr, nullptr);
  });
  leveldb::DB* db = nullptr;
  leveldb::Options options;
  ASSERT_TRUE(leveldb::DB::Open(options, given.where.path, &db).ok());
  for (int i = 40; i < 50; ++i) ASSERT_TRUE(db->Put({}, std::to_string(i), "again").ok());
  ASSERT_TRUE(db->Delete({}, "7").ok());
  delete db;
}

// Every record, or the error of opening or reading.
Result<Records> records_of(Ground& given) {
  ROLLPROOF_ASSIGN(auto store, level::open_read_only(given.world, given.where, {}));
  return read_all(*store);
}

TEST(Scan, FindsNothing_InWhatStockLevelDbWrote) {
  Ground given;
  given.with_stock_leveldb([](leveldb::DB& db) {
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(db.Put({}, std::to_string(i % 900), noise(static_cast<uint64_t>(i), 300)).ok());
    leveldb::WriteBatch large;
    for (int i = 0; i < 100; ++i) large.Put("large" + std::to_string(i), noise(static_cast<uint64_t>(i), 1000));
    ASSERT_TRUE(db.Write({}, &large).ok());
  });
  const auto found = scan(given.files, given.where.path);
  ASSERT_TRUE(found);
  EXPECT_EQ(told(*found), "");
  EXPECT_GT(found->manifest.tables.size(), 0u);
  EXPECT_GT(found->manifest.edits, 1u);
  ASSERT_EQ(found->logs.size(), 1u);
}

TEST(Scan, ReadsRecordsThatSpanBlocks) {
  Ground given;
  given.with_stock_leveldb([](leveldb::DB&) {}, 4 << 20);
  leveldb::DB* db = nullptr;
  ASSERT_TRUE(leveldb::DB::Open({}, given.where.path, &db).ok());
  for (const size_t size : {100u, 32768u, 70000u, 32700u, 32722u, 32723u, 200000u, 5u}) ASSERT_TRUE(db->Put({}, "k", noise(size, size)).ok());
  delete db;
  const auto found = scan(given.files, given.where.path);
  EXPECT_EQ(told(*found), "");
  EXPECT_EQ(found->logs.back().framing.records, 8u);
}

TEST(Scan, CallsATornTailOrdinary_AndADamagedRecordNot) {
  Ground given;
  write_history(given);
  const Records image = given.image();
  const std::string log = file_of_kind(image, FileKind::log);
  const std::string& whole = image.at(log);
  const auto problem_with = [&](const std::string& bytes) {
    Records changed = image;
    changed[log] = bytes;
    given.write_image(changed);
    const auto found = scan(given.files, given.where.path);
    return found->findings.empty() ? Finding{} : found->findings.front();
  };
  Finding finding = problem_with(whole.substr(0, whole.size() - 3));
  EXPECT_TRUE(finding.ordinary) << finding.what;
  EXPECT_EQ(finding.trouble, Trouble::log_tail);
  EXPECT_TRUE(problem_with(whole + std::string(1000, '\0')).ordinary);
  EXPECT_TRUE(problem_with(whole + std::string("\x01\x02\x03", 3)).ordinary);
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 4;
  finding = problem_with(flipped);
  EXPECT_FALSE(finding.ordinary) << finding.what;
  EXPECT_EQ(finding.file, log);
  flipped = whole;
  flipped[whole.size() - 2] ^= 4;
  EXPECT_FALSE(problem_with(flipped).ordinary) << "the last record is damaged, not unfinished";
  std::string zeroed = whole;
  zeroed.replace(0, 60, 60, '\0');
  EXPECT_FALSE(problem_with(zeroed).ordinary) << "valid records follow the zeros";
}

TEST(Scan, NamesWhatIsMissingOrLeftOver) {
  Ground given;
  write_history(given);
  const Records image = given.image();
  const std::string table = file_of_kind(image, FileKind::table);
  Records changed = image;
  changed.erase(table);
  changed["000999.ldb"] = "x";
  changed["000998.dbtmp"] = "x";
  changed["MANIFEST-000997"] = "x";
  changed["000001.log"] = "x";
  changed["rollproof-notes"] = "not LevelDB's";
  given.write_image(changed);
  EXPECT_EQ(told(*scan(given.files, given.where.path)),
            table + ": is missing, and the manifest names it\n000001.log: nothing refers to it (ordinary)\n"
                    "000998.dbtmp: nothing refers to it (ordinary)\n000999.ldb: nothing refers to it (ordinary)\n"
                    "MANIFEST-000997: nothing refers to it (ordinary)\n");
  changed = image;
  changed.erase("CURRENT");
  given.write_image(changed);
  EXPECT_EQ(told(*scan(given.files, given.where.path)), "CURRENT: is missing\n");
  changed = image;
  changed[table] += "x";
  given.write_image(changed);
  EXPECT_FALSE(scan(given.files, given.where.path)->findings.empty());
}

TEST(Scan, SeesALogThatIsMissing_WhenRecordsFollowIt) {
  Ground given;
  write_history(given);
  Records image = given.image();
  const std::string log = file_of_kind(image, FileKind::log);
  image.erase(log);
  given.write_image(image);
  EXPECT_EQ(told(*scan(given.files, given.where.path)), log + ": is missing, and the manifest names it (ordinary)\n");
}

// Every bit of CURRENT, manifest and log flipped: either our scan or the strict opening sees it, or the records are the same.
// The rest needs the fingerprint; there is none here, and one would be printed.
TEST(Scan, AndStrictOpeningSeeEveryFlip) {
  Ground given;
  write_history(given);
  const Records image = given.image();
  const Records expected = *records_of(given);
  for (const FileKind kind : {FileKind::current, FileKind::manifest, FileKind::log}) {
    const std::string name = file_of_kind(image, kind);
    int seen_by_scan = 0;
    int harmless = 0;
    std::string silent;
    const std::string& whole = image.at(name);
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const char mask : {char(0x01), char(0x80), char(0xff)}) {
        std::string bytes = whole;
        bytes[at] ^= mask;
        auto file = given.files.create(given.at(name));
        ASSERT_TRUE(file && (*file)->write_at(0, bytes));
        const auto inspection = level::inspect(given.world, given.where);
        if (!inspection || !inspection->problems.empty()) {
          ++seen_by_scan;
          continue;
        }
        const auto records = records_of(given);
        if (records && *records == expected) ++harmless;
        if (records && *records != expected) silent += std::to_string(at) + " ";
      }
    }
    given.write_image(image);
    EXPECT_EQ(silent, "") << name;
    std::printf("%s: %zu bytes, %d flips seen by the scan, %d harmless\n", name.c_str(), whole.size(), seen_by_scan, harmless);
  }
}

// A manifest of several edits, as a database has it that was open for long.
void write_long_history(Ground& given) {
  auto store = given.open({.create = true}, kTiny);
  for (int i = 0; i < 700; ++i) ASSERT_TRUE((*store)->apply({put(std::to_string(i % 200), noise(static_cast<uint64_t>(i), 300))}));
  ASSERT_TRUE((*store)->close());
}

// Truncations: all but those at the end of a record are seen.
void expect_every_cut_seen_but_at_the_end_of_a_record(Ground& given) {
  const Records image = given.image();
  const Records expected = *records_of(given);
  for (const FileKind kind : {FileKind::manifest, FileKind::log}) {
    const std::string name = file_of_kind(image, kind);
    if (name.empty()) continue;
    std::set<size_t> ends{0};
    read_framing(image.at(name), [&](uint64_t begin, std::string_view payload) { ends.insert(begin + kHeaderBytes + payload.size()); });
    std::string silent;
    for (size_t size = 0; size < image.at(name).size(); ++size) {
      auto file = given.files.create(given.at(name));
      ASSERT_TRUE(file && (*file)->write_at(0, image.at(name).substr(0, size)));
      const auto inspection = level::inspect(given.world, given.where);
      ASSERT_TRUE(inspection);
      if (!inspection->problems.empty()) continue;
      const auto records = records_of(given);
      if (records && *records != expected) {
        EXPECT_TRUE(ends.contains(size)) << name << " cut to " << size;
        silent += std::to_string(size) + " ";
      }
    }
    std::printf("%s: cuts that only a fingerprint sees: %s\n", name.c_str(), silent.c_str());
    given.write_image(image);
  }
}

TEST(Scan, SeesEveryCut_ButAtTheEndOfARecord) {
  Ground given;
  write_history(given);
  expect_every_cut_seen_but_at_the_end_of_a_record(given);
}

TEST(Scan, SeesEveryCutOfAManifest_ButAtTheEndOfAnEdit) {
  Ground given;
  write_long_history(given);
  const std::string log = file_of_kind(given.image(), FileKind::log);
  ASSERT_TRUE(given.files.remove(given.at(log)));
  auto empty = given.files.create(given.at(log));
  ASSERT_TRUE(empty);
  expect_every_cut_seen_but_at_the_end_of_a_record(given);
}

}  // namespace
}  // namespace rollproof::store::level
