// What older migration scripts leave beside the configuration and in a target (seed 000, phases 2 and 3: "clear dual-write state", "reset").
// Such a file tells other tools that a migration is under way; after a rollback none is.
#pragma once

#include <array>
#include <string_view>

#include "lib/migrate/session.h"

namespace rollproof::rollback {

// Beside the configuration.
inline constexpr std::array<std::string_view, 3> kScriptStateFiles = {".dual-write-config", ".migration-state", ".migration-progress"};
bool is_unfinished_json(std::string_view name);  // *.json.partial, *.json.tmp

// The state files go, unread, to `set-aside/<migration>` in the state folder: they are not ours to delete. Unfinished JSON goes for good from
// a target folder that this migration has made; in one that was there before, it is somebody else's and stays (`rollproof doctor` names it).
// Re-entrant. `facts` says what was found.
// `in_target`: also there; false where it is somebody else's.
Status clear_script_leftovers(migrate::Session& session, bool in_target, migrate::Json& facts);

}  // namespace rollproof::rollback
