// Whose a target is. Its folder carries a marker with the id of the migration that has claimed it: two migrations never share a target, and nobody
// removes what is another's. Behind the id stands how far the journal has come: once the target answers, an older copy of the journal must not be believed.
#pragma once

#include <string>

#include "lib/migrate/ledger.h"

namespace rollproof::migrate {

// The marker in the target's folder.
inline constexpr const char* kMarkerFile = ".rollproof-migration";
std::string marker_path(const Config& config);

struct TargetClaim {
  enum class By { nobody, us, another };
  By by = By::nobody;  // also where the marker is damaged: the journal says whose the target is
  std::string id;      // that the marker carries; empty if it is damaged, or there is none
  bool checksummed = false;  // earlier versions wrote the id alone
  // The journal of that migration has come at least so far: a session began there once the target had answered. 0: the marker tells of none.
  journal::Position known_to = 0;
};

// What the marker says to a migration of this id.
Result<TargetClaim> target_claim(os::FileSystem& files, const Config& config, const std::string& migration);

// The marker carries `migration`, durably. The folder has to be there.
Status write_marker(os::FileSystem& files, const Config& config, const std::string& migration);

// Code::refused if another migration has claimed the target; naming it, and what to do.
Status check_target_is_not_anothers(Ledger& ledger);

// The same, and Code::refused if a store is there although the target of this migration does not follow yet: then it is somebody else's.
Status check_target_is_free(Ledger& ledger);

// On success the marker carries this migration's id, durably. Code::refused as above. Re-entrant.
Status claim_target(Ledger& ledger);

// The marker tells from now on, durably, how far the journal has come: an older copy of the journal is known by that. With `begins` false only one that has told so
// before. One that is gone or damaged is written anew where the target's store is; another's stays, and nothing is done. REQUIRES: the target follows.
Status stamp_target(Ledger& ledger, bool begins);

}  // namespace rollproof::migrate
