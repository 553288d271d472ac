#include "lib/migrate/expected.h"

#include <algorithm>

#include "lib/backup/verify.h"
#include "lib/migrate/recorded_path.h"

namespace rollproof::migrate {
namespace {

// A cursor keeps the store open that it reads from.
class StoreCursor final : public record::Cursor {
 public:
  StoreCursor(std::unique_ptr<store::Store> store, std::unique_ptr<record::Cursor> cursor) : store_(std::move(store)), cursor_(std::move(cursor)) {}
  Result<bool> next(record::Record& out) override { return cursor_->next(out); }

 private:
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<record::Cursor> cursor_;
};

// Reads to the end: what can not be read is an error now, not in the middle of what it is used for.
Status read_all(const record::CursorFactory& open) {
  ROLLPROOF_ASSIGN(const auto cursor, open());
  record::Record record;
  for (;;) {
    ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
    if (!more) return {};
  }
}

// The copy's records that were not written since, then the written ones.
class ExpectedCursor final : public record::Cursor {
 public:
  using Written = std::unordered_map<std::string, record::Change>;
  ExpectedCursor(std::unique_ptr<record::Cursor> copy, const Written& written)
      : copy_(std::move(copy)), written_(written), next_(written.begin()) {}

  Result<bool> next(record::Record& out) override {
    while (copy_) {
      ROLLPROOF_ASSIGN(const bool more, copy_->next(out));
      if (!more) copy_.reset();
      if (more && !written_.contains(out.key)) return true;
    }
    while (next_ != written_.end()) {
      const record::Change& change = (next_++)->second;
      if (change.kind != record::Change::Kind::put) continue;
      out = {change.key, change.value};
      return true;
    }
    return false;
  }

 private:
  std::unique_ptr<record::Cursor> copy_;
  const Written& written_;
  Written::const_iterator next_;
};

}  // namespace

Status Expected::read_written(Session& session) {
  return session.ledger().read_changes(position_, [&](journal::Position, record::Batch batch) -> Status {
    for (record::Change& change : batch) {
      std::string key = change.key;
      written_.insert_or_assign(std::move(key), std::move(change));
    }
    return {};
  });
}

Result<std::unique_ptr<Expected>> Expected::of_backup(Session& session, const Seal& seal) {
  ROLLPROOF_ASSIGN(const std::string path, find_backup(session.world().files, session.config(), seal));
  auto report = backup::verify(session.world(), path, backup::Depth::records);
  if (!report) {
    if (report.error().code == Code::not_found) report.error().code = Code::backup_damaged;
    return fail(std::move(report).error());
  }
  if (report->digest != seal.facts.at("digest").get<std::string>()) {
    return fail(Code::backup_damaged, "the backup is sound but not the one that was sealed", path);
  }
  return of_verified_backup(session, seal, path);
}

Result<std::unique_ptr<Expected>> Expected::of_verified_backup(Session& session, const Seal& seal, const std::string& path) {
  auto expected = std::make_unique<Expected>();
  expected->name_ = "backup " + to_recorded(session.config(), path);
  expected->backup_path_ = path;
  expected->position_ = seal.position;
  expected->copy_ = [&world = session.world(), path] { return backup::scan(world, path); };
  ROLLPROOF_TRY(expected->read_written(session));
  return expected;
}

Result<std::unique_ptr<Expected>> Expected::of_target(Session& session) {
  const State& state = session.state();
  const auto compared = state.seals.find("equivalence");
  if (state.following != Following::live || compared == state.seals.end() || !compared->second.passed) {
    return fail(Code::refused, "the target has not been filled and compared", session.config().target.path);
  }
  ROLLPROOF_TRY(check_target_untouched(session.ledger()));
  auto expected = std::make_unique<Expected>();
  expected->name_ = "the target";
  expected->position_ = state.target_follower.position;
  const store::OpenOptions options{.interrupted = session.ledger().interrupted(), .mark = state.target_follower.mark};
  expected->copy_ = [&world = session.world(), where = session.config().target, options]() -> Result<std::unique_ptr<record::Cursor>> {
    ROLLPROOF_ASSIGN(auto opened, store::open_read_only(world, where, options));
    ROLLPROOF_ASSIGN(auto cursor, opened->scan());
    return std::unique_ptr<record::Cursor>(std::make_unique<StoreCursor>(std::move(opened), std::move(cursor)));
  };
  ROLLPROOF_TRY(read_all(expected->copy_));
  ROLLPROOF_TRY(expected->read_written(session));
  return expected;
}

Result<std::unique_ptr<Expected>> Expected::best(Session& session, std::vector<std::string>& why_not) {
  const std::vector<const Seal*> backups = session.state().sealed_backups();
  // Trouble of the machine (an I/O error, no memory) says nothing about a copy: it ends the search instead of choosing the next one.
  const auto is_verdict = [](Code code) { return code == Code::backup_damaged || code == Code::corruption || code == Code::refused || code == Code::not_found; };
  for (const Seal* seal : backups) {
    auto expected = of_backup(session, *seal);
    if (expected || !is_verdict(expected.error().code)) return expected;
    why_not.push_back("backup: " + expected.error().to_string());
  }
  if (backups.empty()) why_not.push_back("there is no backup of this migration");
  auto expected = of_target(session);
  if (expected || !is_verdict(expected.error().code)) return expected;
  why_not.push_back("target: " + expected.error().to_string());
  return std::unique_ptr<Expected>();
}

Result<std::unique_ptr<record::Cursor>> Expected::scan() const {
  ROLLPROOF_ASSIGN(auto copy, copy_());
  return std::unique_ptr<record::Cursor>(std::make_unique<ExpectedCursor>(std::move(copy), written_));
}

}  // namespace rollproof::migrate
