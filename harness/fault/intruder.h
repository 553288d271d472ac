// Somebody else comes while a command is at work.
//
// May happen: a second command opens the same workspace, or a `recover` is typed, or a `cancel`, between any two calls of the first; a writer of the user's
// program that learnt the route when the command began writes after the route has been switched. May not happen: two calls at the same
// instant on one file; a second holder of the lock (who takes the lock file away by hand lets one in, lib/ASSUMPTIONS.md).
// Survivable because: one lock is held for the whole of every changing command; the second is told who holds it and changes nothing. A request
// to cancel is a file of its own that the holder obeys at its next safe point, and a rollback never; it outlives a holder that dies, and binds who recovers. The route has an epoch, and who names an
// old one is refused. What another program has written is found in files or records, is refused until somebody decides, and is in no case lost.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof::fault {

// Texts: "intruder(at 33)": before changing operation 33; "intruder(at 33, recover)", "intruder(at 33, cancel)"; "intruder(at 33, cancel, death 9 later)": the process
// that was asked to stop dies 9 changing operations behind that; "intruder(at 33, old route)": at the first report of the command's progress behind operation 33;
// "intruder(at 33, earlier put)", "intruder(at 33, earlier rollback)": a whole command comes and goes between the look of the one that begins at operation 33 and its
// lock; "intruder(at 33, earlier edit)": another target is written into the configuration then.
// Of a store, "source" or "target": "intruder(at 33, foreign source)": the command has died before operation 33, and another program, which knows nothing of a
// migration, opens the store, puts a record and closes it ("foreign both": the one store, and then the other); "intruder(at 33, holds source)": it has the store open,
// so that nobody else can open it, while the command is at work that begins there, or the recovery from the death before operation 33 (while a user's write is, it goes
// on where only the store that follows is held); "intruder(at 33, read-only source)": its file system is mounted read-only, and nobody can write to it meanwhile;
// "intruder(at 33, full source)": the disk that only this store is on has no room meanwhile; "intruder(at 33, gone source)": its folder is not there meanwhile, as
// where a disk is not mounted, and comes back as it was; "intruder(at 33, other source)": the configuration names another store then; "intruder(at 33, older source)":
// somebody puts that store back as it was behind an earlier command; "intruder(at 33, older state)", "intruder(at 33, older journal)": the same with the whole state
// folder, or with the journal in it.
struct Intruder {
  enum class Who { command, recover, cancel, cancel_death, old_route, earlier_put, earlier_rollback, earlier_edit, foreign, holds, read_only, full, gone, other, older, older_state, older_journal };
  enum class Stores { none, source, target, both };  // what it is about; both: of foreign only
  uint64_t at = 0;
  Who who = Who::command;
  Stores stores = Stores::none;
  uint64_t later = 0;  // of cancel_death: so many operations behind the request

  bool is_foreign() const { return who == Who::foreign; }
  bool holds() const { return who == Who::holds; }
  bool read_only() const { return who == Who::read_only; }
  bool full() const { return who == Who::full; }
  bool gone() const { return who == Who::gone; }
  bool out_of_reach() const { return holds() || read_only() || full() || gone(); }
  bool edits() const { return who == Who::other; }
  bool puts_back() const { return who == Who::older; }
  bool puts_journal_back() const { return who == Who::older_state || who == Who::older_journal; }
  bool of_source() const { return stores == Stores::source || stores == Stores::both; }
  bool of_target() const { return stores == Stores::target || stores == Stores::both; }
  std::string to_string() const;
  static Result<Intruder> parse(std::string_view text);
  std::string in_words() const;
  bool operator==(const Intruder&) const = default;
};

}  // namespace rollproof::fault
