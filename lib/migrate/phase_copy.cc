// Phase 3 (seed 003): copy what was there before, replay what was written meanwhile, compare everything.
#include <fmt/format.h>

#include "lib/migrate/phases.h"
#include "lib/migrate/target_aside.h"
#include "lib/migrate/target_claim.h"
#include "lib/record/equivalence.h"

namespace rollproof::migrate {
namespace {

Status begin_copy(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const auto last_verdict = session.state().seals.find("equivalence");
  if (last_verdict != session.state().seals.end() && !last_verdict->second.passed) {
    // What made the target differ may be a record that no copy would overwrite, and that is nowhere else: start it anew, and keep that one.
    ROLLPROOF_TRY(router->stop_following());
    const std::string aside = fmt::format("{}.differs-{}-{}", session.config().target.path, session.state().migration, session.ledger().last());
    ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
    if (there) session.note(fmt::format("the target differed from the source and is copied anew; as it was it is kept at {}, until you remove it", aside));
    ROLLPROOF_TRY(put_target_aside(session, aside));
    ROLLPROOF_TRY(claim_target(session.ledger()));
    ROLLPROOF_TRY(router->start_following());
  }
  ROLLPROOF_TRY(router->pause_following());
  facts["position"] = session.state().copy_position;
  return {};
}

// The snapshot is taken now, later than the position that the copy stands for: replaying absolute changes from the earlier position
// gives the same records.
Status copy_records(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  ROLLPROOF_ASSIGN(auto cursor, router->source()->scan());
  const uint64_t total = session.state().seals.at("inventory").facts.at("records").get<uint64_t>();
  uint64_t copied = 0;
  uint64_t bytes = 0;
  record::Batch batch;
  const auto flush = [&]() -> Status {
    if (batch.empty()) return {};
    ROLLPROOF_TRY(router->target()->apply(batch));
    copied += batch.size();
    batch.clear();
    bytes = 0;
    session.report({"copy", "copy-records", copied, total});
    return session.check_safe_point();
  };
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) break;
    bytes += record.key.size() + record.value.size();
    batch.push_back({record::Change::Kind::put, std::move(record.key), std::move(record.value)});
    if (bytes >= session.options().copy_batch_bytes) ROLLPROOF_TRY(flush());
  }
  ROLLPROOF_TRY(flush());
  facts["records"] = copied;
  return router->checkpoint();
}

Status drain(Session& session, Json&) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  return router->drain_and_follow();
}

Status seal_equivalence(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const journal::Position position = session.ledger().last();
  ROLLPROOF_ASSIGN(const record::Comparison comparison,
                   record::compare([&] { return router->source()->scan(); }, [&] { return router->target()->scan(); }));
  facts["records"] = comparison.left.count();
  facts["source_digest"] = comparison.left.hex();
  facts["target_digest"] = comparison.right.hex();
  facts["differences"] = comparison.difference_count();
  // Sealed either way: a failed comparison is never forgotten by a resume, only replaced by a newer complete one.
  ROLLPROOF_TRY(session.ledger().record({Json{
      {"type", "seal"}, {"seal", "equivalence"}, {"passed", comparison.equal()}, {"position", position}, {"facts", facts}}}));
  if (comparison.equal()) return {};
  ROLLPROOF_TRY(session.ledger().record({Json{{"type", "phase_undone"}, {"phase", "copy"}}}));
  return fail(Code::differs, fmt::format("source and target differ in {} records", comparison.difference_count()), session.config().target.path,
              "Run `rollproof verify` for the keys, then `rollproof rollback --execute`, which leaves the target where it is if another program wrote to it, or `rollproof migrate --phase copy --execute`, which keeps it aside and copies again.");
}

// Seed 003, step 3.4: read at most 2x, write 3x, query 5x, memory 150 % of the source.
Status compare_performance(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  ROLLPROOF_ASSIGN(Performance found, measure_store(session, session.config().target, facts));
  const auto baseline = session.state().facts.find("validate/baseline");
  if (baseline == session.state().facts.end()) return {};  // begun by a version that took none
  Performance source = performance_from(baseline->second.at("performance"));
  // The machine may be busier now than it was at validate, for both stores: then the source is timed again, and the slower time counts.
  for (int again = 0; again < kMeasuredAgainMax && !slower_than_allowed(source, found).empty(); ++again) {
    Json now;
    ROLLPROOF_ASSIGN(const Performance source_now, measure_store(session, session.config().source, now));
    source = slower_of(source, source_now);
    facts["source_again"] = to_json(source);
    ROLLPROOF_ASSIGN(found, measure_store(session, session.config().target, facts));
  }
  return judge_performance(session, slower_than_allowed(source, found), facts);
}

}  // namespace

Status seal_difference(Session& session, const Error& found) {
  Json facts{{"differences", 1}, {"message", found.message}};
  return session.ledger().record({Json{{"type", "seal"}, {"seal", "equivalence"}, {"passed", false}, {"position", session.ledger().last()}, {"facts", std::move(facts)}},
                                  Json{{"type", "phase_undone"}, {"phase", "copy"}}, Json{{"type", "phase_undone"}, {"phase", "prove"}}, Json{{"type", "phase_undone"}, {"phase", "cutover"}}});
}

std::vector<Step> copy_steps() {
  return {
      {"begin", "remember the position that the copy stands for; later writes wait in the journal", begin_copy, {}},
      {"copy-records", "copy every record of the source", copy_records, {}},
      {"drain", "replay the writes that came meanwhile, in order, and follow live again", drain, {}},
      {"compare", "compare both stores record by record and seal the verdict", seal_equivalence, {}},
      {"performance", "time the target and compare with the baseline of the source", compare_performance, {}},
  };
}

}  // namespace rollproof::migrate
