// What one store holds, as a checker has read it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rollproof::check {

struct Record {
  std::string key;
  std::string value;
  bool operator==(const Record&) const = default;
};

struct Records {
  bool there = false;           // something that a store can be is there
  std::string error;            // not empty: it can not be read, and `sorted` is not to be used
  std::vector<Record> sorted;   // by key, each key once
  uint64_t duplicated = 0;      // keys that are there twice; then there is an error as well: a scan would deliver what a record was before beside what it is

  bool readable() const { return error.empty(); }
  const std::string* find(std::string_view key) const {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), key, [](const Record& record, std::string_view wanted) { return record.key < wanted; });
    return at != sorted.end() && at->key == key ? &at->value : nullptr;
  }
};

// For readers of files that have no order between them. A key that is there twice makes the whole unreadable.
inline void sort_by_key(Records& records) {
  std::sort(records.sorted.begin(), records.sorted.end(), [](const Record& a, const Record& b) { return a.key < b.key; });
  for (size_t i = 1; i < records.sorted.size(); ++i) {
    if (records.sorted[i - 1].key != records.sorted[i].key) continue;
    records.error = "key " + records.sorted[i].key + " is there twice";
    ++records.duplicated;
  }
}

using RecordsPtr = std::shared_ptr<const Records>;

}  // namespace rollproof::check
