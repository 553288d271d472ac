#include "lib/migrate/foreign.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "lib/migrate/events.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/older_copy.h"
#include "lib/migrate/ours.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"

namespace rollproof::migrate {
namespace {

constexpr size_t kTakenOverMax = 1'000'000;
constexpr uint64_t kBatchBytes = 1 << 20;
constexpr size_t kFilesNamed = 20;

constexpr const char* kOnceMore = "Open and close the database once more with the program that writes to it: it removes such a file.";

// Nothing of a LevelDB but what its program leaves when it dies, or when it closes in the middle of a compaction: a torn tail, a table that nobody refers to.
bool needs_mending(const store::Inspection& inspection) {
  return !inspection.problems.empty() && std::all_of(inspection.problems.begin(), inspection.problems.end(), [](const auto& problem) { return problem.ordinary; });
}

// Mended, it goes: LevelDB would remove it as well, and it may be somebody's all the same, or newer than an older manifest that was put back.
std::optional<store::Inspection::Problem> unreferenced_table(const store::Inspection& inspection) {
  const auto is_table = [](const store::Inspection::Problem& problem) { return problem.ordinary && !problem.file.ends_with(".log"); };
  const auto table = std::find_if(inspection.problems.begin(), inspection.problems.end(), is_table);
  return table == inspection.problems.end() ? std::nullopt : std::optional(*table);
}

Status refuse_unreferenced(Session& session, const store::Where& where, const Follower& follower, const store::Inspection& inspection) {
  const auto table = unreferenced_table(inspection);
  if (!table || follower.as_left || session.options().take_over_foreign_writes) return {};
  return fail(Code::refused, fmt::format("{}: its program closed it in the middle of a compaction, or it is somebody's", table->what), os::join(where.path, table->file),
              fmt::format("Nothing was changed. {} `rollproof --yes rollback --execute` takes the database without that file and goes back, `rollproof --yes migrate --phase {} --execute` goes on.", kOnceMore,
                          name_of(session.state().is_done(Phase::dual_write) ? Phase::copy : Phase::dual_write)));
}

// What our journal says of the store, if its files are taken as they are now: also which files these are. For files in the form of other
// programs that is all that anybody will ever know of a change outside the records.
Status record_as_found(Session& session, const char* which, const store::Where& where, const Follower& follower, journal::Position position,
                       const char* event, Json about) {
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(session.world(), where));
  if (about.empty()) ROLLPROOF_TRY(refuse_unreferenced(session, where, follower, inspection));
  ROLLPROOF_ASSIGN(const store::Mark mark, store::mark_of(session.world(), where));
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(session.world(), where, nullptr));
  const auto different = store::differences(follower.fingerprint, fingerprint);
  Json named = Json::array();
  for (const auto& file : different) {
    if (named.size() < kFilesNamed) named.push_back(file.name);
  }
  const char* what = about.empty() ? "its records are the same, so the files stay as they are now" : "its writes are taken over";
  if (different.empty()) {
    session.note(fmt::format("another program wrote to the {} while a command of ours was not recovered; {}", which, what));
  } else {
    session.note(fmt::format("another program changed files of the {} since we closed it ({}{}); {}", which, fmt::join(named.get<std::vector<std::string>>(), ", "),
                             different.size() > kFilesNamed ? fmt::format(" and {} more", different.size() - kFilesNamed) : "", what));
  }
  Json note{{"type", event}, {"store", which}, {"files", std::move(named)}, {"file_count", different.size()}};
  note.update(about);
  Json checkpoint{{"type", "checkpoint"}};
  checkpoint[which] = Json{{"position", position}, {"mark", mark}, {"fingerprint", to_json(fingerprint)}};
  // The records were read without that, and the next open mends it as they were read.
  if (needs_mending(inspection)) checkpoint[which]["as_left"] = true;
  return session.ledger().record({std::move(note), std::move(checkpoint)});
}

Result<bool> has_inventorys_digest(Session& session, store::Store& source) {
  const auto inventory = session.state().seals.find("inventory");
  if (inventory == session.state().seals.end() || session.state().last_change != 0) return false;
  ROLLPROOF_ASSIGN(auto cursor, source.scan());
  MultisetDigest digest;
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return inventory->second.facts.at("digest").get<std::string>() == digest.hex();
    digest.add(record.key, record.value);
  }
}

Result<record::Comparison> compare_with_expected(const Expected& expected, store::Store& source) {
  return record::compare([&] { return expected.scan(); }, [&] { return source.scan(); }, {.listed_max = kTakenOverMax, .fields_max = 0});
}

// A list of keys as batches of absolute changes, read from the store that has them.
Status journal_changes(Session& session, store::Store& source, const std::vector<record::Difference>& differences) {
  record::Batch batch;
  uint64_t bytes = 0;
  for (const auto& difference : differences) {
    ROLLPROOF_ASSIGN(auto value, source.get(difference.key));
    bytes += difference.key.size() + (value ? value->size() : 0);
    if (value) {
      batch.push_back({record::Change::Kind::put, difference.key, std::move(*value)});
    } else {
      batch.push_back({record::Change::Kind::remove, difference.key, ""});
    }
    if (bytes < kBatchBytes) continue;
    ROLLPROOF_TRY(session.ledger().record_changes(batch));
    batch.clear();
    bytes = 0;
  }
  if (batch.empty()) return {};
  ROLLPROOF_TRY(session.ledger().record_changes(batch));
  return {};
}

}  // namespace

namespace {

// Of a store that has not seen what was written behind `position`: nothing else differs in it, and what it has instead of that was ours.
Result<bool> lacks_only_what_was_written(Session& session, const record::Comparison& comparison, const store::Where& where, journal::Position position) {
  if (comparison.unlisted != 0) return false;
  ROLLPROOF_ASSIGN(const std::set<std::string> written, keys_written_since(session, position));
  std::set<std::string> keys;
  for (const record::Difference& difference : comparison.listed) {
    if (!written.contains(difference.key)) return false;
    keys.insert(difference.key);
  }
  ROLLPROOF_ASSIGN(const auto never_ours, count_never_ours(session, where, {}, std::move(keys)));
  return never_ours.keys == 0;
}

// Behind which position something was written that the target need not have, measured by the other side of the comparison; nothing where it has to have everything.
std::optional<journal::Position> target_lacks_since(const State& state, bool source_is_other_side) {
  const journal::Position closed = state.target_follower.position;
  if (state.following == Following::paused) return std::min(closed, state.copy_position);
  if (!state.behind) return std::nullopt;
  if (state.behind->store == "target") return closed;
  return source_is_other_side ? std::optional(state.source_follower.position) : std::nullopt;
}

}  // namespace

Result<ForeignWork> look_at_changed_source(Session& session) {
  const store::Where& where = session.config().source;
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), where));  // what its files are until then says nothing
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), where, {}));
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, Expected::best(session, why_not));
  const Follower& follower = session.state().source_follower;
  bool same = false;
  if (expected) {
    ROLLPROOF_ASSIGN(const record::Comparison comparison, compare_with_expected(*expected, *source));
    same = comparison.equal();
    if (!same && session.state().behind && session.state().behind->store == "source") {
      ROLLPROOF_ASSIGN(same, lacks_only_what_was_written(session, comparison, where, follower.position));
    }
  } else {
    ROLLPROOF_ASSIGN(same, has_inventorys_digest(session, *source));
    if (!same) return session.state().last_change == 0 ? ForeignWork::other_records : ForeignWork::undecidable;
  }
  if (!same && session.state().seals.contains("backup")) ROLLPROOF_TRY(check_no_older_copy(session.ledger(), "source"));
  if (!same) return ForeignWork::other_records;
  source.reset();
  ROLLPROOF_TRY(record_as_found(session, "source", where, follower, follower.position, "foreign_open", Json::object()));
  return ForeignWork::same_records;
}

Result<ForeignWork> look_at_changed_target(Session& session) {
  const store::Where& where = session.config().target;
  if (session.state().following == Following::none) return ForeignWork::undecidable;
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), where));
  ROLLPROOF_ASSIGN(auto target, store::open_read_only(session.world(), where, {}));
  // A source that is behind may be away; backup and journal say what the target has to hold.
  std::unique_ptr<Expected> expected;
  if (session.state().behind && session.state().behind->store == "source") {
    std::vector<std::string> why_not;
    ROLLPROOF_ASSIGN(expected, Expected::best(session, why_not));
  }
  std::unique_ptr<store::Store> source;
  if (!expected) {
    ROLLPROOF_ASSIGN(source, store::open_read_only(session.world(), session.config().source, {}));
  }
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected ? expected->scan() : source->scan(); }, [&] { return target->scan(); }, {.listed_max = kTakenOverMax, .lists_missing = session.state().is_done(Phase::copy), .fields_max = 0}));
  // Until the copy is done the target holds what was written since it follows, or a part of everything, and no more.
  bool same = session.state().is_done(Phase::copy) ? comparison.equal() : comparison.extra + comparison.changed + comparison.duplicated == 0;
  const auto since = target_lacks_since(session.state(), expected == nullptr);
  if (!same && since) {
    ROLLPROOF_ASSIGN(same, lacks_only_what_was_written(session, comparison, where, *since));
  }
  if (same && !comparison.equal() && where.kind != "leveldb") {
    // No other program has a reason to take a file away, or to change one of ours: what it held is missing.
    ROLLPROOF_ASSIGN(const store::Fingerprint found, store::take_fingerprint(session.world(), where, nullptr));
    for (const auto& left : session.state().target_follower.fingerprint.files) {
      const auto there = std::find_if(found.files.begin(), found.files.end(), [&](const auto& file) { return file.name == left.name; });
      same = same && there != found.files.end() && (where.kind != "unified-json" || *there == left);
    }
  }
  if (!comparison.equal()) ROLLPROOF_TRY(check_no_older_copy(session.ledger(), "target"));
  if (!same) return ForeignWork::other_records;
  target.reset();
  ROLLPROOF_TRY(record_as_found(session, "target", where, session.state().target_follower, session.state().target_follower.position, "foreign_open", Json::object()));
  return ForeignWork::same_records;
}

Status take_over_foreign_writes(Session& session) {
  const store::Where& where = session.config().source;
  if (!answers_from_source(session.state().route)) {
    return fail(Code::refused, "after the cutover the target answers; what another program wrote to the source is not taken over", where.path,
                "Run `rollproof backup restore ID --execute` (`rollproof backup list` names it): the changed source is set aside and made anew from backup and journal.");
  }
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), where, {}));
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, Expected::best(session, why_not));
  if (!expected) {
    return fail(Code::needs_person, fmt::format("there is nothing sound to compare the changed source with: {}", fmt::join(why_not, "; ")), where.path,
                "Put a good copy of the backup's file back and run the command again.");
  }
  ROLLPROOF_ASSIGN(const record::Comparison comparison, compare_with_expected(*expected, *source));
  if (comparison.unlisted != 0) {
    return fail(Code::refused, fmt::format("another program changed {} records of the source, more than {} are not taken over", comparison.difference_count(), kTakenOverMax),
                where.path, "Begin a new migration: `rollproof rollback --execute`, then `rollproof validate`.");
  }
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(session.world(), where));
  const auto table = unreferenced_table(inspection);
  if (table && comparison.missing + comparison.changed != 0) {
    return fail(Code::refused, fmt::format("{}, and records are missing or others than they were: its program closed it in the middle of a compaction, or an older manifest lies there", table->what), os::join(where.path, table->file),
                fmt::format("Nothing was changed. {} Or run `rollproof backup restore ID --execute` (`rollproof backup list` names it): the source is set aside and made anew from backup and journal.", kOnceMore));
  }
  ROLLPROOF_TRY(journal_changes(session, *source, comparison.listed));
  source.reset();
  ROLLPROOF_TRY(record_as_found(session, "source", where, session.state().source_follower, session.ledger().last(), "foreign_taken_over",
                                Json{{"added", comparison.extra}, {"changed", comparison.changed}, {"removed", comparison.missing}}));
  return session.ledger().record({Json{{"type", "phase_undone"}, {"phase", "copy"}}, Json{{"type", "phase_undone"}, {"phase", "prove"}}});
}

Status take_over_unseen_writes(Session& session) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, Expected::best(session, why_not));
  if (!expected) return {};
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected->scan(); }, [&] { return source->scan(); }));
  if (comparison.equal()) return {};
  source.reset();
  return take_over_foreign_writes(session);
}

Status leave_foreign_writes(Session& session) {
  ROLLPROOF_TRY(record_as_found(session, "source", session.config().source, session.state().source_follower, session.ledger().last(), "foreign_taken_over", Json{{"uncounted", true}}));
  return session.ledger().record({Json{{"type", "phase_undone"}, {"phase", "validate"}}});
}

}  // namespace rollproof::migrate
