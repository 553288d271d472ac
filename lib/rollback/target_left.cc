#include "lib/rollback/target_left.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "lib/migrate/older_copy.h"
#include "lib/migrate/ours.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/target_aside.h"
#include "lib/migrate/target_claim.h"
#include "lib/record/equivalence.h"
#include "lib/rollback/restore_source.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Session;

namespace {

constexpr size_t kListedMax = 100'000;

// Nothing: it can not be read.
Result<std::optional<std::vector<Json>>> look_at_target(Session& session) {
  using Events = std::vector<Json>;
  const migrate::State& state = session.state();
  const bool follows = state.following != migrate::Following::none;
  const bool interrupted = follows && session.ledger().target_interrupted();
  const migrate::Follower& closed = follows ? state.target_follower : state.target_as_left;
  const bool seen_in_files = !interrupted && !state.target_unseen && !closed.fingerprint.files.empty();
  if (!seen_in_files && !state.target_unseen && !interrupted) return Events();
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
  if (!there) return Events();
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().target));
  if (seen_in_files) {
    ROLLPROOF_ASSIGN(const store::Fingerprint found, store::take_fingerprint(session.world(), session.config().target, &closed.fingerprint));
    if (store::differences(closed.fingerprint, found).empty()) return Events();
    ROLLPROOF_ASSIGN(const auto left, migrate::find_left_state(session.ledger(), "target"));
    if (left) return Events();  // put back as we had left it: nothing in it is anybody else's
  }
  const store::OpenOptions how{.interrupted = interrupted};
  const auto compare = [&]() -> Result<record::Comparison> {
    ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
    ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), session.config().target, how));
    return record::compare([&] { return source->scan(); }, [&] { return target->scan(); }, {.listed_max = kListedMax, .lists_missing = false, .fields_max = 0});
  };
  auto compared = compare();
  if (!compared && !may_be_damage(compared.error().code)) return fail(std::move(compared).error());
  if (!compared) return std::nullopt;
  // What the target lacks is in the source: it may not have been copied yet, or another program removed it.
  std::set<std::string> others;
  for (const record::Difference& difference : compared->listed) others.insert(difference.key);
  const bool all_listed = compared->unlisted == 0;
  if (others.empty() && all_listed) return Events();
  // What another program has changed in the source makes nothing in the target somebody else's, and a log of the target that was cut shows an older value.
  auto count = all_listed ? migrate::count_never_ours(session, session.config().target, how, others) : Result<migrate::NeverOurs>(migrate::NeverOurs{});
  if (!count && !may_be_damage(count.error().code)) return fail(std::move(count).error());
  uint64_t records = count ? count->keys : 0;
  if (!count || (!count->by_backup && !state.behind)) {
    // Nothing can tell; what was written since the target was closed, or since a copy that is under way began, may be in the source alone.
    ROLLPROOF_ASSIGN(const auto written, migrate::keys_written_since(session, state.following == migrate::Following::paused ? std::min(closed.position, state.copy_position) : closed.position));
    records = static_cast<uint64_t>(std::count_if(others.begin(), others.end(), [&](const std::string& key) { return !written.contains(key); }));
  }
  if (records == 0 && all_listed) return Events();
  return Events{Json{{"type", "target_left"}, {"records", records}}};
}

}  // namespace

Result<std::vector<Json>> foreign_records_in_target(Session& session) {
  ROLLPROOF_ASSIGN(auto events, look_at_target(session));
  return events ? *std::move(events) : std::vector<Json>();
}

Result<std::vector<Json>> decide_about_target(Session& session) {
  ROLLPROOF_ASSIGN(auto events, look_at_target(session));
  if (events) return *std::move(events);
  const std::string aside = fmt::format("{}.damaged-{}-{}", session.config().target.path, session.state().migration, session.ledger().last());
  return std::vector<Json>{Json{{"type", "target_aside"}, {"aside", migrate::to_recorded(session.config(), aside)}}};
}

Status put_unread_target_aside(Session& session) {
  const Status put = migrate::put_target_aside(session, migrate::from_recorded(session.config(), session.state().target_aside));
  if (put || put.error().code == Code::locked || put.error().code == Code::cancelled) return put;
  return session.ledger().record({Json{{"type", "target_left"}, {"unread", true}}});
}

void take_ours_out_of_left_target(Session& session) {
  const auto take = [&]() -> Status {
    ROLLPROOF_ASSIGN(const migrate::TargetClaim claim, migrate::target_claim(session.world().files, session.config(), session.state().migration));
    ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
    if (!there || claim.by != migrate::TargetClaim::By::us) return {};
    ROLLPROOF_ASSIGN(const auto target, store::open(session.world(), session.config().target, {.interrupted = true}));
    const std::string probe = migrate::probe_key(session.state());
    ROLLPROOF_ASSIGN(const auto left, target->get(probe));
    if (left) ROLLPROOF_TRY(target->apply({{record::Change::Kind::remove, probe, ""}}));
    ROLLPROOF_TRY(target->close());
    return {};
  };
  if (const Status taken = take(); !taken) session.note(fmt::format("what an interrupted command left in the target stays there: {}", taken.error().to_string()));
}

Result<std::string> why_target_is_left(Session& session) {
  const migrate::State& state = session.state();
  ROLLPROOF_ASSIGN(const migrate::TargetClaim claim, migrate::target_claim(session.world().files, session.config(), state.migration));
  if (claim.by == migrate::TargetClaim::By::another) return "it belongs to another migration, " + claim.id;
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().target));
  if (!there) return std::string();
  if (!state.target_opened) return std::string("this migration has never written to it");
  if (state.target_left_unread) return std::string("it can not be read and is not as we left it, so that another program may have written to it");
  if (state.target_left) return std::string("another program has written to it, and its records are nowhere else");
  if (state.target_removed) return std::string("it was made after the migrated records had been removed");
  return std::string();
}

}  // namespace rollproof::rollback
