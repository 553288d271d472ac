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

// Whether an operation that met this is left open, for the next recovery to go on with: the journal or a store may be in an unknown state, or another program
// has a store open, or the permission is missing, for a while and the operation is half done.
bool is_left_open(Session& session, Code code);

// Journals `begin`, an operation_begin. One that is still open is ended by the same record, so that every begin has its end, and so that a crash leaves
// one of the two to be finished and never none.
Status begin_operation(Session& session, Json begin);

// A new id for an operation or migration: prefix, UTC second, and a random part.
std::string new_id(os::World& world, std::string_view prefix);

}  // namespace rollproof::migrate
