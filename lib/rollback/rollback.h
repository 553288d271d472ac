// The way back: from wherever a migration stands, to the end of an earlier phase or down to the source alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/migrate/session.h"
#include "lib/migrate/step.h"

namespace rollproof::rollback {

struct RollbackOptions {
  // The phase at whose end to stop, keeping the target's records; nothing: all the way down to the source, migrated records removed.
  std::optional<migrate::Phase> to;
  std::string reason;
  std::optional<int64_t> detected_ms = {};  // wall clock: when what the rollback answers was noticed; nothing: nobody said
};

// Opens an incident: its id is journaled with the beginning, and every fact of it with what follows (lib/report/incident.h).
// Journaled and re-entrant: killed anywhere, recover() carries on. The source is made good and proven before anything is cleared.
// Code::corruption, after a migration that had changed nothing was ended, if its source is found damaged.
// Code::not_found if no migration is active. Code::needs_person (a safe stop, journaled) if the source can not be proven.
Status rollback(migrate::Session& session, const RollbackOptions& options);

// Carries on with a rollback that was begun and not ended.
Status resume_rollback(migrate::Session& session);

// The steps for a goal, for plans. `goal` is a phase's name or "source".
std::vector<migrate::Step> rollback_steps(const migrate::State& state, const std::string& goal);

}  // namespace rollproof::rollback
