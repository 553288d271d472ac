#include "lib/rollback/recover.h"

#include <fmt/format.h>

#include "lib/backup/take.h"
#include "lib/base/out_of_memory.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/rollback/restore_source.h"
#include "lib/rollback/rollback.h"

namespace rollproof::rollback {
namespace {

// Nothing was interrupted, and still a person has to act: said again, with what was found then and what to type.
Error the_safe_stop(const migrate::Config& config, const migrate::State& state) {
  const auto& event = state.safe_stop_event;
  return {Code::needs_person, "stopped safely before, and nothing has been done about it yet: " + event.value("message", std::string()),
          migrate::from_recorded(config, event.value("path", std::string())), event.value("next", std::string())};
}

// A migration that was taken up again has done so itself, if it came as far as its backup.
Status clear_unfinished_backup(os::World& world, const std::string& root) {
  ROLLPROOF_TRY(backup::clear_leftovers(world, root));
  return world.files.sync_directory(root);
}

Result<Recovered> look_and_finish(os::World& world, const std::string& config_path, migrate::SessionOptions options) {
  // The history is read twice, before and under the lock.
  if (!options.ledger.read) options.ledger.read = std::make_shared<incident::ReadEvents>();
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world.files, config_path));
  // While somebody is at work nothing can be said about what is left to do, however it looks between two of his records.
  ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  if (holder) return fail(Code::locked, "held by " + *holder, config.state_directory(), "Wait for it; `rollproof status` shows how far it is.");
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config, options.ledger.read.get()));
  ROLLPROOF_TRY(migrate::check_trail_has_journal(world, config, view.journal.exists));
  if (auto other = migrate::names_other_stores(config, view.state)) return fail(std::move(*other));
  ROLLPROOF_ASSIGN(const bool unfinished_backup, backup::has_leftovers(world, config.backups));
  ROLLPROOF_ASSIGN(const bool unfinished_files, migrate::has_leftovers(world, config, view.state));
  const bool leftovers = unfinished_backup || unfinished_files;
  ROLLPROOF_ASSIGN(const bool half_restored, os::exists(world.files, migrate::ready_path(config)));
  const bool at_rest = !half_restored && (!view.journal.exists || (view.journal.clean && !view.state.operation && !view.state.in_session && !view.state.replacement));
  // Also where the command that stopped died behind its last word, before the journal was closed.
  const bool stands = !half_restored && !view.state.operation && !view.state.replacement;
  const std::optional<Error> stopped = stands && view.state.active && view.state.safe_stop ? std::optional(the_safe_stop(config, view.state)) : std::nullopt;
  // Damaged, or brought back by an old copy of the folder: whoever reads the trail is told what was.
  bool trail_differs = false;
  if (at_rest && view.journal.exists) {
    ROLLPROOF_ASSIGN(trail_differs, migrate::renderings_differ(world, config, view.events));
  }
  if (at_rest && !leftovers && !trail_differs && !view.ended_id && !view.state.behind) {
    if (stopped) return fail(*stopped);
    return Recovered{false, "nothing to do: nothing was interrupted", ""};
  }
  options.ledger.take_out_ended_id = true;
  options.ledger.keeps_request = true;
  ROLLPROOF_ASSIGN(auto session, migrate::Session::open(world, config, options));
  Recovered recovered{true, "replayed the journal into the stores", ""};
  const bool replacing = session->state().replacement.has_value();
  Status outcome = finish_replacement(*session);
  if (replacing) recovered.did = "put the restored source into its place";
  if (!outcome) {
    // Reported below.
  } else if (session->state().operation) {
    const migrate::Operation operation = *session->state().operation;
    recovered.did = "finished the " + operation.kind + " " + operation.id;
    recovered.finished = operation.kind;
    outcome = operation.kind == "rollback" ? resume_rollback(*session) : migrate::resume_migrate(*session);
  } else if (session->state().active && (session->state().in_session || session->state().behind)) {
    // Opening the stores is what replays. Where nobody had them open there is nothing to replay, and maybe no backup of the source yet.
    if (auto router = session->need_router(); !router) outcome = fail(std::move(router).error());
  } else if (!replacing) {
    recovered.did = view.ended_id ? fmt::format("took the id of migration {}, which has ended, out of the configuration", config.migration_id)
                    : leftovers || half_restored ? "cleared what the last command left behind" : "rendered audit trail and notifications anew from the journal";
  }
  if (outcome && unfinished_backup) outcome = clear_unfinished_backup(world, config.backups);
  if (!outcome) {
    if (session->state().safe_stop && outcome.error().hint.empty()) outcome.error().hint = session->state().safe_stop_event.value("next", std::string());
    // The first error is the one to report; closing only has to leave the journal as sound as it can be.
    // Where a store is held by another program for a while, that is why nothing could be closed.
    if (auto closed = session->close(); !closed && outcome.error().code != Code::locked) outcome.error().message += "; then: " + closed.error().to_string();
    return fail(std::move(outcome).error());
  }
  ROLLPROOF_TRY(session->close());
  if (stopped) return fail(*stopped);
  return recovered;
}

}  // namespace

Result<Recovered> recover(os::World& world, const std::string& config_path, const migrate::SessionOptions& options) {
  // A session that memory ran out in ends here without having written anything more.
  return within_memory([&] { return look_and_finish(world, config_path, options); });
}

}  // namespace rollproof::rollback
