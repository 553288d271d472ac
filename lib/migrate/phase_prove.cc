// Phase 4 (seed 003): the target stands alone, and the way back is tried before it is needed.
#include <fmt/format.h>

#include "lib/journal/changes.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/trial.h"
#include "lib/migrate/user_check.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"

namespace rollproof::migrate {
namespace {

// Reads both stores as another program would find them: closed, from their files, nothing of this session in memory.
Status read_target_alone(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  // They were closed before this command as well: whoever wrote to one since is to be named, not a difference of the copy.
  ROLLPROOF_TRY(session.check_closed_stores());
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), session.config().target, {}));
  ROLLPROOF_ASSIGN(const record::Comparison comparison,
                   record::compare([&] { return source->scan(); }, [&] { return target->scan(); }));
  facts["records"] = comparison.right.count();
  facts["digest"] = comparison.right.hex();
  if (comparison.equal()) return {};
  const Error found{Code::differs, fmt::format("read from its files, the target differs in {} records", comparison.difference_count()), session.config().target.path,
                    "Run `rollproof verify` for the keys, then `rollproof rollback --execute`, or `rollproof migrate --phase copy --execute`, which keeps this target aside and copies again (with --yes, if "
                    "another program wrote to the source)."};
  ROLLPROOF_TRY(seal_difference(session, found));
  return fail(found);
}

Status trial(Session& session, Status (*of_what)(os::World&, const store::Where&, const std::string&, Json&), Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  auto outcome = of_what(session.world(), session.config().target, os::join(session.config().state_directory(), kSpillFile), facts);
  if (!outcome && outcome.error().hint.empty()) {
    outcome.error().hint = "The source still answers. Run `rollproof rollback --execute`, or fill the target anew: `rollproof rollback --to dual-write --execute`, then `rollproof migrate --execute`.";
  }
  return outcome;
}

Status operations(Session& session, Json& facts) { return trial(session, try_operations, facts); }
Status damaged_file(Session& session, Json& facts) { return trial(session, try_damaged_file, facts); }
Status recovery(Session& session, Json& facts) { return trial(session, try_recovery, facts); }

Status user_checks(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  return run_user_checks(session, UserCheck::When::prove, facts);
}

// A synthetic write goes to the target first and from there to the source, and is taken back the same way.
Status try_way_back(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(Router * router, session.need_router());
  const std::string key = probe_key(session.state());
  ROLLPROOF_TRY(router->try_way_back(key, "{\"probe\":true}"));
  facts["key"] = key;
  return session.ledger().record(
      {Json{{"type", "seal"}, {"seal", "way_back"}, {"passed", true}, {"position", session.ledger().last()}, {"facts", facts}}});
}

}  // namespace

std::string probe_key(const State& state) { return "rollproof:way-back-probe:" + state.migration; }

std::vector<Step> prove_steps() {
  return {
      {"target-alone", "close both stores and compare them from their files", read_target_alone, {}},
      {"operations", "try every operation in every space of the target, on a view that nobody else sees", operations, {}},
      {"damaged-file", "flip bytes in such a view: the damage has to be noticed", damaged_file, {}},
      {"recovery", "open such a view after a process that died: what was durable is there", recovery, {}},
      {"checks", "run your own checks on a copy of the target", user_checks, {}},
      {"way-back", "send a synthetic write from target to source and take it back", try_way_back, {}},
  };
}

}  // namespace rollproof::migrate
