#include "lib/rollback/rollback.h"

#include <fmt/format.h>

#include "lib/base/out_of_memory.h"
#include "lib/incident/incident_id.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/rollback/restore_source.h"
#include "lib/rollback/steps.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Phase;
using migrate::Session;
using migrate::Step;

std::vector<Step> rollback_steps(const migrate::State& state, const std::string& goal) {
  const bool down_to_source = goal == "source";
  std::vector<Step> steps;
  if (down_to_source && state.nothing_started()) {
    // Neither store was ever opened for writing: whatever state the source is in, it is not our doing and nothing is to be put back.
    steps.push_back({"prove-untouched", "compare the source's files with the fingerprint of validate", prove_untouched, {}});
    steps.push_back({"release", "clear what validate has left", release_claims, {}});
    steps.push_back({"verify-restored", "look at the result as a stranger would", verify_restored, {}});
    steps.push_back({"end", "end the migration in the journal", end_migration, {}});
    return steps;
  }
  steps.push_back({"check-source", "look at the source before it is opened; if it is damaged, put a good one in its place", check_source, {}});
  steps.push_back({"settle", "open the source, replay every journaled write into it", settle, {}});
  if (!migrate::answers_from_source(state.route)) {
    steps.push_back({"switch-back", "one durable commit record: the source answers again", switch_back, {}});
  }
  steps.push_back({"prove-source", "compare the source, read from its files, with backup and journal", prove_source, {}});
  steps.push_back({"checks", "run your own checks on a copy of the source", user_checks, {}});
  if (!down_to_source) {
    steps.push_back({"undo-phases", "take back the verdicts of the later phases", [goal](Session& session, Json&) { return undo_phases_after(session, goal); }, {}});
    return steps;
  }
  steps.push_back({"source-only", "stop writing to the target", source_only, {}});
  steps.push_back({"remove-migrated", "remove the migrated records from the target", remove_migrated, {}});
  steps.push_back({"release", "take the migration's id out of configuration and target, give reserved space back", release_claims, {}});
  steps.push_back({"verify-restored", "look at the result as a stranger would", verify_restored, {}});
  steps.push_back({"end", "end the migration in the journal", end_migration, {}});
  return steps;
}

namespace {

// Half way back "nothing changed" would be wrong, whatever it is that stands in the way.
bool is_for_a_person(Session& session, Code code) {
  if (code == Code::corruption || code == Code::differs || code == Code::backup_damaged || code == Code::needs_person) return true;
  return session.state().is_half_rolled_back() && !migrate::is_left_open(session, code) && code != Code::stopped && code != Code::cancelled;
}

// The migration has ended and had changed nothing; that its source is damaged must not go unsaid all the same.
Status say_damage_found(const Session& session) {
  const auto facts = session.state().facts.find("rollback/prove-untouched");
  if (facts == session.state().facts.end() || !facts->second.contains("damage")) return {};
  return fail(Code::corruption, "the migration is ended and had changed nothing, but the source is damaged: " + facts->second.at("damage").get<std::string>(),
              session.config().source.path, "Restore the file from a copy of your own, then begin again with `rollproof validate`.");
}

Status run_to_its_end(Session& session) {
  const std::string goal = session.state().operation->goal;
  auto outcome = migrate::run_steps(session, "rollback", rollback_steps(session.state(), goal));
  // What was read wrong once is right the second time, and then nobody has to be woken; steps go on where they stopped. If they stop again it is the
  // first answer that says why.
  if (!outcome && is_for_a_person(session, outcome.error().code)) {
    const Error& error = outcome.error();
    ROLLPROOF_TRY(session.ledger().record({Json{{"type", "looked_again"}, {"code", name_of(error.code)}, {"message", error.message}, {"path", migrate::to_recorded(session.config(), error.path)}}}));
    if (migrate::run_steps(session, "rollback", rollback_steps(session.state(), goal))) outcome = {};
  }
  if (!outcome && is_for_a_person(session, outcome.error().code)) {
    Error& error = outcome.error();
    if (error.hint.empty()) error.hint = fmt::format("Put right what stands in the way, then run `{}` again.", same_again(session));
    ROLLPROOF_TRY(session.ledger().record({Json{{"type", "safe_stop"},
                                                {"code", name_of(error.code)},
                                                {"message", error.message},
                                                {"path", migrate::to_recorded(session.config(), error.path)},
                                                {"next", error.hint}}}));
    error.code = Code::needs_person;
  }
  if (outcome && !session.state().active) ROLLPROOF_TRY(say_damage_found(session));
  if (!session.state().operation) return outcome;  // the end step has journaled it together with the end of the migration
  return migrate::end_operation(session, std::move(outcome));
}

Json begin_event(Session& session, const RollbackOptions& options) {
  Json event{{"type", "operation_begin"},
             {"operation", "rollback"},
             {"operation_id", migrate::new_id(session.world(), "op")},
             {"to", options.to ? std::string(name_of(*options.to)) : "source"},
             {"reason", options.reason},
             {"incident", incident::incident_id(session.world().clock.wall_ms(), session.state().incidents)}};
  if (options.detected_ms) event["detected_ms"] = *options.detected_ms;
  return event;
}

Status begin_and_run(Session& session, const RollbackOptions& options) {
  if (!session.state().active) {
    return fail(Code::not_found, "there is no migration to roll back", session.config().path, "`rollproof status` shows where things stand.");
  }
  const auto reached = session.state().reached();
  if (options.to && (*options.to == Phase::validate || !reached || *options.to > *reached)) {
    return fail(Code::refused, fmt::format("can not roll back to the end of {}: reached is {}", name_of(*options.to),
                                           reached ? name_of(*reached) : "nothing"),
                "", "Without --to everything is rolled back to the source.");
  }
  if (options.to && session.state().following == migrate::Following::none) {
    return fail(Code::refused, fmt::format("can not roll back to the end of {}: a rollback to the source has begun to take the target away", name_of(*options.to)), session.config().target.path,
                "`rollproof rollback --execute` finishes it.");
  }
  // What another program writes while its database is taken away below it would be gone.
  if (!options.to && session.state().target_opened && session.router_if_open() == nullptr) ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().target));
  // The way back gets the reserved space before it needs any.
  ROLLPROOF_TRY(free_reserve(session));
  ROLLPROOF_TRY(migrate::begin_operation(session, begin_event(session, options)));
  return run_to_its_end(session);
}

}  // namespace

Status rollback(Session& session, const RollbackOptions& options) {
  return within_memory([&] { return begin_and_run(session, options); }, [&] { session.ledger().abandon(); });
}

Status resume_rollback(Session& session) {
  return within_memory([&] { return run_to_its_end(session); }, [&] { session.ledger().abandon(); });
}

}  // namespace rollproof::rollback
