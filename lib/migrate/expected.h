// What the source has to hold: the records of a good copy with every journaled change since that copy on top of them. This is promise 3
// as a computation: it uses nothing of the source.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/session.h"
#include "lib/record/equivalence.h"
#include "lib/record/record.h"

namespace rollproof::migrate {

// A stream of the expected records. Memory: the keys and values written since the copy.
class Expected {
 public:
  // The copy is a backup that the journal sealed. Code::backup_damaged (path: the file) if it does not verify.
  static Result<std::unique_ptr<Expected>> of_backup(Session& session, const Seal& seal);
  // The same of one that has just been verified and is the sealed one, at `path`.
  static Result<std::unique_ptr<Expected>> of_verified_backup(Session& session, const Seal& seal, const std::string& path);
  // The copy is the target, which follows the journal since it was compared. Code::refused if it does not or if its files are not what
  // we left; an error of reading it if it is damaged: every record has been read. REQUIRES: the target is not open.
  static Result<std::unique_ptr<Expected>> of_target(Session& session);
  // The first of: the backups of this migration that the journal sealed, the newest first, then the target. Nothing if none can be used;
  // `why_not` then holds a line for each.
  static Result<std::unique_ptr<Expected>> best(Session& session, std::vector<std::string>& why_not);

  Result<std::unique_ptr<record::Cursor>> scan() const;
  Result<std::unique_ptr<record::Cursor>> scan_copy() const { return copy_(); }  // without what was written since
  uint64_t written_keys() const { return written_.size(); }
  const std::string& name() const { return name_; }  // for the journal: "backup backups/migration-…", "the target"
  // Of the backup that it comes from; nothing if it comes from the target.
  const std::optional<std::string>& backup_path() const { return backup_path_; }
  journal::Position position() const { return position_; }  // every change up to here is in the copy

 private:
  Status read_written(Session& session);
  std::string name_;
  std::optional<std::string> backup_path_;
  journal::Position position_ = 0;
  record::CursorFactory copy_;
  std::unordered_map<std::string, record::Change> written_;  // the last change of each key
};

}  // namespace rollproof::migrate
