#include "harness/drill/own_records.h"

#include <algorithm>
#include <functional>
#include <set>

#include "lib/record/space.h"

namespace rollproof::drill {
namespace {

constexpr const char* kFresh = "RollproofDrill";
constexpr uint64_t kBatchBytes = 64 << 10;

Status for_each_record(os::World& world, const store::Where& where, const std::function<Status(record::Record&)>& visit) {
  ROLLPROOF_ASSIGN(const auto opened, store::open_read_only(world, where, {}));
  ROLLPROOF_ASSIGN(const auto cursor, opened->scan());
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return {};
    ROLLPROOF_TRY(visit(record));
  }
}

}  // namespace

Result<RecordCounts> count_records(os::World& world, const store::Where& where) {
  RecordCounts counts;
  ROLLPROOF_TRY(for_each_record(world, where, [&](record::Record& record) -> Status {
    SpaceCount& space = counts.spaces[record::space_of(record.key).name];
    if (++space.records == 1 || record.key < space.smallest_key) space.smallest_key = record.key;
    ++counts.records;
    counts.bytes += record.key.size() + record.value.size();
    return {};
  }));
  return counts;
}

Result<uint64_t> sample_records(os::World& from_world, const store::Where& from, const RecordCounts& counts, uint64_t bytes, os::World& to_world, const store::Where& to) {
  const uint64_t every = std::max<uint64_t>(1, counts.bytes / std::max<uint64_t>(1, bytes));
  ROLLPROOF_ASSIGN(const auto sample, store::open(to_world, to, {.create = true}));
  std::set<std::string> seen;
  record::Batch batch;
  uint64_t number = 0, chosen = 0, batch_bytes = 0;
  const auto apply = [&]() -> Status {
    if (batch.empty()) return {};
    ROLLPROOF_TRY(sample->apply(batch));
    batch.clear();
    batch_bytes = 0;
    return {};
  };
  ROLLPROOF_TRY(for_each_record(from_world, from, [&](record::Record& record) -> Status {
    const bool first = seen.size() < kSpacesSampled && seen.insert(record::space_of(record.key).name).second;
    if (number++ % every != 0 && !first) return {};
    ++chosen;
    batch_bytes += record.key.size() + record.value.size();
    batch.push_back({record::Change::Kind::put, std::move(record.key), std::move(record.value)});
    return batch_bytes < kBatchBytes ? Status() : apply();
  }));
  ROLLPROOF_TRY(apply());
  ROLLPROOF_TRY(sample->close());
  return chosen;
}

std::string fresh_prefix(const std::string& key) {
  const record::Space space = record::space_of(key);
  if (!space.chain) return key + "." + kFresh;
  return key.substr(0, key.size() - space.contract.size()) + kFresh;
}

}  // namespace rollproof::drill
