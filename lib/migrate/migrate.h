// The forward direction: runs the phases up to a goal.
#pragma once

#include <string>

#include "lib/migrate/phase.h"
#include "lib/migrate/session.h"

namespace rollproof::migrate {

struct MigrateOptions {
  Phase through = Phase::cutover;
  std::string reason;
};

// Runs what is not done yet, phase by phase, and journals each step. On an error that a retry or a person can mend the operation is
// journaled as failed and both stores stay consistent; on Code::io, no_space or outcome_unknown (also: memory ran out) it stays open for recover().
// Code::refused while a rollback is unfinished.
Status migrate(Session& session, const MigrateOptions& options);

// Phase 1, anew if it is done and no backup or target rests on it yet: a newer complete inventory replaces the older one. False if the
// migration is past that; then nothing is sealed.
Result<bool> validate(Session& session);

// Carries on with an operation that was begun and not ended. REQUIRES: state().operation is a migrate operation.
Status resume_migrate(Session& session);

// Journals how an operation ended. `outcome` is returned unless journaling failed on top.
Status end_operation(Session& session, Status outcome);

// After these the journal or a store may be in an unknown state: an operation is left open, recovery looks and decides.
bool is_left_open(Code code);

// Ends an operation that another command takes over from, so that every begin in the audit trail has its end. Nothing to do if none is open.
Status supersede_operation(Session& session);

// A new id for an operation or migration: prefix, UTC second, and a random part.
std::string new_id(os::World& world, std::string_view prefix);

}  // namespace rollproof::migrate
