#include "lib/rollback/restore_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lib/backup/restore.h"
#include "lib/migrate/events.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/paths.h"
#include "lib/record/equivalence.h"
#include "lib/migrate/expected.h"
#include "lib/rollback/exchange_in_place.h"

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
  auto opened = store::open(session.world(), ready, {});
  // Its own program may have left it unclosed, which was accepted at validate: it is mended as it was then.
  if (!opened && opened.error().code == Code::refused) opened = store::open(session.world(), ready, {.interrupted = true});
  ROLLPROOF_ASSIGN(auto store, std::move(opened));
  ROLLPROOF_TRY(session.ledger().read_changes(expected.position(), [&](journal::Position, const record::Batch& batch) { return store->apply(batch); }));
  return store->close();
}

// What was made from records has only the umask's modes; what a backup gives back has those of the backup's files. A file takes those of the one of
// its name, or, where that is gone or names are new each time, of the first one.
Status take_access_of_files(os::FileSystem& files, const std::string& ready, const std::string& source) {
  const auto old = files.list(source);
  if (!old && old.error().code == Code::not_found) return {};
  if (!old) return fail(old.error());
  std::string first;
  for (const std::string& name : *old) {
    ROLLPROOF_ASSIGN(const os::Info info, files.stat(os::join(source, name)));
    if (info.kind != os::Kind::file) continue;
    first = name;
    break;
  }
  if (first.empty()) return {};
  ROLLPROOF_ASSIGN(const auto made, files.list(ready));
  for (const std::string& name : made) {
    const bool of_its_name = std::binary_search(old->begin(), old->end(), name);
    ROLLPROOF_TRY(files.take_access(os::join(ready, name), os::join(source, of_its_name ? name : first)));
  }
  return {};
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
  ROLLPROOF_ASSIGN(const store::Mark mark, store->close());
  ROLLPROOF_TRY(take_access_of_files(session.world().files, ready.path, session.config().source.path));
  return mark;
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

// What is decided by it must not be one read that returned a wrong bit.
Result<store::Fingerprint> fingerprint_twice(Session& session, const store::Where& where) {
  constexpr int kReadsMore = 3;
  ROLLPROOF_ASSIGN(store::Fingerprint found, store::take_fingerprint(session.world(), where, nullptr));
  for (int more = 0; more < kReadsMore; ++more) {
    ROLLPROOF_ASSIGN(store::Fingerprint again, store::take_fingerprint(session.world(), where, nullptr));
    if (again == found) return found;
    found = std::move(again);
  }
  return fail(Code::io, "two reads of the same files never agree", where.path, "Stop the program that writes to them; if there is none, check the disk and the memory of this machine.");
}

// `kept_too`: where else files of before are, or nothing.
Status record_replaced(Session& session, journal::Position position, const store::Mark& mark, const store::Fingerprint& fingerprint, const std::string& kept_too) {
  Json event{{"type", "source_replaced"}, {"source", Json{{"position", position}, {"mark", mark}, {"fingerprint", migrate::to_json(fingerprint)}}}};
  if (!kept_too.empty()) event["kept_too"] = migrate::to_recorded(session.config(), kept_too);
  return session.ledger().record({std::move(event)});
}

// What is not as it was decided about the store in the source's place; empty if it is that one. An earlier version recorded its mark alone.
Result<std::string> unlike_decided(Session& session, const migrate::Replacement& replacement, const store::Fingerprint& found) {
  if (!replacement.fingerprint.files.empty()) {
    const auto different = store::differences(replacement.fingerprint, found);
    return different.empty() ? std::string() : fmt::format("{} {}", different.front().name, different.front().what);
  }
  const auto mark = store::mark_of(session.world(), session.config().source);
  if (!mark && (mark.error().code == Code::corruption || mark.error().code == Code::not_found)) return mark.error().to_string();
  if (!mark) return fail(mark.error());
  return *mark == replacement.mark ? std::string() : fmt::format("it is at {}, the restored one was at {}", *mark, replacement.mark);
}

Error not_the_decided_one(const Session& session, const std::string& what) {
  const std::string& source = session.config().source.path;
  const std::string ready = migrate::ready_path(session.config());
  const std::string anew = session.state().active ? fmt::format("move {} away and run `rollproof recover`: a source that is gone is made anew from backup and journal", source)
                                                  : "run `rollproof backup restore ID --execute` (`rollproof backup list` names it): what is there is moved aside";
  return {Code::needs_person, fmt::format("the restored source ({}) is neither in {} nor in its place: {}", session.state().replacement->from, ready, what), source,
          fmt::format("Nothing of what is there was changed. Bring {} back if somebody moved it, and run `rollproof recover`; otherwise {}.", ready, anew)};
}

Error another_source(const Session& session, const migrate::Replacement& replacement) {
  return {Code::needs_person, fmt::format("a restored source is not in its place yet, and the configuration names another source: it was made for {}", replacement.source), session.config().path,
          fmt::format("Nothing was changed. Write \"source\": {} into the configuration again and run `rollproof recover`.", Json(replacement.source).dump(-1, ' ', false, Json::error_handler_t::replace))};
}

// The name was free when it was decided upon. Somebody may have taken it since; an earlier version did not look.
Status move_aside(os::FileSystem& files, const std::string& source, const std::string& aside) {
  auto moved = files.rename(source, aside);
  if (moved) return moved;
  ROLLPROOF_ASSIGN(const bool taken, os::exists(files, aside));
  if (taken) moved.error().hint = fmt::format("Nothing was changed. Move {} to another name, then run `rollproof recover`.", aside);
  return moved;
}

// The two renames of a replacement that was decided, or what stands for them. Each half may have happened already: what is there tells. Code::needs_person if neither
// the folder that was made ready is there nor what was in it in the source's place.
Status exchange_folders(Session& session) {
  auto& files = session.world().files;
  const migrate::Replacement replacement = *session.state().replacement;
  const std::string& source = session.config().source.path;
  const std::string parent = os::parent_of(source);
  if (!replacement.source.empty() && replacement.source != session.config().source_text) return fail(another_source(session, replacement));
  // Renamed below a running program it would go on writing to what was set aside, and later into what took the place.
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), session.config().source));
  // By name, beside the source: an earlier version recorded them as seen from the folder that it was started in.
  const std::string ready = migrate::beside_source(session.config(), replacement.ready);
  std::string kept_too;
  ROLLPROOF_ASSIGN(const bool ready_there, os::exists(files, ready));
  if (ready_there) {
    ROLLPROOF_ASSIGN(const bool damaged_there, os::exists(files, source));
    const std::string aside = migrate::beside_source(session.config(), replacement.aside);
    const Status moved = damaged_there ? move_aside(files, source, aside) : Status();
    if (!moved && moved.error().code != Code::locked && moved.error().code != Code::io) return moved;
    if (moved) {
      ROLLPROOF_TRY(files.sync_directory(parent));
      ROLLPROOF_TRY(files.rename(ready, source));
    } else {
      // Where a file system is mounted no folder can be renamed.
      ROLLPROOF_ASSIGN(kept_too, exchange_in_place(session.world(), source, ready, aside));
      if (!kept_too.empty()) session.note(fmt::format("files of the source that {} lacks are kept at {}: another program wrote to it while it was made anew, or had taken that name", aside, kept_too));
    }
  }
  ROLLPROOF_TRY(files.sync_directory(parent));
  ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().source));
  if (!there) return fail(not_the_decided_one(session, "there is no store"));
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, fingerprint_twice(session, session.config().source));
  ROLLPROOF_ASSIGN(const std::string unlike, unlike_decided(session, replacement, fingerprint));
  if (!unlike.empty()) return fail(not_the_decided_one(session, unlike));
  ROLLPROOF_TRY(record_replaced(session, replacement.position, replacement.mark, fingerprint, kept_too));
  return clear_ready(session);  // what was copied from
}

Result<bool> holds_what_it_should(Session& session) {
  std::vector<std::string> why_not;
  ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
  if (!expected) return false;
  ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), session.config().source, {}));
  ROLLPROOF_ASSIGN(const record::Comparison comparison, record::compare([&] { return expected->scan(); }, [&] { return source->scan(); }));
  return comparison.equal();
}

// The files are not those that were decided, and can be read to their end.
Status accept_same_records(Session& session, Status refusal) {
  ROLLPROOF_ASSIGN(const bool same, holds_what_it_should(session));
  if (!same) return refusal;
  ROLLPROOF_ASSIGN(const store::Mark mark, store::mark_of(session.world(), session.config().source));
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, fingerprint_twice(session, session.config().source));
  return record_replaced(session, session.ledger().last(), mark, fingerprint, "");
}

}  // namespace

std::string same_again(const Session& session) {
  const auto& operation = session.state().operation;
  const bool part = operation && operation->kind == "rollback" && operation->goal != "source";
  return part ? fmt::format("rollproof rollback --to {} --execute", operation->goal) : "rollproof rollback --execute";
}

Status clear_ready(Session& session) {
  const std::string ready = migrate::ready_path(session.config());
  ROLLPROOF_ASSIGN(const bool there, os::exists(session.world().files, ready));
  if (!there) return {};
  ROLLPROOF_TRY(os::remove_tree(session.world().files, ready));
  return session.world().files.sync_directory(os::parent_of(ready));
}

Result<store::Mark> make_ready(Session& session, const migrate::Expected& expected) {
  ROLLPROOF_TRY(clear_ready(session));
  auto mark = build(session, expected, {session.config().source.kind, migrate::ready_path(session.config())});
  if (mark) return mark;
  if (auto cleared = clear_ready(session); !cleared) mark.error().message += "; then: " + cleared.error().to_string();
  return mark;
}

Status decide_replacement(Session& session, const std::string& from, const store::Mark& mark, const std::string& aside, const std::string& why) {
  const migrate::Config& config = session.config();
  ROLLPROOF_TRY(store::check_not_in_use(session.world(), config.source));
  const std::string ready = migrate::ready_path(config);
  ROLLPROOF_TRY(session.world().files.take_access(ready, config.source.path));
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, fingerprint_twice(session, {config.source.kind, ready}));
  return session.ledger().record({Json{{"type", "source_replacing"}, {"ready", migrate::to_recorded(config, ready)}, {"aside", migrate::to_recorded(config, aside)}, {"source", config.source_text},
                                       {"from", from}, {"position", session.ledger().last()}, {"mark", mark}, {"fingerprint", migrate::to_json(fingerprint)}, {"why", why}}});
}

Status put_in_place(Session& session, const std::string& from, const store::Mark& mark, const std::string& aside, const std::string& why) {
  ROLLPROOF_TRY(decide_replacement(session, from, mark, aside, why));
  return exchange_folders(session);
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
  facts["damaged_files_in"] = migrate::to_recorded(session.config(), aside);
  ROLLPROOF_ASSIGN(const bool there, os::exists(session.world().files, session.config().source.path));
  if (there) session.note(fmt::format("the source of before ({}) is kept at {}", why.message, aside));
  return put_in_place(session, expected->name(), mark, aside, why.to_string());
}

Status finish_replacement(Session& session) {
  if (!session.state().replacement) {
    // Nobody removes what may be the only store that is left. While a migration is active the source is made anew.
    ROLLPROOF_ASSIGN(const bool ready, os::exists(session.world().files, migrate::ready_path(session.config())));
    ROLLPROOF_ASSIGN(const bool there, store::is_there(session.world(), session.config().source));
    if (ready && !there && !session.state().active) {
      return fail(Code::needs_person, "the source is gone, and a restored one stands beside it that the journal knows nothing of", migrate::ready_path(session.config()),
                  "`rollproof backup restore ID --execute` (`rollproof backup list` names it) makes the source anew; what it was before stands beside it as SOURCE.before-restore-….");
    }
    return clear_ready(session);
  }
  auto finished = exchange_folders(session);
  if (finished || finished.error().code != Code::needs_person || !session.state().active) return finished;
  // What was decided is nowhere, and the backup that it was made from may still be: it is made once more. Only what is damaged or gone is
  // replaced; a sound store that nobody decided upon may hold what nothing else does.
  ROLLPROOF_ASSIGN(const auto damage, damage_of_source(session));
  if (!damage) return accept_same_records(session, std::move(finished));
  Json facts;
  return replace_source(session, *damage, facts);
}

}  // namespace rollproof::rollback
