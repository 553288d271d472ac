#include "lib/rollback/restore_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/backup/restore.h"
#include "lib/migrate/events.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"
#include "lib/migrate/expected.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Session;

namespace {

constexpr uint64_t kBatchBytes = 1 << 20;

store::OpenOptions as_recorded(Session& session) {
  const migrate::Follower& follower = session.state().source_follower;
  return {.interrupted = session.ledger().interrupted() || follower.as_left, .mark = follower.mark};
}

Status read_source(Session& session) {
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, as_recorded(session)));
  ROLLPROOF_ASSIGN(auto cursor, source->scan());
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return {};
  }
}

// The files of the backup with the journal's changes on top: what was not written keeps its file bytes.
Result<store::Mark> build_from_backup(Session& session, const migrate::Expected& expected, const store::Where& ready) {
  ROLLPROOF_TRY(backup::restore_source_files(session.world(), *expected.backup_path(), ready.path));
  // The copy was verified as a whole, and the original was closed when it was taken.
  ROLLPROOF_ASSIGN(auto store, store::open(session.world(), ready, {}));
  ROLLPROOF_TRY(session.ledger().read_changes(expected.position(), [&](journal::Position, const record::Batch& batch) { return store->apply(batch); }));
  return store->close();
}

Result<store::Mark> build_from_records(Session& session, const migrate::Expected& expected, const store::Where& ready) {
  ROLLPROOF_ASSIGN(auto store, store::open(session.world(), ready, {.create = true}));
  ROLLPROOF_ASSIGN(auto cursor, expected.scan());
  record::Batch batch;
  uint64_t bytes = 0;
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) break;
    bytes += record.key.size() + record.value.size();
    batch.push_back({record::Change::Kind::put, std::move(record.key), std::move(record.value)});
    if (bytes < kBatchBytes) continue;
    ROLLPROOF_TRY(store->apply(batch));
    batch.clear();
    bytes = 0;
  }
  if (!batch.empty()) ROLLPROOF_TRY(store->apply(batch));
  return store->close();
}

// Makes the good one and proves it; on success its mark.
Result<store::Mark> build(Session& session, const migrate::Expected& expected, const store::Where& ready) {
  ROLLPROOF_ASSIGN(store::Mark mark, expected.backup_path() ? build_from_backup(session, expected, ready) : build_from_records(session, expected, ready));
  ROLLPROOF_ASSIGN(auto made, store::open_read_only(session.world(), ready, {.mark = mark}));
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected.scan(); }, [&] { return made->scan(); }));
  if (!comparison.equal()) {
    return fail(Code::differs, fmt::format("what was restored from {} differs from it in {} records", expected.name(), comparison.difference_count()), ready.path);
  }
  ROLLPROOF_TRY(session.world().files.sync_directory(os::parent_of(ready.path)));
  return mark;
}

}  // namespace

std::string ready_path(const Session& session) { return session.config().source.path + ".restoring"; }

std::string same_again(const Session& session) {
  const auto& operation = session.state().operation;
  const bool part = operation && operation->kind == "rollback" && operation->goal != "source";
  return part ? fmt::format("rollproof rollback --to {} --execute", operation->goal) : "rollproof rollback --execute";
}

Status clear_ready(Session& session) {
  const std::string ready = ready_path(session);
  ROLLPROOF_ASSIGN(const bool there, os::exists(session.world().files, ready));
  if (!there) return {};
  ROLLPROOF_TRY(os::remove_tree(session.world().files, ready));
  return session.world().files.sync_directory(os::parent_of(ready));
}

Result<store::Mark> make_ready(Session& session, const migrate::Expected& expected) {
  ROLLPROOF_TRY(clear_ready(session));
  auto mark = build(session, expected, {session.config().source.kind, ready_path(session)});
  if (mark) return mark;
  if (auto cleared = clear_ready(session); !cleared) mark.error().message += "; then: " + cleared.error().to_string();
  return mark;
}

Status put_in_place(Session& session, const std::string& from, const store::Mark& mark, const std::string& aside, const std::string& why) {
  ROLLPROOF_TRY(session.ledger().record({Json{{"type", "source_replacing"}, {"ready", ready_path(session)}, {"aside", aside}, {"from", from},
                                              {"position", session.ledger().last()}, {"mark", mark}, {"why", why}}}));
  return finish_replacement(session);
}

Result<std::optional<Error>> damage_of_source(Session& session) {
  const store::Where& source = session.config().source;
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), source));
  if (!there) return std::optional(Error{Code::corruption, fmt::format("the {} store is gone", source.kind), source.path, ""});
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(session.world(), source));
  for (const auto& problem : inspection.problems) {
    if (!problem.ordinary) return std::optional(Error{Code::corruption, fmt::format("source file {}: {}", problem.file, problem.what), source.path, ""});
  }
  auto read = read_source(session);
  if (read) return std::optional<Error>();
  if (read.error().code == Code::corruption || read.error().code == Code::not_found) return std::optional(std::move(read).error());
  if (read.error().code == Code::refused) return std::optional<Error>();
  return fail(std::move(read).error());
}

Status replace_source(Session& session, const Error& why, Json& facts) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
  const bool only_records = expected && !expected->backup_path() && store::holds_more_than_records(session.config().source);
  if (only_records) why_not.push_back("target: it has the records, and the files of the source held more than those");
  if (!expected || only_records) {
    return fail(Code::needs_person, fmt::format("the source is damaged ({}), and nothing can replace it: {}", why.to_string(), fmt::join(why_not, "; ")),
                session.config().source.path,
                fmt::format("Nothing was changed. Put a good copy of one of the named files back, then run `{}`.", same_again(session)));
  }
  session.report({"rollback", "restore-source"});
  const journal::Position position = session.ledger().last();
  ROLLPROOF_ASSIGN(const store::Mark mark, make_ready(session, *expected));
  const std::string aside = fmt::format("{}.damaged-{}-{}", session.config().source.path, session.state().migration, position);
  facts["damage"] = why.to_string();
  facts["restored_from"] = expected->name();
  facts["damaged_files_in"] = aside;
  return put_in_place(session, expected->name(), mark, aside, why.to_string());
}

Status finish_replacement(Session& session) {
  if (!session.state().replacement) return clear_ready(session);
  auto& files = session.world().files;
  const migrate::Replacement replacement = *session.state().replacement;
  const std::string& source = session.config().source.path;
  const std::string parent = os::parent_of(source);
  // Each half may have happened already: what is there tells.
  ROLLPROOF_ASSIGN(const bool ready_there, os::exists(files, replacement.ready));
  if (ready_there) {
    ROLLPROOF_ASSIGN(const bool damaged_there, os::exists(files, source));
    if (damaged_there) {
      ROLLPROOF_TRY(files.rename(source, replacement.aside));
      ROLLPROOF_TRY(files.sync_directory(parent));
    }
    ROLLPROOF_TRY(files.rename(replacement.ready, source));
  }
  ROLLPROOF_TRY(files.sync_directory(parent));
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(session.world(), session.config().source, nullptr));
  return session.ledger().record({Json{{"type", "source_replaced"},
                                       {"source", Json{{"position", replacement.position}, {"mark", replacement.mark}, {"fingerprint", migrate::to_json(fingerprint)}}}}});
}

}  // namespace rollproof::rollback
