// Whose a value in a store is, where its files are not as we left them. What the journal has ever written, what the sealed backup held, and what both make of it now
// is ours; anything else was put there by somebody else (lib/ASSUMPTIONS.md, 6).
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "lib/base/result.h"
#include "lib/migrate/session.h"
#include "lib/record/equivalence.h"

namespace rollproof::migrate {

// The keys of every change behind `after`.
Result<std::set<std::string>> keys_written_since(Session& session, journal::Position after);

struct NeverOurs {
  uint64_t keys = 0;
  bool by_backup = false;  // false: no backup can be used to tell, and what was there before the migration counts as never ours
};

// How many of the keys have a value in the store that was never ours; one that has none is not counted. REQUIRES: the store can be opened for reading as `how` says.
Result<NeverOurs> count_never_ours(Session& session, const store::Where& where, const store::OpenOptions& how, std::set<std::string> keys);

}  // namespace rollproof::migrate
