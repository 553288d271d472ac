// Phase 5 (seed 003): the target answers. Every condition is looked at again, under the hold, before the one commit record.
#include <fmt/format.h>

#include <set>

#include "lib/backup/verify.h"
#include "lib/journal/changes.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/ours.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/recorded_path.h"

namespace rollproof::migrate {
namespace {

Status need_seal(const State& state, const char* kind) {
  const auto seal = state.seals.find(kind);
  if (seal != state.seals.end() && seal->second.passed) return {};
  return fail(Code::refused, fmt::format("there is no passed {} seal", kind), "", "Run `rollproof migrate --through prove --execute` first.");
}

// What was written since the comparison is read again from both stores: the check costs what has changed, not what there is.
Status recheck_written(Session& session, Router& router) {
  ROLLPROOF_ASSIGN(const std::set<std::string> keys, keys_written_since(session, session.state().seals.at("equivalence").position));
  for (const std::string& key : keys) {
    ROLLPROOF_ASSIGN(const bool same, router.is_same_in_both(key));
    if (!same) {
      return fail(Code::differs, fmt::format("record {} differs between source and target", key), session.config().target.path,
                  answers_from_source(session.state().route) ? "Run `rollproof verify` for the keys, then `rollproof migrate --phase copy --execute`: it keeps the target aside and fills it anew."
                                                             : "Run `rollproof verify` for the keys, then `rollproof rollback --execute`.");
    }
  }
  return {};
}

// What another program wrote while a session of ours was interrupted is in both stores, and in neither backup nor journal: a way back would end at it, or lose it.
Status check_way_back_gives_the_source(Session& session, const Seal& sealed, const std::string& verified) {
  ROLLPROOF_ASSIGN(const auto expected, Expected::of_verified_backup(session, sealed, verified));
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected->scan(); }, [&] { return source->scan(); }));
  if (comparison.equal()) return {};
  const Error found{Code::differs, fmt::format("the source differs from backup and journal in {} records: another program wrote to it while a session was interrupted", comparison.difference_count()),
                    session.config().source.path, "`rollproof --yes migrate --phase copy --execute` takes over what is there now and copies again; then migrate again."};
  ROLLPROOF_TRY(seal_difference(session, found));
  return fail(found);
}

// A session has died with the target open since it was compared: its files do not show who has written to it meanwhile, its records do.
Status compare_unseen_target(Session& session) {
  if (!session.state().target_unseen) return {};
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const journal::Position position = session.ledger().last();
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return router->source()->scan(); }, [&] { return router->target()->scan(); }));
  if (!comparison.equal()) {
    const Error found{Code::differs, fmt::format("source and target differ in {} records: another program wrote to the target while a session was interrupted", comparison.difference_count()),
                      session.config().target.path, "Run `rollproof verify` for the keys, then `rollproof migrate --phase copy --execute`: it keeps this target aside and copies again."};
    ROLLPROOF_TRY(seal_difference(session, found));
    return fail(found);
  }
  Json facts{{"records", comparison.left.count()}, {"source_digest", comparison.left.hex()}, {"target_digest", comparison.right.hex()}, {"differences", 0}};
  return session.ledger().record({Json{{"type", "seal"}, {"seal", "equivalence"}, {"passed", true}, {"position", position}, {"facts", std::move(facts)}}});
}

Status check_conditions(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  ROLLPROOF_TRY(session.check_closed_stores());  // who has written to one between two commands is to be named
  for (const char* kind : {"inventory", "backup", "equivalence", "way_back"}) ROLLPROOF_TRY(need_seal(session.state(), kind));
  if (!answers_from_source(session.state().route)) {
    // A process has died behind the commit record. What that rested on was looked at before it; and what the target was told since is not copied over.
    const auto before = session.state().facts.find("cutover/conditions");
    if (before != session.state().facts.end()) facts = before->second;
    return {};
  }
  // The newest: what a way back would take first.
  const Seal& sealed = *session.state().sealed_backups().front();
  ROLLPROOF_ASSIGN(const std::string path, find_backup(session.world().files, session.config(), sealed));
  ROLLPROOF_ASSIGN(const backup::Report report, backup::verify(session.world(), path, backup::Depth::records));
  if (report.digest != sealed.facts.at("digest").get<std::string>()) {
    return fail(Code::backup_damaged, "the backup is sound but not the one that was sealed", path, "Put the folder of the sealed one back into its place, then migrate again.");
  }
  ROLLPROOF_TRY(check_way_back_gives_the_source(session, sealed, path));
  ROLLPROOF_TRY(compare_unseen_target(session));
  facts["backup"] = to_recorded(session.config(), path);
  facts["backup_records"] = report.records;
  facts["quarantined"] = 0;  // the target's format holds every record
  return {};
}

Status switch_over(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const Status switched = router->switch_route(Route::dual_target_first, {.hold_ms_max = session.options().hold_ms_max,
                                                                .check = [&] { return recheck_written(session, *router); },
                                                                .held = [&] { session.report({"cutover", "hold"}); }});
  session.report({"cutover", "switch"});  // the hold is over, however it ended
  if (!switched && switched.error().code == Code::differs) ROLLPROOF_TRY(seal_difference(session, switched.error()));
  if (!switched) return switched;
  facts["epoch"] = session.state().epoch;
  return {};
}

Status final_check(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  ROLLPROOF_TRY(recheck_written(session, *router));
  facts["route"] = name_of(session.state().route);
  return {};
}

}  // namespace

std::vector<Step> cutover_steps() {
  return {
      {"conditions", "look at every condition again: equivalence, a backup that opens, the way back", check_conditions, {}, true},
      {"switch", "hold writes, drain, one durable commit record: the target answers", switch_over, {}},
      {"final-check", "read what was written last from both stores", final_check, {}},
  };
}

std::vector<Step> steps_of(Phase phase) {
  switch (phase) {
    case Phase::validate: return validate_steps();
    case Phase::dual_write: return dual_write_steps();
    case Phase::copy: return copy_steps();
    case Phase::prove: return prove_steps();
    case Phase::cutover: return cutover_steps();
  }
  return {};
}

}  // namespace rollproof::migrate
