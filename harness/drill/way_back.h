// How long the way back from each phase takes: the real rollback of a copy, on a real disk and by the real clock, projected from there onto
// the size of the user's source. The figures of the copy are measured, those of the source are not, and both are said.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/drill/own_stores.h"
#include "lib/os/world.h"

namespace rollproof::drill {

struct WayBack {
  std::string phase;              // the end of it had been reached; the rollback goes down to the source
  bool source_damaged = false;    // it had to be made anew from the backup on the way
  int64_t measured_ms = 0;        // opening, rolling back with every sync, closing
  uint64_t records = 0;           // of the copy
  uint64_t file_bytes = 0;
  uint64_t records_projected = 0;  // of the user's source
  uint64_t file_bytes_projected = 0;
  int64_t limit_ms = 0;           // of the phase

  // In proportion to the records or to the bytes, whichever is more. What a rollback takes whatever the size is multiplied as well, so the
  // time is rather too long. 1 for a copy of the whole.
  double factor() const;
  int64_t projected_ms() const;
  bool within_limit() const { return projected_ms() <= limit_ms; }
};

inline constexpr uint64_t kTimedBytes = 64 << 20;  // a source up to this size is timed whole

// From each phase, and for a LevelDB once more from the cutover with a damaged source. `own`: read with a whole_bytes of kTimedBytes.
// Works in the folder `scratch`, which is made and removed again. REQUIRES: nothing is there.
Result<std::vector<WayBack>> measure_way_back(os::World& world, const OwnStores& own, const std::string& scratch);

nlohmann::ordered_json to_json(const WayBack& way);
std::string to_text(const std::vector<WayBack>& ways);

}  // namespace rollproof::drill
