// What the source has to hold: the backup's records with every journaled change since the backup on top of them. This is promise 3
// as a computation: it uses neither the source nor the target.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "lib/base/result.h"
#include "lib/migrate/session.h"
#include "lib/record/record.h"

namespace rollproof::rollback {

// A stream of the expected records. Memory: the keys and values written since the backup.
class Expected {
 public:
  // REQUIRES: the state holds a passed backup seal. Code::backup_damaged if that backup does not verify.
  static Result<std::unique_ptr<Expected>> open(migrate::Session& session);
  Result<std::unique_ptr<record::Cursor>> scan() const;
  uint64_t written_keys() const { return written_.size(); }

 private:
  std::string backup_path_;
  os::World* world_ = nullptr;
  std::unordered_map<std::string, record::Change> written_;  // the last change of each key
};

}  // namespace rollproof::rollback
