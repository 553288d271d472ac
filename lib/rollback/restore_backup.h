// A chosen backup takes the place of the source (seed 000, "Backup Recovery"; seed 002, "System Restore from Backup").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lib/backup/manifest.h"
#include "lib/migrate/session.h"
#include "lib/migrate/expected.h"

namespace rollproof::rollback {

// What the source would become, and what it is now.
struct Exchange {
  std::string backup;                 // path
  backup::Manifest manifest;
  uint64_t records = 0;               // that the source will hold
  uint64_t replayed_keys = 0;         // of them changed by writes since the backup; only with a migration active
  std::optional<uint64_t> differing;  // records in which both differ; nothing: the source of now can not be read
  std::string why_not_compared;
  std::string aside;                  // where the source of now goes
  std::unique_ptr<migrate::Expected> expected; // with a migration active
};

// Verifies the backup, every record of it, and compares; nothing on disk changes but what opening the session did.
// While a migration is active only a backup that its journal has sealed can take the place, with the journal's writes since on top:
// Code::refused for any other. Code::backup_damaged (path: the file) if it does not verify. Code::stopped if an operation is unfinished.
// Code::invalid if the backup is of another kind of store. REQUIRES: no store is open.
Result<Exchange> plan_exchange(migrate::Session& session, const std::string& backup_path);

// Makes the new source beside the old one, proves it, journals the decision, and moves the old one aside; nothing is deleted. Without a
// migration its files are those of the backup, byte for byte. On a failure before the decision the source is as it was; interrupted
// after it, recover() finishes. REQUIRES: `exchange` was planned in this session; no store is open.
Status exchange_source(migrate::Session& session, const Exchange& exchange);

}  // namespace rollproof::rollback
