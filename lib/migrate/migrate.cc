#include "lib/migrate/migrate.h"

#include <fmt/format.h>

#include "lib/base/digest.h"
#include "lib/base/out_of_memory.h"
#include "lib/base/time_text.h"
#include "lib/migrate/foreign.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

// Absent is fine, a file is not.
Status need_folder(os::FileSystem& files, const char* which, const std::string& path, const std::string& configuration) {
  const auto found = files.stat(path);
  if (!found || found->kind == os::Kind::directory) return {};
  return fail(Code::invalid, fmt::format("the {} is a file, not a folder", which), path,
              fmt::format("Correct \"{}\" in {}.", which, configuration));
}

Status begin_migration(Session& session) {
  const Config& config = session.config();
  ROLLPROOF_TRY(need_folder(session.world().files, "source", config.source.path, config.path));
  ROLLPROOF_TRY(need_folder(session.world().files, "target", config.target.path, config.path));
  // A mistyped path must not begin a migration: there would be no source to roll it back to.
  ROLLPROOF_ASSIGN(const bool source_there, store::is_there(session.world(), config.source));
  if (!source_there) return fail(Code::invalid, fmt::format("there is no {} store", config.source.kind), config.source.path, "Correct \"source\" in " + config.path + ".");
  ROLLPROOF_ASSIGN(const bool target_existed, os::exists(session.world().files, config.target.path));
  return session.ledger().record({Json{{"type", "migration_begin"},
                                       {"migration", new_id(session.world(), "mig")},
                                       {"source", config.source_text},
                                       {"target", config.target_text},
                                       {"config_sha256", sha256_hex(config.sealed_text)},
                                       {"target_existed", target_existed}}});
}

Status run_phases(Session& session, Phase through) {
  for (const Phase phase : kPhases) {
    if (phase > through) return {};
    if (session.state().is_done(phase)) continue;
    ROLLPROOF_TRY(run_steps(session, std::string(name_of(phase)), steps_of(phase)));
    ROLLPROOF_TRY(session.ledger().record({Json{{"type", "step_done"}, {"phase", name_of(phase)}, {"step", "done"}, {"facts", Json::object()}}}));
  }
  return {};
}

}  // namespace

bool is_left_open(Session& session, Code code) {
  if (code == Code::locked || code == Code::no_permission) return session.ledger().found_operation() || session.state().is_half_rolled_back();
  return code == Code::io || code == Code::no_space || code == Code::outcome_unknown;
}

std::string new_id(os::World& world, std::string_view prefix) {
  return fmt::format("{}-{}-{:06x}", prefix, file_time_text(world.clock.wall_ms()), world.identity.random64() & 0xffffff);
}

namespace {

Json end_event(const Session& session, const Status& outcome) {
  Json event{{"type", "operation_end"}};
  if (session.state().operation) {
    event["operation"] = session.state().operation->kind;
    event["operation_id"] = session.state().operation->id;
  }
  event["result"] = outcome ? "success" : outcome.error().code == Code::cancelled || outcome.error().code == Code::stopped ? "stopped" : "failed";
  event["exit_code"] = outcome ? 0 : static_cast<int>(exit_code_of(outcome.error().code, session.state()));
  if (!outcome) event["error"] = outcome.error().to_string();
  return event;
}

}  // namespace

Status end_operation(Session& session, Status outcome) {
  if (!outcome && is_left_open(session, outcome.error().code)) return outcome;
  ROLLPROOF_TRY(session.ledger().record({end_event(session, outcome)}));
  return outcome;
}

Status begin_operation(Session& session, Json begin) {
  std::vector<Json> events;
  if (session.state().operation) events.push_back(end_event(session, fail(Code::cancelled, "another command has taken over")));
  events.push_back(std::move(begin));
  return session.ledger().record(std::move(events));
}

namespace {

// What a rollback has stopped at says what is to be done, and is not covered by going on.
Error rollback_comes_first(const State& state) {
  Error error{Code::refused, "a rollback was begun and has not come to its end", "", "`rollproof rollback --execute` goes on with it."};
  if (!state.safe_stop) return error;
  error.message += ": it stopped for a person, " + state.safe_stop_event.value("message", std::string());
  error.path = state.safe_stop_event.value("path", std::string());
  if (const std::string next = state.safe_stop_event.value("next", std::string()); !next.empty()) error.hint = next;
  return error;
}

// Even if the phase is done, whatever else is under way: opening is what finds the writes of others, and who asks for them to be taken over has been
// told to run this phase. Before there is a backup nothing is opened for writing, and there is nothing to compare with.
Status look_for_foreign_writes(Session& session, Phase through) {
  const State& state = session.state();
  if (!session.options().take_over_foreign_writes || !state.active || !state.seals.contains("backup")) return {};
  if (through != Phase::copy && state.is_done(Phase::dual_write)) return {};
  ROLLPROOF_TRY(session.need_router());
  ROLLPROOF_TRY(session.close_router());
  if (!state.is_done(Phase::dual_write) || !answers_from_source(state.route)) return {};
  return take_over_unseen_writes(session);
}

Status begin_and_run(Session& session, const MigrateOptions& options) {
  if (session.state().operation && session.state().operation->kind != "migrate") {
    return fail(Code::refused, "a rollback was begun and is not finished", "", "Run `rollproof recover`.");
  }
  if (session.state().active && (session.state().safe_stop || session.state().is_half_rolled_back())) return fail(rollback_comes_first(session.state()));
  if (session.state().replacement) {
    return fail(Code::stopped, "a restored source is not in its place yet", ready_path(session.config()), "Run `rollproof recover`.");
  }
  ROLLPROOF_TRY(look_for_foreign_writes(session, options.through));
  if (session.state().active && session.state().is_done(options.through)) {
    // Nothing is to be done, and nobody is told so over stores that others have changed. Before there is a backup nothing is opened.
    return session.state().seals.contains("backup") ? session.check_reached() : Status();
  }
  ROLLPROOF_TRY(session.settle_closed());  // files are looked at and counted only when they are closed
  if (!session.state().active) ROLLPROOF_TRY(begin_migration(session));
  ROLLPROOF_TRY(begin_operation(session, Json{{"type", "operation_begin"},
                                              {"operation", "migrate"},
                                              {"operation_id", new_id(session.world(), "op")},
                                              {"through", name_of(options.through)},
                                              {"reason", options.reason}}));
  return resume_migrate(session);
}

}  // namespace

Status migrate(Session& session, const MigrateOptions& options) {
  return within_memory([&] { return begin_and_run(session, options); }, [&] { session.ledger().abandon(); });
}

Result<bool> validate(Session& session) {
  return within_memory([&]() -> Result<bool> {
    const State& state = session.state();
    if (state.active && state.is_done(Phase::validate)) {
      if (state.seals.contains("backup") || state.following != Following::none) return false;
      ROLLPROOF_TRY(session.ledger().record({Json{{"type", "phase_undone"}, {"phase", name_of(Phase::validate)}}}));
    }
    ROLLPROOF_TRY(migrate(session, {Phase::validate, "validate"}));
    return true;
  }, [&] { session.ledger().abandon(); });
}

Status resume_migrate(Session& session) {
  return within_memory([&]() -> Status {
    const auto goal = phase_named(session.state().operation->goal);
    if (!goal) return fail(Code::corruption, "the journal names an unknown phase: " + session.state().operation->goal);
    return end_operation(session, run_phases(session, *goal));
  }, [&] { session.ledger().abandon(); });
}

}  // namespace rollproof::migrate
