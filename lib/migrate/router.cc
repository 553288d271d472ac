#include "lib/migrate/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/out_of_memory.h"
#include "lib/journal/changes.h"
#include "lib/migrate/older_copy.h"
#include "lib/migrate/target_claim.h"

namespace rollproof::migrate {
namespace {

Json follower_json(journal::Position position, const store::Mark& mark) { return Json{{"position", position}, {"mark", mark}}; }

// While a migration is under way, a store that is not there is damage and no mistyped word.
template <class Value>
Result<Value> unless_gone(Result<Value> outcome, const store::Where& where) {
  if (!outcome && outcome.error().code == Code::corruption) {
    outcome.error().hint = "Put a good copy of the file back, or run `rollproof rollback --execute`: it goes back to the source, and makes a damaged source anew from backup and journal.";
  }
  if (outcome || outcome.error().code != Code::not_found) return outcome;
  return fail(Code::corruption, fmt::format("the {} store is gone: {}", where.kind, outcome.error().message), where.path,
              "Nothing was changed. `rollproof rollback --execute` goes back to the source, and makes it anew from backup and journal if it is the one that is gone.");
}

// Without a migration one store answers: the source, or the target of one that was completed.
bool target_answers_settled(const Ledger& ledger) { return ledger.state().outcome == "completed"; }
const store::Where& settled_store(const Ledger& ledger) { return target_answers_settled(ledger) ? ledger.config().target : ledger.config().source; }

// Compares the store's files with what we left there. Skipped after an interruption: then the journal explains what changed.
Status check_fingerprint(Ledger& ledger, const store::Where& where, const Follower& follower, FingerprintCheck check) {
  const bool interrupted = where == ledger.config().target ? ledger.target_interrupted() : ledger.interrupted();
  if (interrupted || follower.fingerprint.files.empty()) return {};
  const store::Fingerprint* known = check == FingerprintCheck::changed_files ? &follower.fingerprint : nullptr;
  ROLLPROOF_ASSIGN(const store::Fingerprint found, unless_gone(store::take_fingerprint(ledger.world(), where, known), where));
  const auto different = store::differences(follower.fingerprint, found);
  if (different.empty()) return {};
  return fail(Code::refused, fmt::format("the store was changed or damaged since we closed it: {} {}", different.front().name, different.front().what), where.path,
              ledger.state().operation ? "A command was interrupted: run `rollproof recover`; nothing was changed." : "Run `rollproof verify` to see what differs; nothing was changed.");
}

}  // namespace

Status check_source_untouched(Ledger& ledger) {
  return check_fingerprint(ledger, ledger.config().source, ledger.state().source_follower, FingerprintCheck::everything);
}

Status check_target_untouched(Ledger& ledger) {
  return check_fingerprint(ledger, ledger.config().target, ledger.state().target_follower, FingerprintCheck::everything);
}

bool Router::needs_target() const {
  if (opens_ == Opens::what_answers) return !answers_from_source(ledger_.state().route);
  return opens_ == Opens::both;
}

bool is_of_follower(const Ledger& ledger, const Error& error) {
  const State& state = ledger.state();
  if (!state.active || state.following == Following::none) return false;
  const std::string& path = (answers_from_source(state.route) ? ledger.config().target : ledger.config().source).path;
  return error.path == path || error.path.starts_with(path + "/");
}

Result<std::unique_ptr<Router>> Router::open(Ledger& ledger, FingerprintCheck check, Opens opens, const std::string& why_alone) {
  // An end of the session that could not be confirmed may be in the journal all the same; what is opened behind it would count as closed.
  ROLLPROOF_TRY(ledger.check_usable());
  std::unique_ptr<Router> router(new Router(ledger, opens, why_alone));
  if (!ledger.state().active) {
    // Of a store that can not be read there is none, and the open says so.
    const auto mark = ledger.interrupted() ? store::Mark() : store::mark_of(ledger.world(), settled_store(ledger)).value_or(store::Mark());
    router->began_ = !ledger.state().in_session;
    ROLLPROOF_TRY(ledger.begin_session({.settled = mark}));
    if (auto opened = router->open_settled(); !opened) return fail(router->not_opened(std::move(opened).error()));
    return router;
  }
  // What is refused is refused before the first byte of anything changes.
  const bool source = router->needs_source(), target = router->needs_target();
  if (source) ROLLPROOF_TRY(check_fingerprint(ledger, ledger.config().source, ledger.state().source_follower, check));
  if (target && ledger.state().following != Following::none) ROLLPROOF_TRY(check_target_is_not_anothers(ledger));
  if (target) ROLLPROOF_TRY(check_fingerprint(ledger, ledger.config().target, ledger.state().target_follower, check));
  router->began_ = !ledger.state().in_session;
  // A store that another program has open: if this session dies, its records tell who wrote to it and not its files.
  ROLLPROOF_TRY(ledger.begin_session({.opens_target = opens != Opens::source_only}));
  Status opened = target ? router->tell_target() : Status();
  if (opened && source) opened = router->open_source();
  if (opened && target && ledger.state().following != Following::none) opened = router->open_target();
  if (!opened) return fail(router->not_opened(std::move(opened).error()));
  if (ledger.interrupted()) ROLLPROOF_TRY(router->checkpoint());
  return router;
}

// A store that was refused before its first change is as if nobody had tried: whoever comes next compares its files as ever, and mends nothing that no
// interruption explains. The source, if it is open already, is closed in order. The error that stands is the first.
Error Router::not_opened(Error why) {
  if (!began_ || touched_) return why;
  if (source_) {
    const auto closed = record_checkpoint(true);
    source_.reset();
    if (!closed) return why;
  }
  (void)ledger_.end_session();  // otherwise it counts as interrupted, and the next open mends
  return why;
}

// Once the target has answered, something may be acknowledged in any session that an older copy of the journal would not know. A rollback depends on the target in nothing,
// and for a user's write beside one that was interrupted the session does it.
Status Router::tell_target() {
  const State& state = ledger_.state();
  if (state.following == Following::none || (state.operation && state.operation->kind == "rollback")) return {};
  return stamp_target(ledger_, !answers_from_source(state.route));
}

// No migration: one store answers, written durably at once.
Status Router::open_settled() {
  const store::Where& where = settled_store(ledger_);
  std::unique_ptr<store::Store>& store = target_answers_settled(ledger_) ? target_ : source_;
  auto opened = store::open(ledger_.world(), where, {.touched = &touched_});
  // Every write is durable before it is acknowledged, so an interruption explains an unfinished tail and nothing else: damage is refused as ever. Files of JSON
  // have no tails; there an unfinished fold leaves a record in two of them.
  const bool explained = !opened && (opened.error().code == Code::refused || (opened.error().code == Code::corruption && where.kind != "leveldb"));
  if (explained && ledger_.interrupted()) opened = store::open(ledger_.world(), where, {.interrupted = true, .mark = ledger_.state().settled_mark});
  ROLLPROOF_ASSIGN(store, std::move(opened));
  return {};
}

Status Router::open_source() {
  const Follower& follower = ledger_.state().source_follower;
  const store::Where& where = ledger_.config().source;
  ROLLPROOF_ASSIGN(const journal::Position position, position_of("source", where, follower));
  ROLLPROOF_ASSIGN(source_, unless_gone(store::open(ledger_.world(), where, {.create = false, .interrupted = ledger_.interrupted() || follower.as_left, .mark = follower.mark, .touched = &touched_}), where));
  return replay(*source_, position);
}

Status Router::open_target() {
  const Follower& follower = ledger_.state().target_follower;
  const store::Where& where = ledger_.config().target;
  touched_ = false;
  const bool live = ledger_.state().following == Following::live;
  ROLLPROOF_ASSIGN(const journal::Position position, live ? position_of("target", where, follower) : follower.position);
  ROLLPROOF_ASSIGN(target_, unless_gone(store::open(ledger_.world(), where, {.create = follower.mark.empty(), .interrupted = ledger_.interrupted() || follower.as_left, .mark = follower.mark, .touched = &touched_}), where));
  return live ? replay(*target_, position) : Status();
}

// A mark tells an older LevelDB from what an interruption has left of a newer one. Files of JSON are whole, old or new: one that an earlier close has left lacks
// what was written since.
Result<journal::Position> Router::position_of(const char* which, const store::Where& where, const Follower& follower) {
  if (!ledger_.interrupted() || where.kind == "leveldb") return follower.position;
  const auto found = find_left_state(ledger_, which);
  // What can not be read, or is gone, the open that follows names.
  if (!found && (found.error().code == Code::corruption || found.error().code == Code::not_found)) return follower.position;
  ROLLPROOF_ASSIGN(const auto left, found);
  return left ? std::min(left->position, follower.position) : follower.position;
}

Status Router::replay(store::Store& store, journal::Position after) {
  return ledger_.read_changes(after, [&](journal::Position, const record::Batch& batch) { return store.apply(batch); });
}

store::Store* Router::answering() {
  return answers_from_source(ledger_.state().route) ? source_.get() : target_.get();
}

// REQUIRES: this thread has the mutex once, and not from inside another call.
void Router::wait_for_hold(std::unique_lock<std::recursive_mutex>& lock) {
  os::Clock& clock = ledger_.world().clock;
  while (hold_ && clock.monotonic_ms() < hold_->ends_ms) {
    lock.unlock();
    clock.sleep_ms(1);
    lock.lock();
  }
  hold_.reset();
}

Status Router::write(const record::Batch& batch, std::optional<uint64_t> epoch) {
  std::unique_lock lock(mutex_);
  wait_for_hold(lock);
  if (epoch && *epoch != ledger_.state().epoch) {
    return fail(Code::refused, fmt::format("the route has epoch {}, the writer knows {}", ledger_.state().epoch, *epoch), "", "Look at the route again, then decide anew.");
  }
  return within_memory([&] { return write_held(batch); }, [this] {
    broken_ = true;
    ledger_.abandon();
  });
}

Status Router::write_held(const record::Batch& batch) {
  if (broken_) return fail(Code::refused, "a store failed earlier in this session", "", "Run `rollproof recover`.");
  if (!ledger_.state().active) {
    auto written = answering()->apply(batch);
    if (written) {
      auto durable = answering()->checkpoint();
      if (!durable) written = fail(std::move(durable).error());
    }
    // Nobody knows how far it got: what is said must not be that nothing changed.
    if (!written && (written.error().code == Code::no_space || written.error().code == Code::no_permission || written.error().code == Code::io)) {
      written.error().code = Code::outcome_unknown;
      written.error().hint = "It may be there or not: run `rollproof recover`, then look with `rollproof get`.";
    }
    return written;
  }
  // The journal comes first: it is the acknowledgement. A store that is written before it could show what a power loss takes back.
  ROLLPROOF_TRY(ledger_.record_changes(batch));
  const bool source_answers = answers_from_source(ledger_.state().route);
  store::Store& first = source_answers ? *source_ : *target_;
  if (auto applied = first.apply(batch); !applied) {
    broken_ = true;
    failure_ = applied.error();
    Error error = std::move(applied).error();
    error.code = Code::outcome_unknown;
    error.hint = "The write is in the journal and will survive; run `rollproof recover`.";
    return fail(std::move(error));
  }
  // The other store's failure is not the user's: the journal keeps what it lacks.
  if (source_answers) {
    if (target_ && ledger_.state().following == Following::live && !target_behind_) target_behind_ = !follow(*target_, batch);
  } else if (source_ && !source_behind_) {
    source_behind_ = !follow(*source_, batch);
  }
  return {};
}

// False: the store is behind from now on. Its failure is not the user's, but it is said when the session ends.
bool Router::follow(store::Store& store, const record::Batch& batch) {
  const auto applied = store.apply(batch);
  if (!applied && !failure_) failure_ = applied.error();
  return applied.has_value();
}

Result<std::optional<std::string>> Router::get(std::string_view key) {
  const std::lock_guard hold(mutex_);
  return answering()->get(key);
}

Result<std::unique_ptr<record::Cursor>> Router::scan() {
  const std::lock_guard hold(mutex_);
  return answering()->scan();
}

Status Router::start_following() {
  const std::lock_guard hold(mutex_);
  if (ledger_.state().following == Following::none) {
    ROLLPROOF_TRY(check_target_is_free(ledger_));  // somebody may have filled it since it was claimed
    ROLLPROOF_TRY(ledger_.record({Json{{"type", "follow"}, {"following", "live"}, {"position", ledger_.last()}}}));
  }
  if (target_ == nullptr) {
    if (auto opened = open_target(); !opened) {
      target_behind_ = true;  // half created: this session must not end as if it had closed it
      return opened;
    }
  }
  return checkpoint();
}

Status Router::pause_following() {
  const std::lock_guard hold(mutex_);
  if (ledger_.state().following == Following::paused) return {};
  return ledger_.record({Json{{"type", "follow"}, {"following", "paused"}, {"position", ledger_.last()}}});
}

Status Router::drain_and_follow() {
  const std::lock_guard hold(mutex_);
  if (ledger_.state().following == Following::live) return {};
  // From the older of both: what the target applied before the pause may have been lost with an unsynced tail.
  ROLLPROOF_TRY(replay(*target_, std::min(ledger_.state().target_follower.position, ledger_.state().copy_position)));
  ROLLPROOF_ASSIGN(const store::Mark mark, target_->checkpoint());
  ROLLPROOF_TRY(ledger_.record({Json{{"type", "checkpoint"}, {"target", follower_json(ledger_.last(), mark)}},
                                Json{{"type", "follow"}, {"following", "live"}, {"position", ledger_.last()}}}));
  return target_->marked();
}

Status Router::stop_following() {
  const std::lock_guard hold(mutex_);
  if (target_) {
    ROLLPROOF_TRY(target_->close());
    target_.reset();
  }
  if (ledger_.state().following == Following::none) return {};
  return ledger_.record({Json{{"type", "follow"}, {"following", "none"}, {"position", ledger_.last()}}});
}

Status Router::checkpoint() {
  const std::lock_guard hold(mutex_);
  return record_checkpoint(false);
}

Status Router::record_checkpoint(bool closing) {
  const State& state = ledger_.state();
  Json event{{"type", "checkpoint"}};
  if (source_) {
    const journal::Position position = source_behind_ ? state.source_follower.position : ledger_.last();
    ROLLPROOF_ASSIGN(const store::Mark mark, closing ? source_->close() : source_->checkpoint());
    if (closing) source_closed_ = mark;
    event["source"] = follower_json(position, mark);
  }
  if (target_) {
    const bool current = state.following == Following::live && !target_behind_;
    const journal::Position position = current ? ledger_.last() : state.target_follower.position;
    ROLLPROOF_ASSIGN(const store::Mark mark, closing ? target_->close() : target_->checkpoint());
    if (closing) target_closed_ = mark;
    event["target"] = follower_json(position, mark);
  }
  if (!state.active) return {};
  if (!closing) {
    ROLLPROOF_TRY(ledger_.record({std::move(event)}));
    return confirm_marks();
  }
  // What only the old marks name goes before the files are looked at, and not before the new marks are durable.
  if ((source_ && source_->keeps_for_old_mark()) || (target_ && target_->keeps_for_old_mark())) {
    ROLLPROOF_TRY(ledger_.record({event}));
    ROLLPROOF_TRY(confirm_marks());
  }
  const auto add_fingerprint = [&](const char* key, const store::Where& where, const Follower& before) -> Status {
    const store::Fingerprint* known = before.fingerprint.files.empty() ? nullptr : &before.fingerprint;
    ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(ledger_.world(), where, known));
    event[key]["fingerprint"] = to_json(fingerprint);
    return {};
  };
  if (source_) ROLLPROOF_TRY(add_fingerprint("source", ledger_.config().source, state.source_follower));
  if (target_) ROLLPROOF_TRY(add_fingerprint("target", ledger_.config().target, state.target_follower));
  std::vector<Json> events = {std::move(event)};
  if (falls_behind()) events.push_back(Json{{"type", "store_behind"}, {"store", answers_from_source(state.route) ? "target" : "source"}, {"why", why_alone_}});
  return ledger_.record(std::move(events));
}

// REQUIRES: the other store has failed, and is not open any more.
Status Router::close_answering() {
  const State& state = ledger_.state();
  const bool source = answers_from_source(state.route);
  const std::unique_ptr<store::Store>& store = source ? source_ : target_;
  std::optional<store::Mark>& mark = source ? source_closed_ : target_closed_;
  if (!store) return {};
  if (!mark) {
    ROLLPROOF_ASSIGN(mark, store->close());
  }
  const char* which = source ? "source" : "target";
  Json event{{"type", "checkpoint"}, {which, follower_json(ledger_.last(), *mark)}};
  ROLLPROOF_TRY(ledger_.record({event}));
  ROLLPROOF_TRY(store->marked());
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(ledger_.world(), source ? ledger_.config().source : ledger_.config().target, nullptr));
  event[which]["fingerprint"] = to_json(fingerprint);
  std::vector<Json> events = {std::move(event)};
  // A store that took the writes and could not be closed has them or not: the next session looks. Who reads the trail is told now.
  const char* other = source ? "target" : "source";
  if (state.following == Following::live && !state.behind && failure_) events.push_back(Json{{"type", "store_behind"}, {"store", other}, {"why", failure_->to_string()}});
  return ledger_.record(std::move(events));
}

bool Router::falls_behind() const {
  const State& state = ledger_.state();
  if (opens_ != Opens::what_answers || state.following != Following::live || state.behind) return false;
  return (answers_from_source(state.route) ? state.target_follower : state.source_follower).position < state.last_change;
}

Status Router::confirm_marks() {
  if (source_) ROLLPROOF_TRY(source_->marked());
  if (target_) ROLLPROOF_TRY(target_->marked());
  return {};
}

Result<bool> Router::is_same_in_both(std::string_view key) {
  const std::lock_guard hold(mutex_);
  ROLLPROOF_ASSIGN(const auto in_source, source_->get(key));
  ROLLPROOF_ASSIGN(const auto in_target, target_->get(key));
  return in_source == in_target;
}

Status Router::switch_route(Route to, const SwitchOptions& options) {
  std::unique_lock lock(mutex_);
  const State& state = ledger_.state();
  if (state.route == to) return {};
  // Before anybody waits for the switch.
  if (!answers_from_source(to)) ROLLPROOF_TRY(stamp_target(ledger_, true));
  os::Clock& clock = ledger_.world().clock;
  const int64_t began_ms = clock.monotonic_ms();
  const uint64_t generation = ++holds_;
  if (options.check) {
    // Writers wait for the hold and not for the mutex: however long the look takes, they wait no longer than they were promised.
    hold_ = Hold{generation, began_ms + options.hold_ms_max};
    lock.unlock();
    if (options.held) options.held();
    auto checked = options.check();
    lock.lock();
    const bool valid = hold_ && hold_->generation == generation && clock.monotonic_ms() < hold_->ends_ms;
    hold_.reset();
    ROLLPROOF_TRY(std::move(checked));
    if (!valid) {
      return fail(Code::stopped, fmt::format("the hold of new writes expired after {} ms, before the commit record: nothing was switched", options.hold_ms_max), "",
                  "`rollproof migrate --execute` tries again.");
    }
  }
  if (broken_) return fail(Code::refused, "a store failed earlier in this session", "", "Run `rollproof recover`.");
  if (!answers_from_source(to) && state.following != Following::live) {
    return fail(Code::refused, "the target does not follow the journal yet");
  }
  if (source_behind_ || target_behind_ || opens_ == Opens::what_answers) {
    return fail(Code::stopped, fmt::format("the {} has not applied every write", source_behind_ || source_ == nullptr ? "source" : "target"), "",
                "Run `rollproof recover`: it replays the journal into it.");
  }
  // The position of the way back is this one: both stores have applied everything up to it, and it is recorded with the switch itself.
  return ledger_.record({Json{{"type", "route"}, {"route", name_of(to)}, {"epoch", state.epoch + 1}, {"way_back_position", ledger_.last()}, {"hold", generation}}});
}

Status Router::write_target_first(const record::Batch& batch) {
  ROLLPROOF_TRY(ledger_.record_changes(batch));
  for (store::Store* store : {target_.get(), source_.get()}) {
    if (store == nullptr) continue;
    if (auto applied = store->apply(batch); !applied) {
      broken_ = true;
      return applied;
    }
  }
  return {};
}

Status Router::try_way_back(const std::string& key, const std::string& value) {
  const std::lock_guard hold(mutex_);
  if (broken_ || ledger_.state().following != Following::live) return fail(Code::refused, "the target does not follow the journal");
  ROLLPROOF_TRY(write_target_first({{record::Change::Kind::put, key, value}}));
  ROLLPROOF_ASSIGN(const auto arrived, source_->get(key));
  ROLLPROOF_TRY(write_target_first({{record::Change::Kind::remove, key, ""}}));
  ROLLPROOF_ASSIGN(const auto left, source_->get(key));
  if (arrived == value && !left) return {};
  return fail(Code::differs, arrived == value ? "a removal did not get back to the source" : "a write did not get back to the source",
              ledger_.config().source.path);
}

Status Router::remove_probe(const std::string& key) {
  const std::lock_guard hold(mutex_);
  store::Store& one = source_ ? *source_ : *target_;
  ROLLPROOF_ASSIGN(const auto left, one.get(key));
  if (!left) return {};
  return write_target_first({{record::Change::Kind::remove, key, ""}});
}

Status Router::close() {
  const std::lock_guard hold(mutex_);
  if (!ledger_.state().active) {
    if (source_) ROLLPROOF_TRY(source_->close());
    if (target_) ROLLPROOF_TRY(target_->close());
    source_.reset();
    target_.reset();
    return ledger_.end_session();
  }
  const bool source_answers = answers_from_source(ledger_.state().route);
  const bool failed = broken_ || source_behind_ || target_behind_;
  const Status closed = failed ? Status() : record_checkpoint(true);
  if (!closed && !failure_) failure_ = closed.error();
  const bool follower_failed = failed ? !broken_ && !(source_answers ? source_behind_ : target_behind_) : !closed && is_of_follower(ledger_, closed.error());
  if (failed || !closed) {
    // A store that failed gets no clean record: the next open replays the journal into it.
    (source_answers ? target_ : source_).reset();
    const Status answering = follower_failed ? close_answering() : Status();
    source_.reset();
    target_.reset();
    if (!answering) return answering;
    if (!failed) return closed;
    const std::string why = failure_ ? " (" + failure_->to_string() + ")" : "";
    return fail(Code::stopped, "a store failed in this session" + why + "; what it lacks is in the journal", failure_ ? failure_->path : "", "Run `rollproof recover`.");
  }
  source_.reset();
  target_.reset();
  // A store that was left unopened is still as an interruption left it.
  if (opens_ != Opens::both && ledger_.interrupted()) return {};
  return ledger_.end_session();
}

}  // namespace rollproof::migrate
