// What a store may hold after the writes of a story, and where it does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/check/records.h"

namespace rollproof::check {

// The checkers' findings before they are counted for a promise: 1 something is lost or changed, 2 something is invented.
struct Finding {
  int promise = 0;
  std::string key;
  std::string what;
};

// A comparison in numbers of records.
struct Integrity {
  uint64_t checked = 0;     // keys that were looked at
  uint64_t missing = 0;
  uint64_t extra = 0;       // nobody wrote them, or they had been deleted
  uint64_t changed = 0;     // another value, or half of a batch
  uint64_t duplicated = 0;  // keys that are there twice; such a store is not compared any further

  void add(const Integrity& other);
  bool operator==(const Integrity&) const = default;
};

// `observed` against `before` with `writes` applied in order. Acknowledged writes count; a batch that was in flight may have taken
// effect, as a whole or not at all. `store` names the store in the findings. At most a dozen findings, the last one says how many more.
std::vector<Finding> compare_with_model(const Records& before, const std::vector<Write>& writes, const Records& observed, std::string_view store, Integrity* numbers = nullptr);

// A follower that has not been filled yet: what it holds has to be what the leading store holds.
std::vector<Finding> compare_with_leader(const Records& leader, const Records& follower, std::string_view store);

// True if every record of `before` that no write touches is in `observed` with the same bytes.
bool holds_untouched(const Records& before, const std::vector<Write>& writes, const Records& observed);

// A key or value as one short printable line.
std::string shown(std::string_view bytes);

}  // namespace rollproof::check
