#include "lib/migrate/session.h"

#include <fmt/format.h>

#include "lib/base/out_of_memory.h"
#include "lib/migrate/foreign.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {

Result<std::unique_ptr<Session>> Session::open(os::World& world, const std::string& config_path, const SessionOptions& options) {
  ROLLPROOF_ASSIGN(const Config config, within_memory([&] { return read_config(world.files, config_path); }));
  return open(world, config, options);
}

Result<std::unique_ptr<Session>> Session::open(os::World& world, const Config& config, const SessionOptions& options) {
  return within_memory([&]() -> Result<std::unique_ptr<Session>> {
    ROLLPROOF_ASSIGN(auto ledger, Ledger::open(world, config, options.ledger));
    return std::unique_ptr<Session>(new Session(std::move(ledger), options));
  });
}

Result<Router*> Session::need_router(Opens opens) {
  return within_memory([&] { return open_router(opens); }, [this] { ledger_->abandon(); });
}

Result<Router*> Session::open_router(Opens opens) {
  if (state().replacement) return fail(Code::stopped, "a restored source is not in its place yet", ready_path(config()), "Run `rollproof recover`.");
  if (router_ && opens == Opens::both && opens_ != Opens::both) ROLLPROOF_TRY(close_router());
  if (router_) return router_.get();
  users_write_ = opens == Opens::what_answers;
  opens_ = users_write_ ? Opens::both : opens;
  auto opened = open_settling(opens_, "");
  if (!opened && users_write_ && is_done_without(opened.error())) {
    const Error why = std::move(opened).error();
    if (state().in_session) ledger_->count_as_interrupted();
    opens_ = Opens::what_answers;
    opened = open_settling(opens_, why.to_string());
    if (opened) note_behind(why);
  }
  ROLLPROOF_ASSIGN(router_, std::move(opened));
  const bool beside_a_rollback = users_write_ && state().operation && state().operation->kind == "rollback";
  if (beside_a_rollback && router_->target() != nullptr && state().following != Following::none) ROLLPROOF_TRY(stamp_target(*ledger_, !answers_from_source(state().route)));
  return router_.get();
}

void Session::note_behind(const Error& why) const {
  const bool of_source = answers_from_source(state().route);
  note(fmt::format("the {} does not get what is written now: {}; the {} and the journal have it. Once the {} is there again, `rollproof recover` brings it up to date; if it is lost, `rollproof rollback --execute` goes back",
                   of_source ? "target" : "source", why.to_string(), of_source ? "source" : "target", of_source ? "target" : "source"));
}

Result<std::unique_ptr<Router>> Session::open_settling(Opens opens, const std::string& why_alone) {
  auto opened = Router::open(*ledger_, options_.check, opens, why_alone);
  // Each store may have been changed by somebody else, and is settled once.
  for (int stores = 0; stores < 2 && !opened && opened.error().code == Code::refused; ++stores) {
    ROLLPROOF_TRY(settle_foreign_work(std::move(opened).error()));
    opened = Router::open(*ledger_, options_.check, opens, why_alone);
  }
  return opened;
}

// Whether the store that follows, and nothing else, is what could not be opened. One that is damaged is no matter of a while, and is said with an exit code.
bool Session::is_done_without(const Error& why) {
  if (!is_of_follower(*ledger_, why)) return false;
  if (why.code == Code::locked || why.code == Code::no_permission || why.code == Code::io || why.code == Code::no_space) return true;
  const auto there = store::is_there(world(), answers_from_source(state().route) ? config().target : config().source);
  return there && !*there;
}

Status Session::check_source() {
  auto untouched = check_source_untouched(*ledger_);
  if (untouched || untouched.error().code != Code::refused) return untouched;
  return settle_foreign_work(std::move(untouched).error());
}

Status Session::check_closed_stores() {
  ROLLPROOF_TRY(check_source());
  auto untouched = check_target_untouched(*ledger_);
  if (untouched || untouched.error().code != Code::refused) return untouched;
  return settle_foreign_work(std::move(untouched).error());
}

namespace {

// What to type when another program has changed the records of the source.
std::string way_on_from_foreign_writes(os::FileSystem& files, const Config& config, const State& state) {
  // Without a backup nothing rests on the records of before yet.
  if (!state.seals.contains("backup")) {
    return "Another program wrote to it, or cut it short. Run `rollproof validate` again: it seals what is there now. Or go back: `rollproof --yes rollback --execute` leaves it as it is.";
  }
  if (answers_from_source(state.route)) {
    return fmt::format("Another program wrote to it, or cut it short. `rollproof --yes migrate --phase {} --execute` takes over what is there now and goes on; `rollproof --yes rollback --execute` "
                       "takes it over and goes back.", name_of(state.is_done(Phase::dual_write) ? Phase::copy : Phase::dual_write));
  }
  std::string way = "Another program wrote to it after the cutover. `rollproof --yes rollback --execute` sets it aside, makes the source anew and goes back to it";
  const std::string backup = shown_backup(files, config, state.seals.at("backup"));
  const auto there = os::exists(files, backup);
  if (there && *there) way += fmt::format("; `rollproof backup restore {} --execute` makes it anew as well, and the target goes on answering", os::name_of_path(backup));
  return way + ".";
}

}  // namespace

// Success: the journal now says what is there, and opening can be tried again.
Status Session::settle_foreign_work(Error refusal) {
  const bool of_source = refusal.path == config().source.path;
  if (!state().active || ledger_->interrupted() || (!of_source && refusal.path != config().target.path)) return fail(std::move(refusal));
  auto found = of_source ? look_at_changed_source(*this) : look_at_changed_target(*this);
  // Of a store that is gone the comparison of its files has named what is missing.
  if (!found && found.error().code == Code::not_found) found = fail(Code::corruption, refusal.message, refusal.path);
  if (!found && found.error().code == Code::corruption) {
    found.error().hint = of_source ? "Nothing was changed. `rollproof rollback --execute` restores a damaged source from backup and journal."
                                   : "Nothing was changed. `rollproof rollback --execute` goes back to the source, every write that was made through rollproof is kept; then migrate again.";
  }
  ROLLPROOF_ASSIGN(const ForeignWork work, std::move(found));
  if (work == ForeignWork::same_records) return {};
  if (!of_source) {
    refusal.hint = "`rollproof verify` lists what differs; `rollproof rollback --execute` goes back to the source with every write that was made through rollproof; a target with records of others is left where it is.";
  } else if (work == ForeignWork::undecidable && options_.take_over_foreign_writes && goes_back_to_source() && !state().target_answered) {
    return leave_foreign_writes(*this);  // it has answered all the time, and its owner takes it as it is
  } else if (work == ForeignWork::undecidable && state().seals.contains("backup")) {
    refusal.message += "; nothing sound is left to tell which records it should hold";
    refusal.hint = "Nothing was changed. `rollproof backup list --verify` names what is damaged: put a good copy of that file back and run the command again.";
    if (answers_from_source(state().route) && !state().target_answered) refusal.hint += " Or go back: `rollproof --yes rollback --execute` leaves the source as it is now.";
  } else if (options_.take_over_foreign_writes && state().seals.contains("backup") && answers_from_source(state().route)) {
    return migrate::take_over_foreign_writes(*this);
  } else if (options_.take_over_foreign_writes && goes_back_to_source()) {
    return leave_foreign_writes(*this);
  } else {
    refusal.message += work == ForeignWork::other_records ? "; it holds other records than we left" : "; there is no backup yet to tell whether its records are those of before";
    refusal.hint = way_on_from_foreign_writes(world().files, config(), state());
  }
  return fail(std::move(refusal));
}

Status Session::close_router() {
  if (!router_) return {};
  auto closed = router_->close();
  router_.reset();
  return closed;
}

Status Session::check_reached() {
  ROLLPROOF_TRY(need_router());
  return close_router();
}

Status Session::settle_closed(Opens opens) {
  if (ledger_->interrupted() || state().behind) ROLLPROOF_TRY(need_router(opens));
  return close_router();
}

Status Session::close() {
  auto closed = ledger_->abandoned() ? Status(fail(out_of_memory())) : within_memory([this] { return close_all(); }, [this] { ledger_->abandon(); });
  if (ledger_->abandoned()) router_.reset();  // without a word to the disk
  return closed;
}

Status Session::close_all() {
  // The seal of the journal may only follow stores that were closed: what an earlier session left open is opened, mended and closed.
  // But not a source that a rollback has proven, and that nobody opens again before its end: the next recovery goes on behind that.
  const bool alone = opens_ == Opens::what_answers;  // the other one was not to be had
  if (ledger_->interrupted() && !has_proven_source() && !alone) ROLLPROOF_TRY(need_router());
  if (auto closed = router_ ? router_->close() : Status(); !closed) {
    const Error why = router_->failure().value_or(closed.error());
    router_.reset();
    if (!users_write_ || !is_of_follower(*ledger_, closed.error()) || !is_done_without(why)) return closed;
    note_behind(why);
    return ledger_->leave();
  }
  router_.reset();
  if (alone && state().in_session) return ledger_->leave();
  if (state().in_session) {
    return fail(Code::stopped, "a store could not be opened or closed; the journal knows it as interrupted", config().path, "Run `rollproof recover`.");
  }
  return ledger_->close();
}

bool Session::has_proven_source() const { return state().operation && state().steps_done.contains("rollback/prove-source"); }

bool Session::goes_back_to_source() const {
  const auto& operation = state().operation;
  return operation && operation->kind == "rollback" && operation->goal == "source" && answers_from_source(state().route);
}

bool Session::must_go_on() const {
  return (state().operation && state().operation->kind == "rollback") || !answers_from_source(state().route);
}

Status Session::check_safe_point() {
  ROLLPROOF_TRY(check_cancelled());
  if (must_go_on()) return {};
  os::MemoryGauge& gauge = world().memory;
  const uint64_t limit = config().memory_limit_bytes != 0 ? config().memory_limit_bytes : gauge.limit_bytes();
  if (limit == 0) return {};
  const uint64_t used = gauge.used_bytes();
  if (used <= limit / 100 * config().memory_limit_percent) return {};
  return fail(Code::stopped, fmt::format("memory: {} bytes are used, more than {} % of the limit of {}", used, config().memory_limit_percent, limit), "",
              "`rollproof migrate --execute` goes on from here once there is more memory, `rollproof rollback --execute` goes back.");
}

Status Session::check_cancelled() {
  if (must_go_on()) return {};
  ROLLPROOF_ASSIGN(const bool requested, ledger_->cancel_requested());
  if (!requested && !(options_.cancelled && options_.cancelled())) return {};
  return fail(Code::cancelled, "stopped on request", "", "`rollproof migrate --execute` goes on from here, `rollproof rollback --execute` goes back.");
}

}  // namespace rollproof::migrate
