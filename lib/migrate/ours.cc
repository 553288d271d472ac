#include "lib/migrate/ours.h"

#include "lib/migrate/expected.h"

namespace rollproof::migrate {
namespace {

constexpr size_t kListedMax = 100'000;

// Leaves the keys that have another value in the store than `ours` says; all of them where too much differs to tell.
Status keep_others(store::Store& store, const record::CursorFactory& ours, std::set<std::string>& keys) {
  if (keys.empty()) return {};
  ROLLPROOF_ASSIGN(const record::Comparison compared, record::compare(ours, [&] { return store.scan(); }, {.listed_max = kListedMax, .lists_missing = false, .fields_max = 0}));
  if (compared.unlisted != 0) return {};
  std::set<std::string> left;
  for (const record::Difference& difference : compared.listed) {
    if (keys.contains(difference.key)) left.insert(difference.key);
  }
  keys = std::move(left);
  return {};
}

}  // namespace

Result<std::set<std::string>> keys_written_since(Session& session, journal::Position after) {
  std::set<std::string> keys;
  ROLLPROOF_TRY(session.ledger().read_changes(after, [&](journal::Position, const record::Batch& batch) -> Status {
    for (const record::Change& change : batch) keys.insert(change.key);
    return {};
  }));
  return keys;
}

Result<NeverOurs> count_never_ours(Session& session, const store::Where& where, const store::OpenOptions& how, std::set<std::string> keys) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, Expected::best(session, why_not));
  const bool by_backup = expected && expected->backup_path();
  ROLLPROOF_ASSIGN(auto opened, store::open_read_only(session.world(), where, how));
  if (by_backup) {
    ROLLPROOF_TRY(keep_others(*opened, [&] { return expected->scan(); }, keys));
    ROLLPROOF_TRY(keep_others(*opened, [&] { return expected->scan_copy(); }, keys));
  }
  ROLLPROOF_TRY(session.ledger().read_changes(session.state().begun_at, [&](journal::Position, const record::Batch& batch) -> Status {
    for (const record::Change& change : batch) {
      if (!keys.contains(change.key)) continue;
      ROLLPROOF_ASSIGN(const auto value, opened->get(change.key));
      if (!value || value == change.value) keys.erase(change.key);
    }
    return {};
  }));
  // A newer backup has what came since; what was there before is in an older one.
  for (const Seal* seal : session.state().sealed_backups()) {
    if (keys.empty()) break;
    if (by_backup && seal->position >= expected->position()) continue;  // can not be used, or has just been
    auto older = Expected::of_backup(session, *seal);
    if (!older && older.error().code != Code::backup_damaged) return fail(std::move(older).error());
    if (older) ROLLPROOF_TRY(keep_others(*opened, [&] { return (*older)->scan_copy(); }, keys));
  }
  return NeverOurs{keys.size(), by_backup};
}

}  // namespace rollproof::migrate
