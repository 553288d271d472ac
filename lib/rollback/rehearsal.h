// Whether a rollback can be done, found by doing it: the real rollback runs on a throw-away view of every file, and what it answers, how
// long it took and what became of the writes is reported. Not one byte on disk changes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/session.h"
#include "lib/rollback/rollback.h"

namespace rollproof::rollback {

struct Rehearsal {
  std::optional<Error> why_not;       // how the rollback would end; nothing: it succeeds
  std::string migration;
  std::string goal;                   // the end of a phase, or "source"
  std::string interrupted;            // the operation that was begun and not ended, if there is one
  int64_t taken_ms = 0;               // measured: opening, rolling back, closing. Without this disk's syncs and without removing the target
  std::vector<std::pair<std::string, int64_t>> steps;  // each with its own time
  std::map<std::string, migrate::Json> facts;          // of the steps that were done
  uint64_t writes_kept = 0;           // puts and deletes since the migration began; a rollback loses none of them
  uint64_t writes_replayed = 0;       // of those, what the source does not hold durably yet
  uint64_t writes_quarantined = 0;    // of those, what the source's format can not hold
  uint64_t target_files = 0;          // that the real rollback removes on top
  uint64_t target_bytes = 0;

  // A fact of any step, as text; empty if there is none. "compared_with", "restored_from", "damage", "records", "digest"
  std::string fact(const char* name) const;
};

// Code::locked if somebody is at work, whose holder it names (and says so if that is a rollback). Code::not_found if no migration is
// active. Other codes: it could not even be begun, as `rollproof rollback --execute` could not.
// `progress` may be empty. REQUIRES: the stores are files.
Result<Rehearsal> rehearse(os::World& world, const std::string& config_path, const RollbackOptions& options,
                           const std::function<void(const migrate::Progress&)>& progress);

}  // namespace rollproof::rollback
