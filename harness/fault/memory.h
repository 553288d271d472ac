// Memory runs short: an allocation of the library's own work fails, or the gauge shows more than the limit.
//
// May happen: any one allocation fails and the next ones do not; from some allocation on all of them fail until the command has ended; from some
// operation on the gauge shows 95 % of the limit. May not happen: an allocation of the simulated disk or of the harness fails; memory that was given is taken
// back. Where code can not unwind (inside LevelDB, which is built without exceptions; in the destructor of a JSON document, which allocates) a
// failed allocation is the death of the process at that point. What is got with malloc (OpenSSL), and what the production door to the disk
// (lib/os) allocates, is not failed here; the real form is a limit of address space.
// Survivable because: the failure comes out of the command as an error value and nothing more is written by a session that it went through; what was
// decided is in the journal, and `recover` decides the rest from the disk. Above the limit a migration stops between two steps or batches and can go on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/sim/disk.h"
#include "harness/sim/sim_world.h"
#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "memory(at 33, allocation 7)", "memory(from 33, allocation 7)" (counted from 1 since the changing operation before 33, or the start of the
// command), "memory(over from 33)".
struct Memory {
  enum class Kind { once, from_then_on, over_limit };
  Kind kind = Kind::once;
  uint64_t at = 0;
  uint64_t allocation = 0;  // not of over_limit

  std::string to_string() const;
  static Result<Memory> parse(std::string_view text);
  std::string in_words() const;
  bool operator==(const Memory&) const = default;

  static constexpr uint64_t kLimitBytes = 1ull << 30;
  // For one run of the command that begins after `begun` operations: arms what fails, and tells the gauge of `world` and sim::Allocations where the disk
  // is. `world` outlives the hook.
  sim::SimDisk::FaultHook hook(uint64_t begun, sim::SimWorld& world) const;
  // How often it went off in that run: allocations that failed, or questions for the limit while it was passed. Ends it as well.
  uint64_t end(const sim::SimWorld& world) const;
};

}  // namespace rollproof::fault
