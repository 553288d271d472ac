// Phase 2 (seed 003): from the end of this phase on every write goes to both stores, and there is a proven backup from before.
#include <fmt/format.h>

#include <algorithm>

#include "lib/backup/take.h"
#include "lib/backup/verify.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

// The configuration and the target carry the id, so that neither can be mistaken for a fresh start without its journal.
Status claim(Session& session, Json&) {
  ROLLPROOF_TRY(claim_target(session.ledger()));
  return write_migration_id(session.world().files, session.config().path, session.state().migration);
}

// Space that the way back needs is taken now, so that a disk that fills up later can not prevent it.
Status reserve(Session& session, Json& facts) {
  const std::string path = os::join(session.config().state_directory(), kReserveFile);
  ROLLPROOF_ASSIGN(auto file, session.world().files.create(path));
  ROLLPROOF_TRY(file->preallocate(session.options().reserve_bytes));
  ROLLPROOF_TRY(file->sync());
  ROLLPROOF_TRY(file->close());
  facts["bytes"] = session.options().reserve_bytes;
  return session.world().files.sync_directory(session.config().state_directory());
}

Status back_up(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());  // the files are copied while nobody has them open
  // Damage since validate is named by its file here; in the backup it would only be a record that can not be read.
  ROLLPROOF_TRY(session.check_source());
  backup::Request request{.root = session.config().backups,
                          .migration_id = session.state().migration,
                          .position = session.ledger().last(),
                          .source = session.config().source,
                          .configuration = session.config().path,
                          .legacy_json = session.config().legacy_json};
  ROLLPROOF_ASSIGN(const backup::Backup taken, backup::take(session.world(), request));
  // Opened and read record by record: a backup that was not opened is a hope.
  ROLLPROOF_ASSIGN(const backup::Report report, backup::verify(session.world(), taken.path, backup::Depth::records));
  const Seal& inventory = session.state().seals.at("inventory");
  if (session.state().last_change == 0 && report.digest != inventory.facts.at("digest").get<std::string>()) {
    return fail(Code::backup_damaged, "the backup's records are not those of the inventory", taken.path);
  }
  facts["path"] = to_recorded(session.config(), taken.path);
  facts["position"] = taken.position;
  facts["records"] = report.records;
  facts["digest"] = report.digest;
  return session.ledger().record({Json{{"type", "seal"}, {"seal", "backup"}, {"passed", true}, {"position", taken.position}, {"facts", facts}}});
}

Status open_target(Session& session, Json&) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  return router->start_following();
}

Status write_both(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  ROLLPROOF_TRY(router->switch_route(Route::dual_source_first));
  facts["epoch"] = session.state().epoch;
  return {};
}

Status expect_in(store::Store& store, const char* which, const std::string& key, const std::optional<std::string>& wanted) {
  ROLLPROOF_ASSIGN(const auto found, store.get(key));
  if (found == wanted) return {};
  return fail(Code::differs, fmt::format("a test write {} in the {}", wanted ? "did not arrive" : "is still there after its removal", which));
}

Result<Latency> write_to_both(Session& session, Router& router, const std::string& key) {
  std::vector<int64_t> durations;
  for (uint64_t n = 0; n < std::max<uint64_t>(1, session.options().measure.writes); ++n) {
    const std::string value = fmt::format("{{\"probe\":{}}}", n);
    const int64_t started = session.world().clock.monotonic_us();
    ROLLPROOF_TRY(router.write({{record::Change::Kind::put, key, value}}));
    durations.push_back(session.world().clock.monotonic_us() - started);
    ROLLPROOF_TRY(expect_in(*router.source(), "source", key, value));
    ROLLPROOF_TRY(expect_in(*router.target(), "target", key, value));
  }
  return latency_of(std::move(durations));
}

Result<Latency> write_to_one_alone(Session& session) {
  ROLLPROOF_TRY(session.close_router());  // it is read from its files
  ROLLPROOF_ASSIGN(const Performance now, measure(session.world(), session.config().source,
                                                  {.reads = 0, .writes = session.options().measure.writes, .queries = 0,
                                                   .scratch = os::join(session.config().state_directory(), "scratch")}));
  return now.write;
}

// Seed 003, steps 2.2 and 2.3: test writes arrive in both stores, and writing both costs at most half as much again.
Status test_writes(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const std::string key = probe_key(session.state());
  ROLLPROOF_ASSIGN(Latency found, write_to_both(session, *router, key));
  const auto baseline = session.state().facts.find("validate/baseline");
  const bool compared = baseline != session.state().facts.end();  // a version that began it may have taken none
  Latency alone;
  if (compared) alone = performance_from(baseline->second.at("performance")).write;
  // As in compare_performance: a disk that is busier now is so for one store as for two.
  for (int again = 0; again < kMeasuredAgainMax && !slower_than_allowed_while_dual(alone, found).empty(); ++again) {
    ROLLPROOF_ASSIGN(const Latency now, write_to_one_alone(session));
    if (now.p95_us > alone.p95_us) alone = now;
    facts["source_again_p95_us"] = alone.p95_us;
    ROLLPROOF_ASSIGN(router, session.need_router());
    ROLLPROOF_ASSIGN(found, write_to_both(session, *router, key));
  }
  ROLLPROOF_TRY(router->write({{record::Change::Kind::remove, key, ""}}));
  ROLLPROOF_TRY(expect_in(*router->source(), "source", key, std::nullopt));
  ROLLPROOF_TRY(expect_in(*router->target(), "target", key, std::nullopt));
  facts["writes"] = found.count;
  facts["p50_us"] = found.p50_us;
  facts["p95_us"] = found.p95_us;
  return judge_performance(session, compared ? slower_than_allowed_while_dual(alone, found) : std::vector<std::string>(), facts);
}

}  // namespace

std::vector<Step> dual_write_steps() {
  return {
      {"claim", "write the migration's id into the configuration and the target's folder", claim, {}},
      {"reserve", "reserve the disk space that the way back needs", reserve, {}},
      {"backup", "copy the source, open the copy and compare it record by record", back_up, {}},
      {"open-target", "create the target and let it follow the journal", open_target, {}},
      {"write-both", "route writes to both stores; the source answers", write_both, {}},
      {"test-writes", "write, read in both stores and remove again; time it against the baseline", test_writes, {}},
  };
}

}  // namespace rollproof::migrate
