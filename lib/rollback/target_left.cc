#include "lib/rollback/target_left.h"

#include "lib/migrate/target_claim.h"
#include "lib/record/equivalence.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Session;

Result<std::vector<Json>> foreign_records_in_target(Session& session) {
  const migrate::State& state = session.state();
  if (state.following != migrate::Following::live || session.ledger().interrupted() || state.target_follower.fingerprint.files.empty()) return std::vector<Json>();
  if (migrate::check_target_untouched(session.ledger())) return std::vector<Json>();
  const auto compare = [&]() -> Result<record::Comparison> {
    ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
    ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), session.config().target, {}));
    return record::compare([&] { return source->scan(); }, [&] { return target->scan(); }, {.listed_max = 1, .fields_max = 0});
  };
  auto compared = compare();
  if (!compared && !may_be_damage(compared.error().code)) return fail(std::move(compared).error());
  // What the target lacks is in the source: it may not have been copied yet, or another program removed it.
  if (!compared || compared->extra + compared->changed == 0) return std::vector<Json>();
  return std::vector<Json>{Json{{"type", "target_left"}, {"added", compared->extra}, {"changed", compared->changed}}};
}

Result<std::string> why_target_is_left(Session& session) {
  const migrate::State& state = session.state();
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
  if (!there) return std::string();
  ROLLPROOF_ASSIGN(const migrate::TargetClaim claim, migrate::target_claim(session.world().files, session.config(), state.migration));
  if (claim.by == migrate::TargetClaim::By::another) return "it belongs to another migration, " + claim.id;
  if (!state.target_opened) return std::string("this migration has never written to it");
  if (state.target_left) return std::string("another program has written to it since we closed it, and its records are nowhere else");
  return std::string();
}

}  // namespace rollproof::rollback
