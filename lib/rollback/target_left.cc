#include "lib/rollback/target_left.h"

#include <algorithm>
#include <set>

#include "lib/migrate/expected.h"
#include "lib/migrate/target_claim.h"
#include "lib/record/equivalence.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Session;

namespace {
constexpr size_t kListedMax = 100'000;
}

namespace {

// Of the keys, those whose value in the target is not what the source had to hold either: a backup and the journal say so, where there is one. What another
// program has changed in the source makes nothing in the target somebody else's.
Result<uint64_t> count_unexpected(Session& session, const store::OpenOptions& how, const std::set<std::string>& keys) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
  if (!expected || !expected->backup_path()) return keys.size();
  ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), session.config().target, how));
  ROLLPROOF_ASSIGN(const record::Comparison compared, record::compare([&] { return expected->scan(); }, [&] { return target->scan(); }, {.listed_max = kListedMax, .fields_max = 0}));
  if (compared.difference_count() > compared.listed.size()) return keys.size();
  return static_cast<uint64_t>(std::count_if(compared.listed.begin(), compared.listed.end(), [&](const record::Difference& difference) { return keys.contains(difference.key); }));
}

}  // namespace

Result<std::vector<Json>> foreign_records_in_target(Session& session) {
  const migrate::State& state = session.state();
  const bool follows = state.following != migrate::Following::none;
  const bool interrupted = follows && session.ledger().target_interrupted();
  const migrate::Follower& closed = follows ? state.target_follower : state.target_as_left;
  const bool seen_in_files = !interrupted && !state.target_unseen && !closed.fingerprint.files.empty();
  if (!seen_in_files && !state.target_unseen && !interrupted) return std::vector<Json>();
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
  if (!there) return std::vector<Json>();
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().target));
  if (seen_in_files) {
    ROLLPROOF_ASSIGN(const store::Fingerprint found, store::take_fingerprint(session.world(), session.config().target, &closed.fingerprint));
    if (store::differences(closed.fingerprint, found).empty()) return std::vector<Json>();
  }
  // A copy under way lacks what was written since it began.
  const journal::Position since = state.following == migrate::Following::paused ? std::min(closed.position, state.copy_position) : closed.position;
  // What was written since the target was closed is in the source alone: not of its own doing, if it is ours.
  std::set<std::string> written;
  ROLLPROOF_TRY(session.ledger().read_changes(since, [&](journal::Position, const record::Batch& batch) -> Status {
    for (const auto& change : batch) written.insert(change.key);
    return {};
  }));
  const store::OpenOptions how{.interrupted = interrupted};
  const auto compare = [&]() -> Result<record::Comparison> {
    ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
    ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), session.config().target, how));
    return record::compare([&] { return source->scan(); }, [&] { return target->scan(); }, {.listed_max = kListedMax, .fields_max = 0});
  };
  auto compared = compare();
  if (!compared && !may_be_damage(compared.error().code)) return fail(std::move(compared).error());
  // What the target lacks is in the source: it may not have been copied yet, or another program removed it.
  if (!compared) return std::vector<Json>();
  std::set<std::string> theirs;
  for (const record::Difference& difference : compared->listed) {
    if (difference.kind != record::Difference::Kind::missing && !written.contains(difference.key)) theirs.insert(difference.key);
  }
  const bool all_listed = compared->difference_count() <= compared->listed.size();
  if (theirs.empty() && all_listed) return std::vector<Json>();
  auto count = all_listed ? count_unexpected(session, how, theirs) : Result<uint64_t>(theirs.size());
  if (!count && !may_be_damage(count.error().code)) return fail(std::move(count).error());
  const uint64_t records = count ? *count : theirs.size();
  if (records == 0 && all_listed) return std::vector<Json>();
  return std::vector<Json>{Json{{"type", "target_left"}, {"records", records}}};
}

Result<std::string> why_target_is_left(Session& session) {
  const migrate::State& state = session.state();
  ROLLPROOF_ASSIGN(const migrate::TargetClaim claim, migrate::target_claim(session.world().files, session.config(), state.migration));
  if (claim.by == migrate::TargetClaim::By::another) return "it belongs to another migration, " + claim.id;
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
  if (!there) return std::string();
  if (!state.target_opened) return std::string("this migration has never written to it");
  if (state.target_removed) return std::string("it was made after the migrated records had been removed");
  if (state.target_left) return std::string("another program has written to it, and its records are nowhere else");
  return std::string();
}

}  // namespace rollproof::rollback
