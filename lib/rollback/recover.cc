#include "lib/rollback/recover.h"

#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/rollback/rollback.h"

namespace rollproof::rollback {
namespace {

// A lock file without a holder after the end of a migration, a configuration that was being replaced.
Result<bool> has_leftovers(os::World& world, const migrate::Config& config, const migrate::LedgerView& view) {
  if (view.state.active) return false;
  return os::exists(world.files, os::join(config.state_directory(), migrate::kLockFile));
}

}  // namespace

Result<Recovered> recover(os::World& world, const std::string& config_path, const migrate::SessionOptions& options) {
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world.files, config_path));
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config));
  if (!view.journal.exists) {
    ROLLPROOF_ASSIGN(const bool leftovers, has_leftovers(world, config, view));
    if (!leftovers) return Recovered{false, "nothing to do: no migration was ever begun here"};
  }
  if (view.journal.exists && view.journal.clean && !view.state.operation) {
    ROLLPROOF_ASSIGN(const bool leftovers, has_leftovers(world, config, view));
    if (!leftovers) return Recovered{false, "nothing to do: nothing was interrupted"};
  }
  ROLLPROOF_ASSIGN(auto session, migrate::Session::open(world, config_path, options));
  Recovered recovered{true, "replayed the journal into the stores"};
  Status outcome;
  if (session->state().operation) {
    const migrate::Operation operation = *session->state().operation;
    recovered.did = "finished the " + operation.kind + " " + operation.id;
    outcome = operation.kind == "rollback" ? resume_rollback(*session) : migrate::resume_migrate(*session);
  } else if (session->state().active) {
    // Opening the stores is what replays.
    if (auto router = session->need_router(); !router) outcome = fail(std::move(router).error());
  } else {
    recovered.did = "cleared what the last command left behind";
  }
  if (!outcome) {
    // The first error is the one to report; closing only has to leave the journal as sound as it can be.
    if (auto closed = session->close(); !closed) outcome.error().message += "; then: " + closed.error().to_string();
    return fail(std::move(outcome).error());
  }
  ROLLPROOF_TRY(session->close());
  return recovered;
}

}  // namespace rollproof::rollback
