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
  int64_t began_ms = 0;  // wall time
  bool died = false;     // half through, at ended_at: nobody was answered
};

struct WriteLog {
  std::vector<LoggedWrite> writes;
  std::vector<LoggedCommand> commands;
  // A writer that names the epoch of the command's beginning. Points at which it can write after the route was switched, in changing operations done;
  // the one at which it shall; and what it was told.
  std::vector<uint64_t> old_writer_points;
  std::optional<uint64_t> old_writer_at;
  std::optional<check::Answer> old_writer;
  uint64_t old_writer_changes = 0;
  std::vector<std::pair<std::string, int64_t>> steps;  // each as it was first reported by the last command, and when (monotonic): "copy/drain"
  std::optional<int64_t> hold_began_ms;  // monotonic; while new writes are held for a switch

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
