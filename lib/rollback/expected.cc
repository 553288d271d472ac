#include "lib/rollback/expected.h"

#include "lib/backup/verify.h"

namespace rollproof::rollback {
namespace {

// The backup's records that were not written since, then the written ones.
class ExpectedCursor final : public record::Cursor {
 public:
  using Written = std::unordered_map<std::string, record::Change>;
  ExpectedCursor(std::unique_ptr<record::Cursor> backup, const Written& written)
      : backup_(std::move(backup)), written_(written), next_(written.begin()) {}

  Result<bool> next(record::Record& out) override {
    while (backup_) {
      ROLLPROOF_ASSIGN(const bool more, backup_->next(out));
      if (!more) backup_.reset();
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
  std::unique_ptr<record::Cursor> backup_;
  const Written& written_;
  Written::const_iterator next_;
};

}  // namespace

Result<std::unique_ptr<Expected>> Expected::open(migrate::Session& session) {
  auto expected = std::make_unique<Expected>();
  const migrate::Seal& seal = session.state().seals.at("backup");
  expected->world_ = &session.world();
  expected->backup_path_ = seal.facts.at("path").get<std::string>();
  ROLLPROOF_ASSIGN(const backup::Report report, backup::verify(session.world(), expected->backup_path_, backup::Depth::records));
  if (report.digest != seal.facts.at("digest").get<std::string>()) {
    return fail(Code::backup_damaged, "the backup is sound but not the one that was sealed", expected->backup_path_);
  }
  ROLLPROOF_TRY(session.ledger().read_changes(seal.position, [&](journal::Position, record::Batch batch) -> Status {
    for (record::Change& change : batch) {
      std::string key = change.key;
      expected->written_.insert_or_assign(std::move(key), std::move(change));
    }
    return {};
  }));
  return expected;
}

Result<std::unique_ptr<record::Cursor>> Expected::scan() const {
  ROLLPROOF_ASSIGN(auto backup, backup::scan(*world_, backup_path_));
  return std::unique_ptr<record::Cursor>(std::make_unique<ExpectedCursor>(std::move(backup), written_));
}

}  // namespace rollproof::rollback
