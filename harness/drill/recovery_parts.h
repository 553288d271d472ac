// Where the time of a recovery goes, by the simulated clock.
#pragma once

#include <cstdint>
#include <string_view>

namespace rollproof::drill {

struct RecoveryParts {
  int64_t detect = 0;  // ms: journal, lock and configuration are read, and what was interrupted is known
  int64_t decide = 0;  // ms: the stores are looked at before anything in them is changed
  int64_t undo = 0;    // ms: what was interrupted is taken back, or finished
  int64_t verify = 0;  // ms: the result is compared, and the operation ended

  int64_t total() const { return detect + decide + undo + verify; }
  bool operator==(const RecoveryParts&) const = default;
};

// The part that a step ("rollback/prove-source", "copy/compare") belongs to; "" (before the first step) is `detect`.
int64_t& part_of(RecoveryParts& parts, std::string_view step);

}  // namespace rollproof::drill
