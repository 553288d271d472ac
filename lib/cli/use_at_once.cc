#include "lib/cli/use_at_once.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace rollproof::cli {
namespace {

constexpr int kReaders = 8, kWriters = 4;
constexpr int kWritesEach = 25, kReadsEach = 100;
constexpr size_t kKeysRead = 1000;
// The writes have 12 threads to wait for; a look that takes longer than this is stuck.
constexpr int64_t kTimeoutMs = 30'000;

class Use {
 public:
  Use(migrate::Router& router, os::Clock& clock) : router_(router), clock_(clock) {}

  Status learn_keys() {
    ROLLPROOF_ASSIGN(auto cursor, router_.scan());
    record::Record record;
    while (known_.size() < kKeysRead) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) break;
      value_ = record.value;  // this store can hold it
      known_.emplace_back(record.key, record.value);
    }
    return {};
  }

  bool empty() const { return known_.empty(); }

  Status all_at_once() {
    std::vector<std::thread> threads;
    for (int n = 0; n < kWriters; ++n) threads.emplace_back([this, n] { guard([&] { return write(n); }); });
    for (int n = 0; n < kReaders; ++n) threads.emplace_back([this, n] { guard([&] { return read(n); }); });
    for (auto& thread : threads) thread.join();
    if (first_error_) return fail(*first_error_);
    return {};
  }

  // Every acknowledged write is there, and what was there before is unchanged.
  Status look_again(migrate::Router& router) const {
    for (const auto& [key, value] : stored_) ROLLPROOF_TRY(expect(router, key, value, "an acknowledged write"));
    for (const auto& [key, value] : known_) ROLLPROOF_TRY(expect(router, key, value, "a record that nobody wrote to"));
    return {};
  }

  std::string evidence() const {
    return fmt::format("{} readers and {} writers at once on a throw-away view: {} reads, {} writes, all stored; the slowest took {} ms", kReaders, kWriters, reads_.load(), stored_.size(), slowest_ms_.load());
  }

 private:
  template <class Work>
  void guard(Work work) {
    Status outcome;
    try {
      outcome = work();
    } catch (const std::bad_alloc&) {
      outcome = fail(Code::no_space, "memory ran out");
    }
    const std::lock_guard lock(mutex_);
    if (!outcome && !first_error_) first_error_ = outcome.error();
  }

  static Status expect(migrate::Router& router, const std::string& key, const std::string& value, const char* what) {
    ROLLPROOF_ASSIGN(const auto found, router.get(key));
    if (found == value) return {};
    return fail(Code::differs, fmt::format("{} is {}: {}", what, found ? "another one" : "not there", key));
  }

  Status timed(const std::function<Status()>& work) {
    const int64_t started = clock_.monotonic_ms();
    ROLLPROOF_TRY(work());
    const int64_t taken = clock_.monotonic_ms() - started;
    for (int64_t slowest = slowest_ms_; taken > slowest && !slowest_ms_.compare_exchange_weak(slowest, taken);) {
    }
    if (taken > kTimeoutMs) return fail(Code::differs, fmt::format("a call took {} ms beside the others", taken));
    return {};
  }

  Status write(int writer) {
    for (int n = 0; n < kWritesEach; ++n) {
      const std::string key = fmt::format("{}.rollproof-at-once-{}-{}", known_.front().first, writer, n);
      ROLLPROOF_TRY(timed([&] { return router_.write({{record::Change::Kind::put, key, value_}}); }));
      const std::lock_guard lock(mutex_);
      stored_[key] = value_;
    }
    return {};
  }

  Status read(int reader) {
    for (int n = 0; n < kReadsEach; ++n) {
      const auto& [key, value] = known_[static_cast<size_t>(reader + n * kReaders) % known_.size()];
      ROLLPROOF_TRY(timed([&] { return expect(router_, key, value, "a record that nobody wrote to"); }));
      ++reads_;
    }
    return {};
  }

  migrate::Router& router_;
  os::Clock& clock_;
  std::vector<std::pair<std::string, std::string>> known_;
  std::string value_;
  std::mutex mutex_;
  std::map<std::string, std::string> stored_;
  std::optional<Error> first_error_;
  std::atomic<uint64_t> reads_ = 0;
  std::atomic<int64_t> slowest_ms_ = 0;
};

}  // namespace

Result<std::string> use_at_once(migrate::Session& session) {
  ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router());
  Use use(*router, session.world().clock);
  ROLLPROOF_TRY(use.learn_keys());
  if (use.empty()) return fail(Code::refused, "the source holds no record");
  ROLLPROOF_TRY(use.all_at_once());
  ROLLPROOF_TRY(use.look_again(*router));
  ROLLPROOF_TRY(session.close_router());  // and once more when it was closed and opened again
  ROLLPROOF_ASSIGN(router, session.need_router());
  ROLLPROOF_TRY(use.look_again(*router));
  return use.evidence();
}

}  // namespace rollproof::cli
