// A source that is damaged is replaced by a good one (seed 000, phase 3 rollback: "restore it if damaged"; recovery of a damaged LevelDB).
//
// The good one is made beside it from the best copy there is, with the journal's changes since on top, and read back and compared
// before it takes the place. The damaged folder is moved aside, not deleted: it is evidence, and may hold what nothing else does.
// Interrupted anywhere, the next attempt goes on: before the decision is journaled it starts anew, behind it the two renames are finished.
#pragma once

#include <optional>
#include <string>

#include "lib/migrate/session.h"
#include "lib/migrate/expected.h"

namespace rollproof::rollback {

// What is wrong with the source, found without changing a byte: its files scanned, then every record read. Nothing if it is sound.
// A store that somebody else has written to soundly is not damaged. REQUIRES: the source is not open.
Result<std::optional<Error>> damage_of_source(migrate::Session& session);

// Opening a damaged store is refused, or it finds the damage, or there is nothing to open.
inline bool may_be_damage(Code code) { return code == Code::corruption || code == Code::refused || code == Code::not_found; }

// Replaces it. `why`: the damage, for the message. REQUIRES: no store is open.
// Code::needs_person if nothing that could replace it is sound: the source is left as it was, the message says what was tried.
Status replace_source(migrate::Session& session, const Error& why, migrate::Json& facts);

// What to type to run the rollback again that is under way, to the same phase.
std::string same_again(const migrate::Session& session);

// Removes the folder beside the source in which its replacement is made; absent is fine.
Status clear_ready(migrate::Session& session);

// The two halves of a replacement. The first makes the new source in migrate::ready_path() and compares it with `expected`, record by record;
// on failure nothing is left of it. The second journals the decision and exchanges the folders; the old one is moved to `aside`.
Result<store::Mark> make_ready(migrate::Session& session, const migrate::Expected& expected);
Status put_in_place(migrate::Session& session, const std::string& from, const store::Mark& mark, const std::string& aside, const std::string& why);
// The decision alone: from here on finish_replacement() does the rest.
Status decide_replacement(migrate::Session& session, const std::string& from, const store::Mark& mark, const std::string& aside, const std::string& why);

// Finishes a replacement that was decided; nothing to do if there is none, but what an attempt before the decision has left is cleared. Where what
// was decided is nowhere and the source is damaged or gone, another replacement is made, if a migration is active. Code::needs_person if that
// can not be, or if a sound store stands in its place that nobody decided upon: it is left as it is.
Status finish_replacement(migrate::Session& session);

}  // namespace rollproof::rollback
