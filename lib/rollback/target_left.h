// When a rollback does not remove the target: what is in it is somebody else's, or is nowhere else.
#pragma once

#include <string>
#include <vector>

#include "lib/migrate/session.h"

namespace rollproof::rollback {

// Another program's records in a target that can be read: the event that keeps them, to be recorded before the target is removed. Code::locked if another
// program has it open. None if there are none, or the target can not be read. Where a session died with the target open, its files show nothing, and every
// record is compared. REQUIRES: the stores are closed, and the source is proven.
Result<std::vector<migrate::Json>> foreign_records_in_target(migrate::Session& session);

// The same before it is decided that the target goes, and nothing of it has been removed: one that can not be read, and is not as we left it, may hold another
// program's records as well as damage, so that it is put aside. The event that says so.
Result<std::vector<migrate::Json>> decide_about_target(migrate::Session& session);

// As the decision says. Where it can not be done (a mount point, a sector that nobody can read) the target is left, and the journal says so.
Status put_unread_target_aside(migrate::Session& session);

// What a session of ours that died has left in a target that stays: files that it had set aside, and the probe of the way back. Where it can not be opened nothing
// is done, and the user is told.
void take_ours_out_of_left_target(migrate::Session& session);

// Empty: it is ours to be removed, or there is none.
Result<std::string> why_target_is_left(migrate::Session& session);

}  // namespace rollproof::rollback
