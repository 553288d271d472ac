#include "lib/migrate/manual_backup.h"

#include "lib/backup/take.h"
#include "lib/base/out_of_memory.h"
#include "lib/migrate/migrate.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/router.h"

namespace rollproof::migrate {

namespace {

Result<ManualBackup> create(Session& session) {
  if (session.state().operation) return fail(Code::stopped, "a " + session.state().operation->kind + " was interrupted", "", "Run `rollproof recover`.");
  if (session.state().replacement) return fail(Code::stopped, "a restored source is not in its place yet", "", "Run `rollproof recover`.");
  session.report({"backup", "create"});
  // Mended and closed first: files are copied while nobody has them open.
  ROLLPROOF_TRY(session.settle_closed());
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
  const Json facts{{"path", to_recorded(session.config(), made.path)}, {"position", taken.position}, {"records", made.report.records}, {"digest", made.report.digest}};
  ROLLPROOF_TRY(session.ledger().record({Json{{"type", "seal"}, {"seal", "backup:" + taken.id}, {"passed", true}, {"position", taken.position}, {"facts", facts}}}));
  return made;
}

}  // namespace

Result<ManualBackup> create_backup(Session& session) {
  return within_memory([&] { return create(session); }, [&] { session.ledger().abandon(); });
}

}  // namespace rollproof::migrate
