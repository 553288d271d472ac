// The control entries of the journal: one JSON object each, built here and read in state.cc only.
//
//   migration_begin  migration, source, target, config_sha256, target_existed
//   operation_begin  operation, operation_id, through|to, reason, by        operation_end  result, exit_code, steps
//                    and of a rollback: incident (its id), detected_ms (when what it answers was noticed, if who gave the command said so)
//   step_intent      phase, step                                            step_done      phase, step, facts
//   phase_undone     phase            (the steps of the phase count as not done again)
//   route            route, epoch, hold                                     (the commit record of every switch)
//   follow           following, position
//   checkpoint       source{position,mark,fingerprint}, target{…}
//   seal             seal, passed, position, facts
//   source_replacing ready, aside, from, position, mark, fingerprint   (a good source is ready to take the place of a damaged one)
//   source_replaced  source{position,mark,fingerprint}, kept_too    (and has taken it; where else files of before are, if anywhere)
//   foreign_open        store, files, file_count   (another program has changed these files, at most 20 are named; the records are the same)
//   foreign_taken_over  store, files, file_count, added, changed, removed   (its writes are change entries of this journal now)
//                       or instead of the numbers: uncounted   (before there was a backup: the inventory is not about what is there now)
//   target_left         records, or unread   (a rollback leaves the target where it is: it holds another program's records, or may)
//   target_aside        aside   (it can not be read and is not as we left it: it goes there before the migration ends)
//   store_behind        store, why   (it could not be opened when something was written: it lacks what came since, the journal has it)
//   looked_again     code, message, path   (why a rollback would have stopped for a person: it looks a second time first)
//   safe_stop        code, message, path, next
//   migration_end    outcome
//   session_begin    command, by      (stores are opened for writing)        session_end    (and were closed)
// Every event also carries time_ms and migration. Paths are as seen from the configuration's folder (recorded_path.h).
#pragma once

#include <string>
#include <string_view>

#include "lib/journal/journal.h"
#include "lib/migrate/phase.h"
#include "lib/migrate/state.h"

namespace rollproof::migrate {

journal::NewEntry control(const Json& event);
Json to_json(const store::Fingerprint& fingerprint);
store::Fingerprint fingerprint_from(const Json& json);
// Whether it tells the end of that migration; not for what is no JSON object.
bool is_end_of(const Json& event, const std::string& migration);

}  // namespace rollproof::migrate
