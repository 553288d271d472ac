#include "lib/migrate/performance.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "lib/os/paths.h"
#include "lib/record/space.h"

namespace rollproof::migrate {
namespace {

using Json = nlohmann::ordered_json;

// `wanted` keys spread evenly over a stream of unknown length, in one pass: every n-th is kept, and n doubles when there are too many.
class EvenSample {
 public:
  explicit EvenSample(uint64_t wanted) : wanted_(std::max<uint64_t>(1, wanted)) {}
  void see(const std::string& key) {
    if (seen_++ % every_ == 0) keys_.push_back(key);
    if (keys_.size() < 2 * wanted_) return;
    for (size_t i = 1; 2 * i < keys_.size(); ++i) keys_[i] = std::move(keys_[2 * i]);
    keys_.resize((keys_.size() + 1) / 2);
    every_ *= 2;
  }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  const uint64_t wanted_;
  uint64_t seen_ = 0;
  uint64_t every_ = 1;
  std::vector<std::string> keys_;
};

// One pass over everything: what a query costs that has to find the records of one space.
Result<uint64_t> count_space(store::Store& store, const std::string& space, EvenSample* sample, std::string* largest_value) {
  ROLLPROOF_ASSIGN(auto cursor, store.scan());
  record::Record record;
  uint64_t found = 0;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return found;
    if (space.empty() || record::space_of(record.key).name == space) ++found;
    if (sample != nullptr) sample->see(record.key);
    if (largest_value != nullptr && record.value.size() > largest_value->size() && record.value.size() <= 4096) *largest_value = record.value;
  }
}

Status measure_reads(os::World& world, store::Store& store, const std::vector<std::string>& keys, std::vector<int64_t>& durations) {
  for (const std::string& key : keys) {
    const int64_t started = world.clock.monotonic_us();
    ROLLPROOF_ASSIGN(const auto value, store.get(key));
    durations.push_back(world.clock.monotonic_us() - started);
    if (!value) return fail(Code::differs, fmt::format("record {} was there in a scan and is not there for a read", key));
  }
  return {};
}

Status measure_writes(os::World& world, const std::string& kind, const std::string& value, const MeasureOptions& options, std::vector<int64_t>& durations) {
  const store::Where scratch{kind, options.scratch};
  ROLLPROOF_TRY(os::remove_tree(world.files, options.scratch));
  ROLLPROOF_ASSIGN(auto store, store::open(world, scratch, {.create = true}));
  for (uint64_t n = 0; n < options.writes; ++n) {
    const int64_t started = world.clock.monotonic_us();
    ROLLPROOF_TRY(store->apply({{record::Change::Kind::put, fmt::format("56-Measure{}", n), value}}));
    ROLLPROOF_TRY(store->checkpoint());
    durations.push_back(world.clock.monotonic_us() - started);
  }
  ROLLPROOF_TRY(store->close());
  store.reset();
  return os::remove_tree(world.files, options.scratch);
}

Json to_json(const Latency& latency) {
  return {{"count", latency.count}, {"p50_us", latency.p50_us}, {"p95_us", latency.p95_us}, {"p99_us", latency.p99_us}};
}

Latency latency_from(const Json& json) {
  return {json.at("count").get<uint64_t>(), json.at("p50_us").get<int64_t>(), json.at("p95_us").get<int64_t>(), json.at("p99_us").get<int64_t>()};
}

void judge(std::vector<std::string>& missed, const char* what, const Latency& baseline, const Latency& found, double limit, int64_t floor_us) {
  if (baseline.count == 0 || found.count == 0 || found.p95_us <= floor_us) return;
  if (static_cast<double>(found.p95_us) <= limit * static_cast<double>(std::max<int64_t>(baseline.p95_us, 1))) return;
  missed.push_back(fmt::format("{}: p95 {:.1f} ms, the source had {:.1f} ms, the limit is {}x", what, found.p95_us / 1000.0, baseline.p95_us / 1000.0, limit));
}

}  // namespace

Latency latency_of(std::vector<int64_t> durations) {
  if (durations.empty()) return {};
  std::sort(durations.begin(), durations.end());
  // The smallest that at least so many percent of the calls did not exceed.
  const auto at = [&](uint64_t percent) { return durations[std::max<size_t>(1, (durations.size() * percent + 99) / 100) - 1]; };
  return {durations.size(), at(50), at(95), at(99)};
}

Result<Performance> measure(os::World& world, const store::Where& where, const MeasureOptions& options) {
  Performance performance;
  EvenSample sample(options.reads);
  std::string value = "{}";
  std::vector<int64_t> reads, writes, queries;
  const uint64_t used_before = world.memory.used_bytes();
  {
    ROLLPROOF_ASSIGN(auto store, store::open_read_only(world, where, {}));
    ROLLPROOF_ASSIGN(performance.records, count_space(*store, "", &sample, &value));
    const std::string space = sample.keys().empty() ? "other" : record::space_of(sample.keys().front()).name;
    for (uint64_t n = 0; n < options.queries; ++n) {
      const int64_t started = world.clock.monotonic_us();
      ROLLPROOF_TRY(count_space(*store, space, nullptr, nullptr));
      queries.push_back(world.clock.monotonic_us() - started);
    }
    ROLLPROOF_TRY(measure_reads(world, *store, sample.keys(), reads));
    const uint64_t used = world.memory.used_bytes();
    performance.memory_bytes = used > used_before ? used - used_before : 0;
  }
  if (options.writes > 0) ROLLPROOF_TRY(measure_writes(world, where.kind, value, options, writes));
  performance.read = latency_of(std::move(reads));
  performance.write = latency_of(std::move(writes));
  performance.query = latency_of(std::move(queries));
  return performance;
}

Json to_json(const Performance& performance) {
  return {{"read", to_json(performance.read)}, {"write", to_json(performance.write)}, {"query", to_json(performance.query)},
          {"memory_bytes", performance.memory_bytes}, {"records", performance.records}};
}

Performance performance_from(const Json& json) {
  return {latency_from(json.at("read")), latency_from(json.at("write")), latency_from(json.at("query")), json.at("memory_bytes").get<uint64_t>(),
          json.at("records").get<uint64_t>()};
}

std::vector<std::string> slower_than_allowed(const Performance& baseline, const Performance& found) {
  std::vector<std::string> missed;
  judge(missed, "reads", baseline.read, found.read, 2, kReadFloor_us);
  judge(missed, "writes", baseline.write, found.write, 3, kWriteFloor_us);
  judge(missed, "queries", baseline.query, found.query, 5, kQueryFloor_us);
  if (found.memory_bytes > kMemoryFloorBytes && found.memory_bytes > baseline.memory_bytes + baseline.memory_bytes / 2) {
    missed.push_back(fmt::format("memory: {:.1f} MB, the source had {:.1f} MB, the limit is 150 %", found.memory_bytes / 1e6, baseline.memory_bytes / 1e6));
  }
  return missed;
}

Performance slower_of(const Performance& one, const Performance& other) {
  const auto slower = [](const Latency& a, const Latency& b) { return a.p95_us >= b.p95_us ? a : b; };
  return {slower(one.read, other.read), slower(one.write, other.write), slower(one.query, other.query), std::max(one.memory_bytes, other.memory_bytes),
          std::max(one.records, other.records)};
}

std::vector<std::string> slower_than_before(const Performance& baseline, const Performance& found) {
  std::vector<std::string> missed;
  judge(missed, "reads", baseline.read, found.read, 1.2, kReadFloor_us);
  judge(missed, "queries", baseline.query, found.query, 1.2, kQueryFloor_us);
  return missed;
}

std::vector<std::string> slower_than_allowed_while_dual(const Latency& baseline, const Latency& found) {
  std::vector<std::string> missed;
  judge(missed, "writes to both stores", baseline, found, 1.5, kWriteFloor_us);
  return missed;
}

}  // namespace rollproof::migrate
