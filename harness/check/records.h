// What one store holds, as a checker has read it.
#pragma once

#include <algorithm>
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

  bool readable() const { return error.empty(); }
  const std::string* find(std::string_view key) const {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), key, [](const Record& record, std::string_view wanted) { return record.key < wanted; });
    return at != sorted.end() && at->key == key ? &at->value : nullptr;
  }
};
using RecordsPtr = std::shared_ptr<const Records>;

}  // namespace rollproof::check
