#include "harness/drill/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "lib/os/paths.h"
#include "lib/os/posix.h"
#include "lib/os/scratch_directory.h"

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

class HistoryTest : public testing::Test {
 protected:
  std::string path() const { return scratch_ / "history.sqlite"; }

  void write(const std::string& bytes) {
    os::PosixFileSystem files;
    ASSERT_TRUE(os::replace_file(files, path(), bytes));
  }
  void execute(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  os::ScratchDirectory scratch_;
};

Json record(int number) {
  return Json{{"schema_version", 1}, {"run_id", fmt::format("run-{:03}", number)}, {"tool", Json{{"commit", "c"}}}, {"started_at", fmt::format("2026-03-01T12:{:02}:00.000Z", number)},
              {"finished_at", fmt::format("2026-03-01T12:{:02}:30.000Z", number)}, {"execution", "completed"}, {"profile", "default"}, {"seed", 1}, {"matrix", Json{{"pattern", "*"}}}, {"shard", nullptr},
              {"subject", Json{{"kind", "fixtures"}}}, {"scenarios", Json::array({Json{{"verdict", "passed"}}, Json{{"verdict", "not_run"}}})}, {"violations_total", 0},
              {"gate", Json{{"exit_code", 0}}}, {"coverage", Json{{"images", 7 + number}}}, {"recovery", Json{{"copy", Json{{"max_ms", 30 + number}}}}}};
}

TEST_F(HistoryTest, GivesTheNewestComparableRuns_TheOldestFirst) {
  auto history = History::open(path());
  ASSERT_TRUE(history) << history.error().to_string();
  EXPECT_TRUE(history->comparable(record(0))->empty());
  for (int i = 1; i <= 30; ++i) ASSERT_TRUE(history->add(record(i)));
  const auto runs = history->comparable(record(31));
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 20u);
  EXPECT_EQ(runs->front()["run_id"], "run-011");
  EXPECT_EQ(runs->back()["run_id"], "run-030");
  EXPECT_EQ(runs->back().dump(), R"({"run_id":"run-030","started_at":"2026-03-01T12:30:00.000Z","finished_at":"2026-03-01T12:30:30.000Z","profile":"default","seed":1,"commit":"c","exit_code":0,)"
                                 R"("verdict":"passed","passed":1,"planned":2,"violations":0,"images":37,"recovery_max_ms":{"copy":60}})");
}

TEST_F(HistoryTest, OfAnotherProfileSeedSubjectOrPatternIsNotComparable) {
  auto history = History::open(path());
  ASSERT_TRUE(history);
  ASSERT_TRUE(history->add(record(1)));
  for (const auto& [place, value] : {std::pair{"/profile", Json("quick")}, {"/seed", Json(2)}, {"/matrix/pattern", Json("copy.*")}, {"/subject", Json{{"kind", "own stores"}, {"config", "c"}}}}) {
    Json other = record(2);
    other[Json::json_pointer(place)] = value;
    EXPECT_TRUE(history->comparable(other)->empty()) << place;
  }
  EXPECT_EQ(history->comparable(record(2))->size(), 1u);
  EXPECT_TRUE(history->comparable(record(1))->empty()) << "no run is its own past";
}

TEST_F(HistoryTest, IsThereAgainWhenItIsOpenedAgain) {
  ASSERT_TRUE(History::open(path())->add(record(1)));
  EXPECT_EQ(History::open(path())->comparable(record(2))->size(), 1u);
}

TEST_F(HistoryTest, LeavesOutWhatIsNoMeasure) {
  auto history = History::open(path());
  ASSERT_TRUE(history);
  for (const auto& [key, value] : {std::pair{"execution", Json("interrupted")}, {"shard", Json{{"index", 1}}}, {"scenarios", Json::array()}}) {
    Json part = record(1);
    part[key] = value;
    ASSERT_TRUE(history->add(part));
  }
  EXPECT_TRUE(history->comparable(record(2))->empty());
}

TEST_F(HistoryTest, ADamagedFileIsAnError_AndStaysAsItIs) {
  const std::string garbage = std::string(4096, 'x');
  write(garbage);
  const auto history = History::open(path());
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().code, Code::corruption);
  EXPECT_EQ(history.error().path, path());
  os::PosixFileSystem files;
  EXPECT_EQ(*os::read_file(files, path(), 1 << 20), garbage);
}

TEST_F(HistoryTest, ARowThatMakesNoSenseIsAnError) {
  auto history = History::open(path());
  ASSERT_TRUE(history);
  ASSERT_TRUE(history->add(record(1)));
  execute("UPDATE runs SET recovery_max_ms = '[1'");
  EXPECT_EQ(history->comparable(record(2)).error().code, Code::corruption);
}

TEST_F(HistoryTest, AnotherVersionIsNotTouched) {
  execute("CREATE TABLE theirs (x); PRAGMA user_version = 7");
  const auto history = History::open(path());
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().code, Code::refused);
  EXPECT_THAT(history.error().message, HasSubstr("version 7"));
}

TEST_F(HistoryTest, AFolderThatIsNotThereIsAnError) { EXPECT_FALSE(History::open(scratch_ / "nowhere/history.sqlite")); }

TEST_F(HistoryTest, ALockedFileIsAnError) {
  auto history = History::open(path());
  ASSERT_TRUE(history);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto added = history->add(record(1));
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::locked);
  sqlite3_close(other);
  EXPECT_TRUE(history->add(record(1)));
}

}  // namespace
}  // namespace rollproof::drill
