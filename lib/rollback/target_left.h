// When a rollback does not remove the target: what is in it is somebody else's, or is nowhere else.
#pragma once

#include <string>
#include <vector>

#include "lib/migrate/session.h"

namespace rollproof::rollback {

// Another program's records in a target that can be read: the event that keeps them, to be recorded before the target is taken away,
// and looked for again before it is removed. Code::locked if another program has it open. None if there are none. Where a session died with the target open, its files show
// nothing, and every record is compared. A target that can not be read holds nothing
// of anybody's: from that a rollback goes back. REQUIRES: the stores are closed, and the source is proven.
Result<std::vector<migrate::Json>> foreign_records_in_target(migrate::Session& session);

// Empty: it is ours to be removed, or there is none.
Result<std::string> why_target_is_left(migrate::Session& session);

}  // namespace rollproof::rollback
