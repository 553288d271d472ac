#include "harness/drill/history.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

namespace rollproof::drill {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr int kPatienceMs = 2000;
constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS runs (run_id TEXT PRIMARY KEY, compare TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT NOT NULL, profile TEXT NOT NULL, seed INTEGER NOT NULL, "
    "commit_id TEXT NOT NULL, exit_code INTEGER NOT NULL, passed INTEGER NOT NULL, planned INTEGER NOT NULL, violations INTEGER NOT NULL, images INTEGER NOT NULL, "
    "recovery_max_ms TEXT NOT NULL) STRICT";

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return Statement(statement);
}

void bind_text(sqlite3_stmt* statement, int at, const std::string& text) { sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT); }
void bind_number(sqlite3_stmt* statement, int at, int64_t number) { sqlite3_bind_int64(statement, at, number); }

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? "" : std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
}

// What two runs have to have in common before their numbers mean the same.
std::string compare_key(const Json& record) {
  const Json& subject = record.at("subject");
  Json key = Json::array({record.at("schema_version"), record.at("profile"), record.at("seed"), record.at("matrix").at("pattern"), subject.at("kind")});
  for (const char* part : {"config", "source", "target"}) {
    if (subject.contains(part)) key.push_back(subject.at(part));
  }
  return key.dump();
}

uint64_t passed_of(const Json& record) {
  const Json& scenarios = record.at("scenarios");
  return static_cast<uint64_t>(std::count_if(scenarios.begin(), scenarios.end(), [](const Json& scenario) { return scenario.at("verdict") == "passed"; }));
}

Json recovery_of(const Json& record) {
  Json phases = Json::object();
  for (const auto& [phase, times] : record.at("recovery").items()) {
    if (times.contains("max_ms")) phases[phase] = times.at("max_ms");
  }
  return phases;
}

// In one word: the exit codes of thresholds, regressions and policies are failures as well.
const char* verdict_of(int64_t exit_code) { return exit_code == 0 ? "passed" : exit_code == 12 ? "inconclusive" : "failed"; }

}  // namespace

void History::Closer::operator()(sqlite3* database) const { sqlite3_close(database); }

tl::unexpected<Error> History::failure(const std::string& what) const {
  const int error = sqlite3_errcode(database_.get());
  const Code code = error == SQLITE_BUSY || error == SQLITE_LOCKED ? Code::locked : error == SQLITE_NOTADB || error == SQLITE_CORRUPT ? Code::corruption : Code::io;
  return fail(code, fmt::format("the history {}: {}", what, sqlite3_errmsg(database_.get())), path_,
              code == Code::locked ? "Another program has it open; this run is not in it." : "Move it away to begin a new one, or choose another with --history.");
}

Result<History> History::open(const std::string& path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  History history(database, path);
  if (opened != SQLITE_OK) return history.failure("can not be opened");
  sqlite3_busy_timeout(database, kPatienceMs);
  int version = 0;
  {
    const Statement asked = prepare(database, "PRAGMA user_version");
    if (asked == nullptr || sqlite3_step(asked.get()) != SQLITE_ROW) return history.failure("can not be read");
    version = sqlite3_column_int(asked.get(), 0);
  }
  if (version != 0 && version != kVersion) {
    return fail(Code::refused, fmt::format("the history is of version {}, and this program knows {}", version, kVersion), path, "Choose another with --history.");
  }
  if (sqlite3_exec(database, kTable, nullptr, nullptr, nullptr) != SQLITE_OK || sqlite3_exec(database, fmt::format("PRAGMA user_version = {}", kVersion).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return history.failure("can not be written");
  }
  return history;
}

Result<Json> History::comparable(const Json& record, int most) {
  const Statement found = prepare(database_.get(),
                                  "SELECT run_id, started_at, finished_at, profile, seed, commit_id, exit_code, passed, planned, violations, images, recovery_max_ms FROM runs "
                                  "WHERE compare = ?1 AND run_id != ?2 ORDER BY finished_at DESC, run_id DESC LIMIT ?3");
  if (found == nullptr) return failure("can not be read");
  bind_text(found.get(), 1, compare_key(record));
  bind_text(found.get(), 2, record.at("run_id").get<std::string>());
  bind_number(found.get(), 3, most);
  std::vector<Json> rows;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(found.get())) == SQLITE_ROW) {
    sqlite3_stmt* row = found.get();
    Json recovery = Json::parse(text_at(row, 11), nullptr, false);
    if (!recovery.is_object()) return fail(Code::corruption, fmt::format("the history's run {} has no recovery times", text_at(row, 0)), path_, "Move it away to begin a new one.");
    const int64_t exit_code = sqlite3_column_int64(row, 6);
    rows.push_back(Json{{"run_id", text_at(row, 0)}, {"started_at", text_at(row, 1)}, {"finished_at", text_at(row, 2)}, {"profile", text_at(row, 3)}, {"seed", sqlite3_column_int64(row, 4)},
                        {"commit", text_at(row, 5)}, {"exit_code", exit_code}, {"verdict", verdict_of(exit_code)}, {"passed", sqlite3_column_int64(row, 7)}, {"planned", sqlite3_column_int64(row, 8)},
                        {"violations", sqlite3_column_int64(row, 9)}, {"images", sqlite3_column_int64(row, 10)}, {"recovery_max_ms", std::move(recovery)}});
  }
  if (step != SQLITE_DONE) return failure("can not be read");
  return Json(std::vector<Json>(rows.rbegin(), rows.rend()));
}

Status History::add(const Json& record) {
  const bool measure = record.at("execution") == "completed" && record.at("shard").is_null() && !record.at("scenarios").empty();
  if (!measure) return {};
  const Statement insert = prepare(database_.get(), "INSERT OR REPLACE INTO runs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
  if (insert == nullptr) return failure("can not be written");
  const auto text = [&](const char* key) { return record.at(key).get<std::string>(); };
  bind_text(insert.get(), 1, text("run_id"));
  bind_text(insert.get(), 2, compare_key(record));
  bind_text(insert.get(), 3, text("started_at"));
  bind_text(insert.get(), 4, text("finished_at"));
  bind_text(insert.get(), 5, text("profile"));
  bind_number(insert.get(), 6, static_cast<int64_t>(record.at("seed").get<uint64_t>()));
  bind_text(insert.get(), 7, record.at("tool").at("commit").get<std::string>());
  bind_number(insert.get(), 8, record.at("gate").at("exit_code").get<int64_t>());
  bind_number(insert.get(), 9, static_cast<int64_t>(passed_of(record)));
  bind_number(insert.get(), 10, static_cast<int64_t>(record.at("scenarios").size()));
  bind_number(insert.get(), 11, record.at("violations_total").get<int64_t>());
  bind_number(insert.get(), 12, record.at("coverage").at("images").get<int64_t>());
  bind_text(insert.get(), 13, recovery_of(record).dump());
  return sqlite3_step(insert.get()) == SQLITE_DONE ? Status{} : Status(failure("can not be written"));
}

}  // namespace rollproof::drill
