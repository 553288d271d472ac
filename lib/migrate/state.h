// Where a migration stands, derived from the journal's control entries and from nothing else.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/exit_code.h"
#include "lib/base/result.h"
#include "lib/journal/journal.h"
#include "lib/migrate/phase.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

using Json = nlohmann::ordered_json;

// How the target follows the journal.
enum class Following {
  none,    // it does not
  live,    // every write is applied to it as well
  paused,  // a copy is under way: writes wait in the journal from copy_position on
};

struct Follower {
  journal::Position position = 0;  // everything up to here is durable in the store
  store::Mark mark;                // how the store described that moment
  store::Fingerprint fingerprint;  // of its files when we closed it; empty if it was not closed since
  bool as_left = false;            // never opened by us, and its own program did not close it cleanly (accepted at validate)
};

struct Seal {
  bool passed = false;
  journal::Position position = 0;  // the moment that the verdict is about
  Json facts;
};

struct Operation {
  std::string id;
  std::string kind;    // "migrate", "rollback"
  std::string goal;    // the phase it goes through / back to; "source" for a rollback down to source only
  std::string reason;
  std::string incident;  // that a rollback has opened; empty for a migrate
  int64_t started_ms = 0;
  journal::Position position = 0;
};

// A good source that is ready to take the place of a damaged one (lib/rollback/restore_source.h).
struct Replacement {
  std::string ready;               // folder of the good one, as recorded (lib/migrate/recorded_path.h)
  std::string aside;               // where the damaged one goes, as recorded
  std::string from;                // what it was made from
  std::string source;              // for which: as written in the configuration; empty if an earlier version decided it
  journal::Position position = 0;  // every change up to here is in it
  store::Mark mark;
  store::Fingerprint fingerprint;  // of the good one's files; empty if an earlier version decided it
};

// A store that follows and could not be opened when something was written (held by another program, say). The writes are in the journal and in the store that answers.
struct Behind {
  std::string store;  // "source" or "target"
  std::string why;
};

struct State {
  bool active = false;            // a migration has begun and not ended
  std::string migration;          // id; also of the last one, when ended
  std::string outcome;            // of the last ended one: "rolled_back" or "completed"
  std::string source;             // as written in the configuration when it began
  std::string target;
  std::string config_sha256;      // of the sealed text
  Route route = Route::source_only;
  uint64_t epoch = 0;             // grows with every change of the route, over all migrations of this journal
  Follower source_follower;
  Follower target_follower;
  Follower target_as_left;               // the last one before the target stopped following; empty if it may have been open when its session died
  Following following = Following::none;
  journal::Position copy_position = 0;   // P: the first position the copy's snapshot stands for
  std::set<std::string> steps_done;      // "copy/drain"
  std::set<std::string> steps_begun;     // intent without done
  std::map<std::string, Json> facts;     // of done steps
  std::map<std::string, Seal> seals;     // by kind: inventory, backup, equivalence, way_back, source
  std::optional<Operation> operation;    // begun and not ended
  bool in_session = false;               // a session has opened the stores for writing and not said that it closed them
  bool target_in_session = false;        // and the target may be one of them
  store::Mark settled_mark;              // of the store that a session without a migration has opened, before it did; empty if nobody knows
  std::optional<Replacement> replacement;  // decided and not yet in place
  std::optional<Behind> behind;            // until the store has been opened and has everything
  std::vector<std::string> set_aside;      // damaged sources of this migration that were replaced, as recorded: evidence, never deleted by us
  bool safe_stop = false;                // a person has to act (or `recover`) before anything goes on
  Json safe_stop_event;
  bool target_answered = false;          // reads and writes went to the target first, and no rollback has taken the cutover back since
  bool target_removed = false;           // by a rollback, which has not ended the migration yet
  bool target_opened = false;            // the target has followed, so that what is in it may be ours
  bool target_left = false;              // a rollback has found records of another program in the target, and leaves it as it is
  bool target_left_unread = false;       // … because nobody can read it
  std::string target_aside;              // where a target goes that a rollback could not read, as recorded; empty: nowhere
  bool target_unseen = false;            // a session died with the target open, and nobody has compared all of its records since: its files show nothing
  bool target_existed = false;           // there was a folder at the target before the migration
  journal::Position begun_at = 0;        // of migration_begin
  journal::Position last_change = 0;     // the last change entry of this migration
  std::set<std::string> incidents;       // of every rollback of this journal, over all migrations

  // Folds one entry in. Code::corruption if a control entry is not what events.h writes.
  Status apply(const journal::Entry& entry);
  // The same for a control entry that has been parsed.
  Status apply(journal::Position position, const Json& event);

  bool is_done(Phase phase) const { return steps_done.contains(std::string(name_of(phase)) + "/done"); }
  // True if what stops a command now is found before it started: no session has a store open, and no migration is past validate.
  bool nothing_started() const;
  // The passed seals of this migration's backups, its own and those made by hand, the newest first. Good until the next entry is folded in.
  std::vector<const Seal*> sealed_backups() const;
  // True if a rollback has taken back what a phase decided (the route, or that the target follows) and the phase itself still stands: only a rollback
  // goes on from here.
  bool is_half_rolled_back() const;
  // The last phase that is wholly done; nothing if not even validate is.
  std::optional<Phase> reached() const;
};

// How a command ends that failed with this error where things stand so: a damaged store is a refusal as long as nothing has started, and
// needs a person from then on. For all other codes as rollproof::exit_code_of.
ExitCode exit_code_of(Code code, const State& state);

}  // namespace rollproof::migrate
