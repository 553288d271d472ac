#include "lib/migrate/manual_backup.h"

#include <fmt/format.h>

#include "lib/backup/take.h"
#include "lib/base/out_of_memory.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/router.h"
#include "lib/record/equivalence.h"

namespace rollproof::migrate {

namespace {

// The newest sealed backup is what a way back rests on: a copy of a source that has lost records must not become it. Without an older one that
// can be read there is nothing to compare with.
Status compare_with_older(Session& session, const std::string& path) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, Expected::best(session, why_not));
  if (!expected) return {};
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected->scan(); }, [&] { return backup::scan(session.world(), path); }));
  if (comparison.equal()) return {};
  return fail(Code::differs, fmt::format("the source differs from {} and journal in {} records; the new backup {} is a copy of it and is not sealed", expected->name(), comparison.difference_count(), path),
              session.config().source.path, "`rollproof can-rollback` says what is wrong; `rollproof rollback --execute` restores the source from the older one.");
}

Result<ManualBackup> create(Session& session) {
  if (session.state().operation) return fail(Code::stopped, "a " + session.state().operation->kind + " was interrupted", "", "Run `rollproof recover`.");
  if (session.state().replacement) return fail(Code::stopped, "a restored source is not in its place yet", "", "Run `rollproof recover`.");
  session.report({"backup", "create"});
  // Mended and closed first: files are copied while nobody has them open.
  ROLLPROOF_TRY(session.settle_closed(answers_from_source(session.state().route) ? Opens::what_answers : Opens::both));
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().source));  // what its files are until then says nothing
  if (session.state().active) ROLLPROOF_TRY(check_source_untouched(session.ledger()));
  const backup::Request request{.root = session.config().backups,
                                .migration_id = new_id(session.world(), "manual"),
                                .position = session.ledger().last(),
                                .source = session.config().source,
                                .configuration = session.config().path,
                                .legacy_json = session.config().legacy_json};
  ROLLPROOF_ASSIGN(const backup::Backup taken, backup::take(session.world(), request));
  ManualBackup made{.path = taken.path, .report = {}};
  ROLLPROOF_ASSIGN(made.report, backup::verify(session.world(), made.path, backup::Depth::records));
  if (!session.state().active) return made;
  ROLLPROOF_TRY(compare_with_older(session, made.path));
  const Json facts{{"path", to_recorded(session.config(), made.path)}, {"position", taken.position}, {"records", made.report.records}, {"digest", made.report.digest}};
  ROLLPROOF_TRY(session.ledger().record({Json{{"type", "seal"}, {"seal", "backup:" + taken.id}, {"passed", true}, {"position", taken.position}, {"facts", facts}}}));
  return made;
}

}  // namespace

Result<ManualBackup> create_backup(Session& session) {
  return within_memory([&] { return create(session); }, [&] { session.ledger().abandon(); });
}

}  // namespace rollproof::migrate
