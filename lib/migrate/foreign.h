// Somebody else's work on a store between two of our commands (migration.md, "Somebody else's writes"): its files are no longer what was
// recorded when we closed it. Told apart by reading every record: the same records under other files (a program that only opened a
// LevelDB), other records (a program that wrote), or damage.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/result.h"
#include "lib/migrate/session.h"

namespace rollproof::migrate {

enum class ForeignWork {
  same_records,   // noted in the journal, the fingerprint recorded anew: go on
  other_records,  // blocked until they are taken over
  undecidable,    // nothing to compare with is sound
};

// Looks at the source, whose files are not as recorded. On same_records that is journaled. Code::corruption if it can not be read, Code::locked if another
// program has it open.
// REQUIRES: no store is open, a migration is active, and no earlier session was interrupted.
Result<ForeignWork> look_at_changed_source(Session& session);

// The same for the target, compared with the source. REQUIRES also: the source is as recorded.
Result<ForeignWork> look_at_changed_target(Session& session);

// Journals what the source holds differently from backup and journal as writes of our own, so that no backup, no rollback and no target
// lacks them, and takes back the verdicts of copy and prove. Re-entrant: interrupted, the next call journals the rest.
// Code::refused after the cutover (then the source does not decide) and for more than a million records.
// REQUIRES: as look_at_changed_source, which answered other_records.
Status take_over_foreign_writes(Session& session);

// The same for what no fingerprint shows, because it was written while a session of ours was interrupted: the records alone tell. Nothing to do if they are
// those of backup and journal, or if nothing sound is left to compare with. REQUIRES: no store is open.
Status take_over_unseen_writes(Session& session);

// The same where there is no backup yet, for a rollback: nobody can tell what was written, nothing rests on it, and the source is left as it
// is found. The inventory says nothing about it any more. REQUIRES: as look_at_changed_source.
Status leave_foreign_writes(Session& session);

}  // namespace rollproof::migrate
