// To which step of a migration or rollback each change of a process at work belongs, by the journal on the disk.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/process/traced.h"
#include "harness/process/workspace.h"
#include "lib/base/result.h"

namespace rollproof::process {

// Before the first record of an operation, after its last one, and while none of its steps is under way.
inline constexpr const char* kOpen = "open";
inline constexpr const char* kClose = "close";
inline constexpr const char* kBetween = "between steps";

struct Site {
  Call call;
  std::string step;      // "copy/drain", "rollback/settle", or one of the three above
  uint64_t in_step = 0;  // 1, 2, 3, …: the how manieth change of this step it is
};

// Reads the journal after each write to it. Counting all changes from the start would not do: two runs differ by a few (a thread, the digits of a
// time).
class StepWatch {
 public:
  // `workspace` outlives this.
  explicit StepWatch(const Workspace& workspace) : workspace_(workspace) {}
  // REQUIRES: told of every change, in order, while the process is held before it.
  Result<Site> place(const Call& call);

 private:
  const Workspace& workspace_;
  Standing standing_;
  bool begun_ = false, stale_ = true;
  std::map<std::string, uint64_t> seen_;
};

// One uninterrupted run of the command: which changes each step makes. Code::internal if it does not end with 0.
Result<std::vector<Site>> map_sites(const Workspace& workspace, const std::vector<std::string>& command);

}  // namespace rollproof::process
