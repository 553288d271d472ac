// Reads and writes while a migration runs: the journal decides what survives, the route says which store answers, and the other store
// is kept in step (migration.md, "Writing during a migration").
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/migrate/ledger.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

// How much of a store's files is hashed before it is opened for writing.
enum class FingerprintCheck { changed_files, everything };

// A rollback must not depend on the target, which may be what is broken: the journal holds every write that the source needs.
// And a user's write depends on the store that answers alone (migration.md, "Writing during a migration").
enum class Opens { both, source_only, what_answers };

// Code::refused, naming the file, if the source's files are not what was recorded when it was closed last (or validated). Every file is
// hashed, nothing is opened. After an interruption there is nothing to compare with, and nothing is said.
Status check_source_untouched(Ledger& ledger);
// The same of the target.
Status check_target_untouched(Ledger& ledger);

// Whether an error is one of the store that follows, and not of the one that answers: by its path. False where no store follows.
bool is_of_follower(const Ledger& ledger, const Error& error);

// What a switch looks at while new writes are held.
struct SwitchOptions {
  int64_t hold_ms_max = 10'000;   // longer than this no writer waits: the hold expires by itself, and the switch is not made
  std::function<Status()> check;  // may be empty: then there is nothing to wait for and nothing that could expire
  std::function<void()> held;     // may be empty; told that the hold has begun
};

class Router {
 public:
  // Opens the stores that the state asks for, mends what an interruption left, and replays the journal into them before any read.
  // Code::refused (naming the file) if somebody else has written to a store since we closed it.
  // `why_alone`: of Opens::what_answers, why the other store is not opened.
  static Result<std::unique_ptr<Router>> open(Ledger& ledger, FingerprintCheck check, Opens opens = Opens::both, const std::string& why_alone = "");

  // Applies the batch. On success it is durable and visible to get() and scan(), whatever happens next. On Code::outcome_unknown it
  // may or may not survive; recovery decides. If memory ran out, this session is good for nothing else. A store that does not answer reads never fails a write: it falls behind, and is
  // brought up to date before the next switch or at the next open.
  // `epoch`: of the route that the writer knows. Code::refused, and nothing is written, if the route has been switched since: who decides by a route
  // (reads a store itself, say) must look again first. Without it the writer asks for no more than that the write survives.
  // Of a store that was not opened (Opens::what_answers) the journal says so from the next close on (State::behind).
  Status write(const record::Batch& batch, std::optional<uint64_t> epoch = std::nullopt);
  Result<std::optional<std::string>> get(std::string_view key);
  Result<std::unique_ptr<record::Cursor>> scan();

  // Null where it is not open.
  store::Store* source() { return source_.get(); }
  store::Store* target() { return target_.get(); }

  // Begins to follow with the target: creates it, and records that every write goes to it from now on.
  Status start_following();
  // Stops writing to the target and remembers the position that a copy taken now stands for. A copy that was begun keeps its first one.
  Status pause_following();
  // Replays into the target what it has not seen and goes on live.
  Status drain_and_follow();
  // Closes the target and forgets it as a follower; its files stay. REQUIRES: the route does not answer from it.
  Status stop_following();

  // Makes both stores durable and records the positions, from which a recovery will replay.
  Status checkpoint();

  // Hold, look, one durable commit record, switch. Before the record every failure leaves the old route; Code::outcome_unknown from
  // the record itself is decided by recovery. Code::stopped, and the old route, if the hold had expired before the record; from the record's first byte
  // to its answer it does not expire. Time is monotonic: a clock that is set changes nothing.
  Status switch_route(Route to, const SwitchOptions& options = {});

  // Whether both stores hold the same under `key`, or both nothing.
  Result<bool> is_same_in_both(std::string_view key);

  // Writes `key` to the target first, reads it back from the source, and removes it the same way: the order of writes after a cutover.
  // If it is interrupted, the key may be left in both stores; trying again, or remove_probe, takes it away.
  Status try_way_back(const std::string& key, const std::string& value);
  Status remove_probe(const std::string& key);

  // Closes the stores (leaving what other programs may read) and records positions and fingerprints. The ledger stays open. Where only the store that follows fails, the
  // one that answers is closed in order all the same; the session is not ended, so that whoever comes next brings the other one up to date.
  Status close();
  // The first one of a store in this session.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Router(Ledger& ledger, Opens opens, std::string why_alone) : ledger_(ledger), opens_(opens), why_alone_(std::move(why_alone)) {}
  bool needs_source() const { return opens_ != Opens::what_answers || answers_from_source(ledger_.state().route); }
  bool needs_target() const;
  Status open_source();
  Status open_target();
  Status open_settled();
  Error not_opened(Error why);
  Status tell_target();
  bool follow(store::Store& store, const record::Batch& batch);
  Status write_held(const record::Batch& batch);
  Status write_target_first(const record::Batch& batch);
  // Up to which everything is in the store that an interrupted session has left.
  Result<journal::Position> position_of(const char* which, const store::Where& where, const Follower& follower);
  Status replay(store::Store& store, journal::Position after);
  Status record_checkpoint(bool closing);
  Status close_answering();
  Status confirm_marks();  // REQUIRES: the last marks are in the journal
  bool falls_behind() const;  // what was written since the store that follows was closed is not in it, and nobody has said so yet
  store::Store* answering();

  void wait_for_hold(std::unique_lock<std::recursive_mutex>& lock);

  // Whose generation is gone has expired: some writer would not wait any longer.
  struct Hold {
    uint64_t generation = 0;
    int64_t ends_ms = 0;  // monotonic
  };

  Ledger& ledger_;
  Opens opens_;
  std::string why_alone_;
  std::recursive_mutex mutex_;  // switch_route and checkpoint write while they hold it
  std::optional<Hold> hold_;
  uint64_t holds_ = 0;
  std::unique_ptr<store::Store> source_;
  std::unique_ptr<store::Store> target_;
  bool source_behind_ = false;  // its last apply failed; the journal has what it lacks
  bool target_behind_ = false;
  std::optional<Error> failure_;  // the first one of a store, for the message at the end
  std::optional<store::Mark> source_closed_, target_closed_;
  bool began_ = false;          // the session is of this router's opening, and not of one before it
  bool touched_ = false;        // the store that is being opened, or was opened last, may have been changed
  bool broken_ = false;         // the answering store failed: only close and recovery are left
};

}  // namespace rollproof::migrate
