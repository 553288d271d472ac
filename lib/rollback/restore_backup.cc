#include "lib/rollback/restore_backup.h"

#include <fmt/format.h>

#include "lib/backup/restore.h"
#include "lib/backup/verify.h"
#include "lib/base/out_of_memory.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/free_name.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {

using migrate::Session;

namespace {

// Two paths of one folder.
Result<bool> is_same(os::FileSystem& files, const std::string& a, const std::string& b) {
  const auto first = files.stat(a), second = files.stat(b);
  if (!first || !second) return a == b;
  return first->identity == second->identity;
}

Result<const migrate::Seal*> seal_of(Session& session, const std::string& path) {
  for (const migrate::Seal* seal : session.state().sealed_backups()) {
    ROLLPROOF_ASSIGN(const std::string sealed, migrate::find_backup(session.world().files, session.config(), *seal));
    ROLLPROOF_ASSIGN(const bool same, is_same(session.world().files, sealed, path));
    if (same) return seal;
  }
  return fail(Code::refused, fmt::format("migration {} is active and has not sealed this backup: its journal can not say which writes came after it", session.state().migration),
              path, "Choose one of the migration's own (`rollproof backup list` marks them), or `rollproof rollback --execute` first.");
}

Status compare(Session& session, const record::CursorFactory& restored, Exchange& exchange) {
  const migrate::State& state = session.state();
  const migrate::Follower& follower = state.source_follower;
  const store::OpenOptions options = state.active ? store::OpenOptions{.interrupted = session.ledger().interrupted() || follower.as_left, .mark = follower.mark}
                                                  : store::OpenOptions{.interrupted = session.ledger().interrupted()};
  const auto opened = store::open_read_only(session.world(), session.config().source, options);
  if (!opened) {
    exchange.why_not_compared = opened.error().to_string();
    return {};
  }
  const auto comparison = record::compare(restored, [&] { return (*opened)->scan(); });
  if (comparison) {
    exchange.differing = comparison->difference_count();
    return {};
  }
  // The backup has been read to its end before; it is the source that can not be read.
  exchange.why_not_compared = comparison.error().to_string();
  return {};
}

// The backup's files as they are: they were closed when they were copied.
Result<store::Mark> make_copy(Session& session, const Exchange& exchange) {
  auto& world = session.world();
  const store::Where ready{session.config().source.kind, migrate::ready_path(session.config())};
  ROLLPROOF_TRY(clear_ready(session));
  ROLLPROOF_TRY(backup::restore_source_files(world, exchange.backup, ready.path));
  uint64_t records = 0;
  std::string digest;
  ROLLPROOF_TRY(backup::count_records(world, ready, records, digest));
  if (digest != exchange.manifest.source.digest) return fail(Code::backup_damaged, "what was restored does not have the digest of the backup's manifest", ready.path);
  ROLLPROOF_TRY(world.files.sync_directory(os::parent_of(ready.path)));
  return store::mark_of(world, ready);
}

Result<Exchange> plan(Session& session, const std::string& backup_path) {
  const migrate::State& state = session.state();
  if (state.operation) return fail(Code::stopped, "a " + state.operation->kind + " was begun and is not finished", "", "Run `rollproof recover`.");
  // One whose folder is gone can not be finished: another one takes its place.
  ROLLPROOF_ASSIGN(const bool unfinished, os::exists(session.world().files, migrate::ready_path(session.config())));
  if (state.replacement && unfinished) return fail(Code::stopped, "another restoration is not finished", "", "Run `rollproof recover`.");
  if (!state.active && state.outcome == "completed") {
    return fail(Code::refused, "the migration was completed: the target answers, and this would restore the source", session.config().source.path, "Restore into a folder of its own by hand.");
  }
  Exchange exchange{.backup = backup_path};
  const backup::Manifest* manifest = nullptr;
  ROLLPROOF_ASSIGN(const backup::Report report, backup::verify(session.world(), backup_path, backup::Depth::records));
  exchange.manifest = report.manifest;
  manifest = &exchange.manifest;
  if (manifest->source.kind != session.config().source.kind) {
    return fail(Code::invalid, fmt::format("the backup is of a {} store, the source is a {} store", manifest->source.kind, session.config().source.kind), backup_path,
                "Choose a backup of this source.");
  }
  // Folders move, and are named from wherever a command is typed: the last part of the name is what tells databases apart.
  const auto of = store::parse_where(manifest->source.where);
  if (!state.active && of && os::name_of_path(of->path) != os::name_of_path(session.config().source.path) && !session.options().accept_ordinary_damage) {
    return fail(Code::refused, fmt::format("the backup was taken of {}, the source is {}", manifest->source.where, session.config().source.to_string()), backup_path,
                "Choose a backup of this source (`rollproof backup list` says of what each is); if it is the same database under another name, add --yes.");
  }
  // Once it is decided the name is not chosen again: it has to be one that the source can take.
  ROLLPROOF_ASSIGN(exchange.aside, os::free_timed_name(session.world(), session.config().source.path + ".before-restore-"));
  record::CursorFactory restored = [&world = session.world(), backup_path] { return backup::scan(world, backup_path); };
  exchange.records = report.records;
  if (state.active) {
    ROLLPROOF_ASSIGN(const migrate::Seal* seal, seal_of(session, backup_path));
    ROLLPROOF_ASSIGN(exchange.expected, migrate::Expected::of_backup(session, *seal));
    exchange.replayed_keys = exchange.expected->written_keys();
    restored = [expected = exchange.expected.get()] { return expected->scan(); };
    ROLLPROOF_ASSIGN(auto cursor, restored());
    record::Record record;
    for (exchange.records = 0;; ++exchange.records) {
      ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
      if (!more) break;
    }
  }
  ROLLPROOF_TRY(compare(session, restored, exchange));
  return exchange;
}

Status exchange_now(Session& session, const Exchange& exchange) {
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().source));
  session.report({"backup", "restore"});
  auto mark = exchange.expected ? make_ready(session, *exchange.expected) : make_copy(session, exchange);
  if (!mark) {
    if (auto cleared = clear_ready(session); !cleared) mark.error().message += "; then: " + cleared.error().to_string();
    return fail(std::move(mark).error());
  }
  return put_in_place(session, "backup " + migrate::to_recorded(session.config(), exchange.backup), *mark, exchange.aside, "asked for by a person");
}

}  // namespace

Result<Exchange> plan_exchange(Session& session, const std::string& backup_path) {
  return within_memory([&] { return plan(session, backup_path); }, [&] { session.ledger().abandon(); });
}

Status exchange_source(Session& session, const Exchange& exchange) {
  return within_memory([&] { return exchange_now(session, exchange); }, [&] { session.ledger().abandon(); });
}

}  // namespace rollproof::rollback
