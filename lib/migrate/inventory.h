// What is in a store: counts per space, oddities, digest (seed 003, step 1.1 and 1.2).
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "lib/base/digest.h"
#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/record/account.h"
#include "lib/record/space.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

struct Inventory {
  std::map<std::string, uint64_t> per_space;
  uint64_t records = 0;
  uint64_t value_bytes = 0;
  record::Account account;
  uint64_t excepted_records = 0;              // in spaces that the configuration excepts
  std::set<std::string> excepted_spaces;      // of those, the ones that are there
  uint64_t expected_oddities = 0;             // in them
  uint64_t unexpected_oddities = 0;
  std::vector<record::Oddity> oddities;       // the first kOdditiesListed
  MultisetDigest digest;
};
inline constexpr size_t kOdditiesListed = 1000;

// Reads every record of the cursor to its end token.
Result<Inventory> take_inventory(record::Cursor& cursor, const std::vector<std::string>& known_exceptions);

nlohmann::ordered_json to_json(const record::Account& account);

// Opens the store read-only (not a byte changes) and takes the inventory.
Result<Inventory> take_inventory(os::World& world, const store::Where& where, const std::vector<std::string>& known_exceptions);

}  // namespace rollproof::migrate
