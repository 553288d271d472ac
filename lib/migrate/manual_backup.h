// A backup that somebody asks for: `rollproof backup create` (seed 002, "Emergency Backup Creation").
#pragma once

#include <string>

#include "lib/backup/verify.h"
#include "lib/migrate/session.h"

namespace rollproof::migrate {

struct ManualBackup {
  std::string path;
  backup::Report report;  // of its verification: every record was read
};

// Copies the source, and opens and reads the copy. Its manifest names no migration, so none mistakes it for its own; but a migration that is active seals it
// in its journal, and from then on it may take the source's place, with the writes since on top.
// Code::stopped if a migration or rollback was interrupted, Code::outcome_unknown if memory ran out. Code::differs if the source
// is not what an older sealed backup and the journal say: the new one stays, unsealed. On any failure the stores are as they were; a part of a backup may be left, which recover() clears.
Result<ManualBackup> create_backup(Session& session);

}  // namespace rollproof::migrate
