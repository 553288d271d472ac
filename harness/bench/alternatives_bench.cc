// What somebody would do without us, on the same machine in the same run: a copy of the database on a real disk that is reopened after a crash, SQLite's
// own loop over failed allocations, a real process that is killed, and strace that kills one at a chosen call.
#include <benchmark/benchmark.h>
#include <leveldb/db.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

class Scratch {
 public:
  explicit Scratch(const fs::path& below) : path_((below / "rollproof-bench-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Scratch() { fs::remove_all(path_); }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void count(benchmark::State& state, uint64_t done) { state.counters["per_second"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate); }

// As LevelDB's own fault injection test does it: write, cut the log, reopen, read everything.
void reopen_on(benchmark::State& state, const fs::path& disk) {
  const Scratch scratch(disk);
  uint64_t done = 0;
  for (auto _ : state) {
    const std::string copy = scratch / "db";
    fs::copy(ROLLPROOF_SOURCE_DIR "/fixtures/lookcoin-28", copy, fs::copy_options::recursive);
    leveldb::DB* opened = nullptr;
    if (!leveldb::DB::Open({}, copy, &opened).ok()) std::abort();
    leveldb::WriteOptions synced;
    synced.sync = true;
    if (!opened->Put(synced, "56-Bench", "{}").ok()) std::abort();
    delete opened;
    for (const auto& file : fs::directory_iterator(copy)) {
      if (file.path().extension() == ".log" && file.file_size() > 8) fs::resize_file(file.path(), file.file_size() - 8);
    }
    if (!leveldb::DB::Open({}, copy, &opened).ok()) std::abort();
    {
      const std::unique_ptr<leveldb::Iterator> each(opened->NewIterator({}));
      for (each->SeekToFirst(); each->Valid(); each->Next()) benchmark::DoNotOptimize(each->value().size());
    }
    delete opened;
    fs::remove_all(copy);
    ++done;
  }
  count(state, done);
}
void CrashAndReopenOnDisk(benchmark::State& state) { reopen_on(state, fs::temp_directory_path()); }
BENCHMARK(CrashAndReopenOnDisk)->UseRealTime();
void CrashAndReopenInMemory(benchmark::State& state) { reopen_on(state, "/dev/shm"); }
BENCHMARK(CrashAndReopenInMemory)->UseRealTime();

// Its memory methods with a counter before them: the n-th allocation fails.
sqlite3_mem_methods plain;
int left = -1;
bool fails() { return left >= 0 && left-- == 0; }
void* take(int size) { return fails() ? nullptr : plain.xMalloc(size); }
void* again(void* old, int size) { return fails() ? nullptr : plain.xRealloc(old, size); }

bool small_transaction(sqlite3* database) {
  return sqlite3_exec(database, "BEGIN; INSERT OR REPLACE INTO t VALUES('56-Bench', '{}'); DELETE FROM t WHERE k='k3'; COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK;
}

// Open, a small transaction in which an allocation fails, and the check of the whole: what its out-of-memory loops do for each point.
void SqliteOutOfMemoryLoop(benchmark::State& state) {
  sqlite3_shutdown();
  if (plain.xMalloc == nullptr) sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain);  // the benchmark is begun more than once
  sqlite3_mem_methods counted = plain;
  counted.xMalloc = take;
  counted.xRealloc = again;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &counted);
  const Scratch scratch("/dev/shm");
  const std::string path = scratch / "db.sqlite";
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK || sqlite3_exec(database, "CREATE TABLE t(k TEXT PRIMARY KEY, v TEXT)", nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  for (int i = 0; i < 28; ++i) {
    if (sqlite3_exec(database, ("INSERT INTO t VALUES('k" + std::to_string(i) + "', '{\"n\":1}')").c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  sqlite3_close(database);
  uint64_t done = 0;
  int at = 0;
  for (auto _ : state) {
    if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) std::abort();
    left = at;
    at = small_transaction(database) && left >= 0 ? 0 : at + 1;  // none failed: from the first one again
    left = -1;
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    if (sqlite3_exec(database, "PRAGMA integrity_check; SELECT count(*) FROM t", nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
    sqlite3_close(database);
    ++done;
  }
  count(state, done);
}
BENCHMARK(SqliteOutOfMemoryLoop);

// Started without output, and waited for. The status that it ended with.
int run_to_its_end(const char* program, const std::vector<const char*>& arguments) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    ::execv(program, const_cast<char* const*>(arguments.data()));
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) std::abort();
  return status;
}

constexpr const char* kRollproof = ROLLPROOF_BUILD_DIR "/rollproof";

// The real command, which does nothing: what one real process costs before it was killed or checked.
void StartRealProcess(benchmark::State& state) {
  uint64_t done = 0;
  for (auto _ : state) {
    if (!WIFEXITED(run_to_its_end(kRollproof, {"rollproof", "--help", nullptr}))) std::abort();
    ++done;
  }
  count(state, done);
}
BENCHMARK(StartRealProcess)->UseRealTime();

void StraceKillsAtACall(benchmark::State& state) {
  constexpr const char* kStrace = "/usr/bin/strace";
  if (::access(kStrace, X_OK) != 0) return state.SkipWithError("there is no strace");
  uint64_t done = 0;
  for (auto _ : state) {
    // strace ends itself by the signal that ended what it traced.
    const int status = run_to_its_end(kStrace, {"strace", "-qq", "-e", "inject=read:signal=KILL:when=3", "-o", "/dev/null", kRollproof, "--help", nullptr});
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) return state.SkipWithError("strace did not kill it");
    ++done;
  }
  count(state, done);
}
BENCHMARK(StraceKillsAtACall)->UseRealTime();

// A child that has the work in memory already and is killed in it.
void ForkAndKill(benchmark::State& state) {
  uint64_t done = 0;
  for (auto _ : state) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::kill(::getpid(), SIGKILL);
      ::_exit(1);
    }
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) std::abort();
    ++done;
  }
  count(state, done);
}
BENCHMARK(ForkAndKill)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
