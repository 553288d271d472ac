#include "lib/migrate/session.h"

#include "lib/os/paths.h"

namespace rollproof::migrate {

Result<std::unique_ptr<Session>> Session::open(os::World& world, const std::string& config_path, const SessionOptions& options,
                                               const std::vector<incident::Event>* parsed) {
  ROLLPROOF_ASSIGN(const Config config, read_config(world.files, config_path));
  ROLLPROOF_ASSIGN(auto ledger, Ledger::open(world, config, options.ledger, parsed));
  return std::unique_ptr<Session>(new Session(std::move(ledger), options));
}

Result<Router*> Session::need_router(Opens opens) {
  if (state().replacement) return fail(Code::stopped, "a restored source is not in its place yet", state().replacement->ready, "Run `rollproof recover`.");
  if (router_ && opens == Opens::both && opens_ == Opens::source_only) ROLLPROOF_TRY(close_router());
  if (!router_) {
    ROLLPROOF_ASSIGN(router_, Router::open(*ledger_, options_.check, opens));
    opens_ = opens;
  }
  return router_.get();
}

Status Session::close_router() {
  if (!router_) return {};
  auto closed = router_->close();
  router_.reset();
  return closed;
}

Status Session::settle_closed() {
  if (ledger_->interrupted()) ROLLPROOF_TRY(need_router());
  return close_router();
}

Status Session::close() {
  // The seal of the journal may only follow stores that were closed: what an earlier session left open is opened, mended and closed.
  if (ledger_->interrupted()) ROLLPROOF_TRY(need_router());
  ROLLPROOF_TRY(close_router());
  if (state().in_session) {
    return fail(Code::stopped, "a store could not be opened or closed; the journal knows it as interrupted", config().path, "Run `rollproof recover`.");
  }
  return ledger_->close();
}

Status Session::check_cancelled() {
  if (state().operation && state().operation->kind == "rollback") return {};
  if (!answers_from_source(state().route)) return {};
  ROLLPROOF_ASSIGN(const bool requested, ledger_->cancel_requested());
  if (!requested && !(options_.cancelled && options_.cancelled())) return {};
  return fail(Code::cancelled, "stopped on request", "", "`rollproof migrate --execute` goes on from here, `rollproof rollback --execute` goes back.");
}

}  // namespace rollproof::migrate
