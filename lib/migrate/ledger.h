// The ledger of one workspace: the lock, the journal, the state derived from it, and the two files that are renderings of it
// (audit trail and notifications). Everything durable that a migration decides goes through record().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/incident/audit.h"
#include "lib/journal/journal.h"
#include "lib/migrate/config.h"
#include "lib/migrate/events.h"
#include "lib/migrate/state.h"
#include "lib/os/world.h"
#include "lib/record/record.h"

namespace rollproof::migrate {

struct LedgerOptions {
  journal::Options journal;
  std::string command = "library";  // shown to whom the lock keeps out
  bool take_out_ended_id = false;      // of a migration that the journal knows to have ended, if the configuration carries one
  bool keeps_request = false;          // for a recovery: whoever asked the dead process to stop has asked for what is carried on now
  std::shared_ptr<incident::ReadEvents> read;  // what is known of the history already; empty: nothing is. For one ledger at a time
};

class Ledger {
 public:
  // Takes the lock and recovers the journal. Code::locked names the holder. Code::needs_person if the configuration carries a
  // migration that the journal does not know (an id without its journal is never a fresh start). Code::refused if it carries one that has
  // ended, or names other stores than the running migration. Code::corruption as journal::Journal::open.
  static Result<std::unique_ptr<Ledger>> open(os::World& world, const Config& config, const LedgerOptions& options);
  ~Ledger();

  const State& state() const { return state_; }
  const Config& config() const { return config_; }
  os::World& world() { return world_; }
  // True if an earlier session opened the stores and did not close them: they may be in the middle of something.
  bool interrupted() const { return interrupted_; }
  // An operation was left open by the session before.
  bool found_operation() const { return found_operation_; }
  // The same, and the target may have been among them.
  bool target_interrupted() const { return target_interrupted_; }

  // Code::refused if the journal takes no more: then no store may be opened for writing either.
  Status check_usable() const { return journal_->check_usable(); }

  // Makes the events durable as one unit, then folds them into the state and renders them. time_ms and migration are added here.
  // On Code::outcome_unknown nothing may be done any more but to close and recover.
  Status record(std::vector<Json> events);
  // Journals one batch of changes; durable on return.
  Result<journal::Position> record_changes(const record::Batch& batch);
  // Visits the change entries after `after`, in order.
  // Every control event behind `after`, as it was recorded.
  Status read_controls(journal::Position after, const std::function<Status(journal::Position, const Json&)>& visit) const;
  Status read_changes(journal::Position after, const std::function<Status(journal::Position, record::Batch)>& visit) const;

  journal::Position last() const { return journal_->last(); }
  // Memory ran out in the middle of something: what this object knows may be half changed. Nothing is recorded any more; who opens anew decides
  // from the disk. Allocates nothing.
  void abandon() { abandoned_ = true; }
  bool abandoned() const { return abandoned_; }

  // True if somebody has asked us to stop, or, with keeps_request, whoever had left the operation open (cancel.h).
  Result<bool> cancel_requested() const;

  // Called before stores are opened for writing, and after they were closed: so an interruption is told from a foreign write.
  struct SessionBegin {
    store::Mark settled;       // without a migration: of the store that is about to be opened, behind which alone an interruption may have left something
    bool opens_target = true;  // false: its files stay as they were closed
  };
  Status begin_session(const SessionBegin& begin);
  Status end_session();
  // A store that this session has begun to open, and has to do without, is as an interruption leaves it.
  void count_as_interrupted() { interrupted_ = target_interrupted_ = true; }

  // Brings the renderings up to the journal and syncs them, seals the journal, clears requests and caches, and gives the lock back. After the end of a migration the lock file goes too.
  Status close();
  // The same where a store is as an interruption leaves it: the journal is not sealed, so that whoever comes next mends that one.
  Status leave();

 private:
  Status sync_renderings();
  Ledger(os::World& world, Config config, LedgerOptions options);
  Status open_journal(const std::string& directory);
  Status clear_temporaries();
  Status clear_request();
  Status take_out_ended_id();
  Status check_identity() const;
  Status settle_names();
  Status read_events();
  Status render(const std::vector<incident::Event>& fresh);
  Status render_if_due();

  os::World& world_;
  Config config_;
  LedgerOptions options_;
  std::shared_ptr<incident::ReadEvents> read_;
  std::string holder_;  // as the lock names us
  std::unique_ptr<os::FileLock> lock_;
  std::unique_ptr<journal::Journal> journal_;
  State state_;
  std::vector<incident::Event> events_;  // every control entry; emptied when they have been rendered
  bool unclean_ = false;      // the journal was not sealed
  bool interrupted_ = false;
  bool found_operation_ = false;
  bool target_interrupted_ = false;
  bool session_begun_ = false;
  bool abandoned_ = false;
  bool render_failed_ = false;
  struct Renderings;
  std::unique_ptr<Renderings> renderings_;
};

// What is wrong with a configuration that names other stores than the migration that runs, with the lines that make it right. Rollback refuses
// as well: nobody knows where the stores are that it would have to go back to.
std::optional<Error> names_other_stores(const Config& config, const State& state);

// The state as a reader without the lock sees it; nothing is written. `exists` is false if there is no journal.
struct LedgerView {
  journal::Snapshot journal;
  State state;
  std::vector<incident::Event> events;  // the control entries, parsed
  std::optional<Error> ended_id;        // the configuration carries the id of a migration that has ended; what other commands answer
};
// `read`: what is known of the history already, and is added to; may be null.
Result<LedgerView> view_ledger(os::World& world, const Config& config, incident::ReadEvents* read = nullptr);

// Code::needs_person if the audit trail is there and the journal is not: the trail is written from the journal and never before it, and without
// an id in the configuration nothing else remembers it.
Status check_trail_has_journal(os::World& world, const Config& config, bool journal_exists);

// The same if the target carries a migration's id. Code::needs_person.
Status check_target_has_journal(os::World& world, const Config& config, bool journal_exists);

// True if an interrupted command has left something that only opening a ledger clears away, although the journal is sealed.
Result<bool> has_leftovers(os::World& world, const Config& config, const State& state);

// True if audit trail or notifications are not what the journal says; the next ledger that is closed renders them anew.
Result<bool> renderings_differ(os::World& world, const Config& config, const std::vector<incident::Event>& events);

// Names of the files in the state directory.
inline constexpr const char* kJournalDirectory = "journal";
inline constexpr const char* kLockFile = "lock";
inline constexpr const char* kAuditFile = "audit.jsonl";
inline constexpr const char* kNotificationsFile = "notifications.jsonl";
inline constexpr const char* kReserveFile = "reserve";
inline constexpr const char* kCancelFile = "cancel";
inline constexpr const char* kProgressFile = "progress.json";  // a cache for `status`: the last thing that is true of it is that it may be gone

}  // namespace rollproof::migrate
