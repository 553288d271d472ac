#include "lib/rollback/steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/backup/take.h"
#include "lib/base/digest.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/foreign.h"
#include "lib/migrate/recorded_path.h"
#include "lib/rollback/leftovers.h"
#include "lib/rollback/restore_source.h"
#include "lib/rollback/target_left.h"

namespace rollproof::rollback {

using migrate::Following;
using migrate::Json;
using migrate::Opens;
using migrate::Phase;
using migrate::Route;
using migrate::Session;

namespace {

// A rollback that keeps the target's records needs a target that follows; one down to the source must not need the target at all.
Opens opens_for(const Session& session) {
  return session.state().operation->goal == "source" ? Opens::source_only : Opens::both;
}

Status remove_if_there(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) return {};
  ROLLPROOF_TRY(files.remove(path));
  return files.sync_directory(os::parent_of(path));
}

Result<record::Comparison> compare_source(Session& session, const migrate::Expected& expected) {
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  return record::compare([&] { return expected.scan(); }, [&] { return source->scan(); });
}

// Who asks for it, where the source has answered all the time: after a cutover the target's records are the ones that count.
bool may_take_over(const Session& session) { return session.options().take_over_foreign_writes && !session.state().target_answered; }

// The source has answered since the switch back and is not what it should be; the target, which follows, is. What was done is done again the next time.
Status answer_from_target_again(Session& session) {
  const migrate::State& state = session.state();
  if (!state.target_answered || !migrate::answers_from_source(state.route) || state.following != Following::live) return {};
  return session.ledger().record({Json{{"type", "route"}, {"route", name_of(Route::dual_target_first)}, {"epoch", state.epoch + 1}, {"way_back_position", session.ledger().last()}},
                                  Json{{"type", "phase_undone"}, {"phase", "rollback"}}});
}

Status prove_by_itself(Session& session, const std::vector<std::string>& why_not, Json& facts) {
  if (session.state().is_done(Phase::dual_write) && session.ledger().interrupted()) {
    return fail(Code::backup_damaged, fmt::format("the source can not be proven after the interruption: {}", fmt::join(why_not, "; ")),
                session.config().backups, fmt::format("Nothing was cleared. Put a good copy of the backup's file back, then run `{}`.", same_again(session)));
  }
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  ROLLPROOF_ASSIGN(auto cursor, source->scan());
  MultisetDigest digest;
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) break;
    digest.add(record.key, record.value);
  }
  facts["records"] = digest.count();
  facts["digest"] = digest.hex();
  facts["compared_with"] = "itself";
  facts["why_not_with_a_copy"] = why_not;
  const auto inventory = session.state().seals.find("inventory");
  if (session.state().last_change != 0 || inventory == session.state().seals.end()) return {};
  if (inventory->second.facts.at("digest").get<std::string>() == digest.hex()) return {};
  return fail(Code::differs, "nothing was written, and the source's records are not those of the inventory", session.config().source.path,
              "Nothing was cleared. `rollproof status` shows where things stand.");
}

// The files are those that were closed and proven, also if this rollback died in between: nobody opens the source again, and behind its end no
// mark or fingerprint is left that would miss one of them.
Status check_still_proven(Session& session) {
  const store::Fingerprint& proven = session.state().source_follower.fingerprint;
  if (proven.files.empty()) return {};
  const store::Where& source = session.config().source;
  ROLLPROOF_ASSIGN(const store::Fingerprint found, store::take_fingerprint(session.world(), source, &proven));
  const auto different = store::differences(proven, found);
  if (different.empty()) return {};
  return fail(Code::corruption, fmt::format("changed or damaged since the source was proven: it {}", different.front().what), os::join(source.path, different.front().name),
              fmt::format("Put a good copy of the file back, then run `{}`: it looks at everything again.", same_again(session)));
}

}  // namespace

Status free_reserve(Session& session) {
  return remove_if_there(session.world().files, os::join(session.config().state_directory(), migrate::kReserveFile));
}

Status prove_untouched(Session& session, Json& facts) {
  if (session.state().source_follower.fingerprint.files.empty()) {
    facts["files"] = "validate took no fingerprint: it did not get that far";
    return {};
  }
  const auto untouched = migrate::check_source_untouched(session.ledger());
  if (!untouched && untouched.error().code != Code::refused) return untouched;
  // Somebody else's write is his own affair: this migration has opened nothing for writing.
  facts["files"] = untouched ? "as validate found them" : untouched.error().message;
  facts["unchanged"] = untouched.has_value();
  if (untouched) return {};
  ROLLPROOF_ASSIGN(const auto damage, damage_of_source(session));
  if (damage) {
    facts["damage"] = damage->to_string();
    return {};
  }
  // Where the records are the same, the changed files are named in the trail: around the records nobody can tell an edit from damage.
  ROLLPROOF_ASSIGN(const migrate::ForeignWork work, migrate::look_at_changed_source(session));
  facts["records_unchanged"] = work == migrate::ForeignWork::same_records;
  return {};
}

// Before the source is opened for writing: opening a damaged LevelDB changes it, and may compact the damage into new files.
Status check_source(Session& session, Json& facts) {
  ROLLPROOF_TRY(finish_replacement(session));
  // Before anything is taken over from the source: the same record may have been written to the target, and would be written over there.
  if (session.options().take_over_foreign_writes && session.state().target_opened && !session.state().target_left && session.router_if_open() == nullptr) {
    ROLLPROOF_ASSIGN(std::vector<Json> theirs, foreign_records_in_target(session));
    if (!theirs.empty()) ROLLPROOF_TRY(session.ledger().record(std::move(theirs)));
  }
  const bool closed_by_us = !session.ledger().interrupted() && !session.state().source_follower.fingerprint.files.empty();
  const Status untouched = closed_by_us ? migrate::check_source_untouched(session.ledger()) : Status{};
  if (closed_by_us && untouched) {
    facts["files"] = "as they were left";
    return {};
  }
  ROLLPROOF_ASSIGN(const auto damage, damage_of_source(session));
  if (damage) return replace_source(session, *damage, facts);
  // What could not be looked at for a moment has not changed for that.
  if (!untouched && !may_be_damage(untouched.error().code)) return untouched;
  if (closed_by_us && session.state().seals.contains("backup")) {
    const auto work = migrate::look_at_changed_source(session);
    if (!work && work.error().code == Code::corruption) return replace_source(session, work.error(), facts);
    if (!work) return fail(work.error());
  }
  // After the cutover the source decides nothing: what another program has written to it goes aside with it, if its owner says so.
  if (closed_by_us && !migrate::answers_from_source(session.state().route) && session.options().take_over_foreign_writes) {
    ROLLPROOF_ASSIGN(const migrate::ForeignWork work, migrate::look_at_changed_source(session));
    if (work != migrate::ForeignWork::same_records) return replace_source(session, {Code::refused, "another program wrote to it after the cutover", session.config().source.path, ""}, facts);
  }
  facts["files"] = "every record was read";
  return {};
}

Status settle(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router(opens_for(session)));
  // A copy that was under way is given up; a target that stays has to follow again.
  if (opens_for(session) == Opens::both && session.state().following == Following::paused) ROLLPROOF_TRY(router->drain_and_follow());
  ROLLPROOF_TRY(router->remove_probe(migrate::probe_key(session.state())));
  facts["position"] = session.ledger().last();
  return {};
}

Status switch_back(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(migrate::Router * router, session.need_router(opens_for(session)));
  ROLLPROOF_TRY(router->switch_route(Route::dual_source_first));
  facts["epoch"] = session.state().epoch;
  return {};
}

Status prove_source(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.need_router(opens_for(session)));
  ROLLPROOF_TRY(session.close_router());
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(auto expected, migrate::Expected::best(session, why_not));
  // Then the source stands for itself: nothing but the journal's writes has been applied to it, its files were compared with what we
  // left when it was opened, and every record has just been read, checksums verified.
  if (!expected) return prove_by_itself(session, why_not, facts);
  auto compared = compare_source(session, *expected);
  if (!compared && may_be_damage(compared.error().code)) {
    ROLLPROOF_ASSIGN(const auto damage, damage_of_source(session));
    if (!damage) return fail(std::move(compared).error());
    ROLLPROOF_TRY(replace_source(session, *damage, facts));
    compared = compare_source(session, *expected);
  }
  if (compared && !compared->equal() && may_take_over(session)) {
    ROLLPROOF_TRY(migrate::take_over_unseen_writes(session));
    ROLLPROOF_ASSIGN(expected, migrate::Expected::best(session, why_not));
    if (!expected) return prove_by_itself(session, why_not, facts);
    compared = compare_source(session, *expected);
  }
  // Behind the cutover it decides nothing: as in check_source, where its files had shown it.
  if (compared && !compared->equal() && session.options().take_over_foreign_writes && session.state().target_answered) {
    ROLLPROOF_TRY(replace_source(session, {Code::refused, "another program wrote to it while a session was interrupted", session.config().source.path, ""}, facts));
    compared = compare_source(session, *expected);
  }
  ROLLPROOF_ASSIGN(const record::Comparison comparison, std::move(compared));
  facts["records"] = comparison.right.count();
  facts["digest"] = comparison.right.hex();
  facts["compared_with"] = expected->name();
  facts["written_since"] = expected->written_keys();
  ROLLPROOF_TRY(session.ledger().record({Json{{"type", "seal"}, {"seal", "source"}, {"passed", comparison.equal()},
                                              {"position", session.ledger().last()}, {"facts", facts}}}));
  if (comparison.equal()) return {};
  ROLLPROOF_TRY(answer_from_target_again(session));
  return fail(Code::differs, fmt::format("the source differs from {} and journal in {} records", expected->name(), comparison.difference_count()),
              session.config().source.path, session.state().target_answered ? "Nothing was cleared; the target still holds every record, and answers. `rollproof verify` lists the keys. `rollproof --yes rollback --execute` sets the source aside, makes it anew from backup and journal, and goes back to that."
                                              : "Nothing was cleared. Another program wrote to it while a session was interrupted: `rollproof --yes rollback --execute` takes its writes over and goes back.");
}

Status user_checks(Session& session, Json& facts) { return migrate::run_user_checks(session, migrate::UserCheck::When::rollback, facts); }

// What a phase that is taken back has left where it died: nobody comes back for it.
Status clear_scratch(Session& session) {
  os::FileSystem& files = session.world().files;
  const std::string scratch = os::join(session.config().state_directory(), "scratch");
  ROLLPROOF_TRY(migrate::clear_check_copies(session));
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, scratch));
  if (!there) return {};
  ROLLPROOF_TRY(os::remove_tree(files, scratch));
  return files.sync_directory(session.config().state_directory());
}

Status undo_phases_after(Session& session, const std::string& goal) {
  ROLLPROOF_TRY(check_still_proven(session));
  ROLLPROOF_TRY(clear_scratch(session));
  std::vector<Json> events;
  for (const Phase phase : migrate::kPhases) {
    if (phase > migrate::phase_named(goal)) events.push_back(Json{{"type", "phase_undone"}, {"phase", name_of(phase)}});
  }
  return session.ledger().record(std::move(events));
}

Status source_only(Session& session, Json& facts) {
  ROLLPROOF_TRY(check_still_proven(session));  // the target still holds every record
  if (session.state().route != Route::source_only || session.state().following != Following::none) {
    // The stores are closed: this is a decision about the next writer, made durable before anything is removed.
    ROLLPROOF_TRY(session.close_router());
    ROLLPROOF_ASSIGN(std::vector<Json> events, decide_about_target(session));
    events.push_back(Json{{"type", "route"}, {"route", name_of(Route::source_only)}, {"epoch", session.state().epoch + 1}});
    events.push_back(Json{{"type", "follow"}, {"following", "none"}, {"position", session.ledger().last()}});
    ROLLPROOF_TRY(session.ledger().record(std::move(events)));
  }
  // The source was closed before it was proven, and the target counts no more: nothing is left of an interrupted session.
  if (session.state().in_session) ROLLPROOF_TRY(session.ledger().end_session());
  facts["epoch"] = session.state().epoch;
  return {};
}

Status remove_migrated(Session& session, Json& facts) {
  auto& files = session.world().files;
  ROLLPROOF_ASSIGN(std::string why_left, why_target_is_left(session));
  if (why_left.empty() && session.state().target_opened && !session.state().target_aside.empty()) {
    ROLLPROOF_TRY(put_unread_target_aside(session));
    ROLLPROOF_ASSIGN(why_left, why_target_is_left(session));
    if (why_left.empty()) {
      facts["target_aside"] = session.state().target_aside;
      session.note(fmt::format("the target can not be read and is not as we left it: another program may have written to it, so it is kept at {}", migrate::from_recorded(session.config(), session.state().target_aside)));
      return {};
    }
  }
  if (why_left.empty() && session.state().target_opened) {
    // Somebody may have come since it was decided that the target goes.
    ROLLPROOF_ASSIGN(std::vector<Json> theirs, foreign_records_in_target(session));
    if (!theirs.empty()) {
      ROLLPROOF_TRY(session.ledger().record(std::move(theirs)));
      ROLLPROOF_ASSIGN(why_left, why_target_is_left(session));
    }
  }
  if (!why_left.empty()) {
    facts["target_left"] = why_left;
    if (session.state().target_unseen) take_ours_out_of_left_target(session);
    session.note(fmt::format("the target is left as it is, at {}: {}", session.config().target.path, why_left));
    return {};
  }
  if (!session.state().target_opened) return {};  // nothing of ours is there
  const std::string marker = migrate::marker_path(session.config());
  // A folder that was there before is its owner's: with our marker in it, it does not go with the last file of the store.
  if (session.state().target_existed) {
    ROLLPROOF_ASSIGN(const bool folder_there, os::is_folder(files, session.config().target.path));
    ROLLPROOF_ASSIGN(const bool marker_there, os::exists(files, marker));
    if (folder_there && !marker_there) ROLLPROOF_TRY(migrate::write_marker(files, session.config(), session.state().migration));
  }
  return store::destroy(session.world(), session.config().target);
}

Status release_claims(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(const std::string why_left, why_target_is_left(session));
  ROLLPROOF_TRY(clear_script_leftovers(session, why_left.empty(), facts));
  auto& files = session.world().files;
  const std::string& target = session.config().target.path;
  ROLLPROOF_ASSIGN(const bool folder_there, os::is_folder(files, target));
  ROLLPROOF_ASSIGN(const bool something_there, os::exists(files, target));
  if (something_there && !folder_there) session.note(fmt::format("{} is not the folder that it was (a link that leads nowhere, or something else in its place): what was migrated to that one is still in it, and can be removed", target));
  ROLLPROOF_ASSIGN(const migrate::TargetClaim claim, migrate::target_claim(files, session.config(), session.state().migration));
  if (folder_there && claim.by != migrate::TargetClaim::By::another) {
    ROLLPROOF_TRY(remove_if_there(files, migrate::marker_path(session.config())));
    ROLLPROOF_TRY(remove_if_there(files, migrate::marker_path(session.config()) + ".tmp"));
    if (!session.state().target_existed) {
      ROLLPROOF_ASSIGN(const auto left, files.list(target));
      if (left.empty()) ROLLPROOF_TRY(os::remove_empty_folder(files, target));
    }
  }
  ROLLPROOF_TRY(free_reserve(session));
  ROLLPROOF_TRY(clear_scratch(session));
  ROLLPROOF_TRY(backup::clear_leftovers(session.world(), session.config().backups));
  ROLLPROOF_TRY(remove_if_there(files, os::join(session.config().state_directory(), migrate::kCancelFile)));
  ROLLPROOF_ASSIGN(const std::string unfinished, os::temporary_of(files, session.config().path));
  ROLLPROOF_TRY(remove_if_there(files, unfinished));
  return migrate::remove_migration_id(files, session.config().path);
}

Status verify_restored(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(const bool target_there, store::is_there(session.world(), session.config().target));
  ROLLPROOF_ASSIGN(const std::string why_left, why_target_is_left(session));
  if (target_there && !why_left.empty()) facts["target_left"] = why_left;
  if (!session.state().target_left && !session.state().target_aside.empty()) facts["target_aside"] = migrate::from_recorded(session.config(), session.state().target_aside);
  if (target_there && why_left.empty()) return fail(Code::differs, "the target still holds migrated records", session.config().target.path, "Run `rollproof recover`.");
  ROLLPROOF_ASSIGN(migrate::Config config, migrate::read_config(session.world().files, session.config().path));
  if (!config.migration_id.empty()) {
    // Saved once more by somebody who had read it before.
    ROLLPROOF_TRY(migrate::remove_migration_id(session.world().files, session.config().path));
    ROLLPROOF_ASSIGN(config, migrate::read_config(session.world().files, session.config().path));
  }
  facts["configuration_as_sealed"] = sha256_hex(config.sealed_text) == session.state().config_sha256;
  if (session.state().nothing_started()) return {};  // the source is as its owner has it
  ROLLPROOF_TRY(check_still_proven(session));
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(session.world(), session.config().source));
  for (const auto& problem : inspection.problems) {
    if (problem.ordinary) continue;
    return fail(Code::corruption, fmt::format("source file {}: {}", problem.file, problem.what), session.config().source.path);
  }
  return {};
}

Status end_migration(Session& session, Json&) {
  Json end{{"type", "operation_end"}, {"operation", "rollback"}, {"operation_id", session.state().operation->id}, {"result", "success"}, {"exit_code", 0}};
  return session.ledger().record({std::move(end), Json{{"type", "migration_end"}, {"outcome", "rolled_back"}}});
}

}  // namespace rollproof::rollback
