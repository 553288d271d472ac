// What the user's program did and was told, in terms of the disk's operations: from this a checker knows, for every crash point, what had
// been acknowledged, what was in flight, and what had not been begun.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/check/evidence.h"
#include "harness/subject/command.h"

namespace rollproof::subject {

inline constexpr uint64_t kNever = UINT64_MAX;

struct LoggedWrite {
  check::Write write;
  uint64_t begun_at = kNever;         // changing operations done before it was begun
  uint64_t acknowledged_at = kNever;  // … and when it was acknowledged
};

struct LoggedCommand {
  Command command;
  uint64_t begun_at = kNever;
  uint64_t ended_at = kNever;
  check::Answer answer;
};

struct WriteLog {
  std::vector<LoggedWrite> writes;
  std::vector<LoggedCommand> commands;

  // The writes as they stand after a crash behind the first k changing operations: those not begun are left out.
  std::vector<check::Write> at(uint64_t k) const {
    std::vector<check::Write> seen;
    for (const LoggedWrite& logged : writes) {
      if (logged.begun_at >= k) continue;  // its first operation is number begun_at
      seen.push_back(logged.write);
      seen.back().acknowledged = logged.acknowledged_at <= k;
    }
    return seen;
  }
};

}  // namespace rollproof::subject
