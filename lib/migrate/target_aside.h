// A target that can not stay, and must not be lost: another program may have written to it.
#pragma once

#include <string>

#include "lib/migrate/session.h"

namespace rollproof::migrate {

// On success every file of the store that was in the target's place is below `aside`, durably, and the place is free: the folder was moved there, or, where it
// had been there before the migration, its files were copied there and the store's taken out of it. Nothing if no store is there (any more). Re-entrant with the
// same `aside`. Code::locked if another program has the store open. On failure the store is in its place, or at `aside`, or (copied) in both.
// REQUIRES: the target is not open; it is this migration's.
Status put_target_aside(Session& session, const std::string& aside);

}  // namespace rollproof::migrate
