// What is in a store of the user's, and a smaller store with a part of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::drill {

struct SpaceCount {
  uint64_t records = 0;
  std::string smallest_key;
};

struct RecordCounts {
  std::map<std::string, SpaceCount> spaces;  // by name
  uint64_t records = 0;
  uint64_t bytes = 0;  // of keys and values
};

// Reads every record, checksums verified; not a byte of the store changes.
Result<RecordCounts> count_records(os::World& world, const store::Where& where);

// Puts every n-th record of `from`, and one of each of the first kSpacesSampled spaces, into a new store; n is chosen so that they have
// about `bytes` in all. Returns how many. `counts`: of `from`. REQUIRES: nothing is at `to`.
inline constexpr size_t kSpacesSampled = 64;
Result<uint64_t> sample_records(os::World& from_world, const store::Where& from, const RecordCounts& counts, uint64_t bytes, os::World& to_world, const store::Where& to);

// The beginning of keys that belong into the space of `key` and that nobody has: "56-RollproofDrill" for "56-LookCoin".
std::string fresh_prefix(const std::string& key);

}  // namespace rollproof::drill
