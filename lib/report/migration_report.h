// The completion report of a migration, printed. What has no source in the journal reads "not measured".
#pragma once

#include "lib/report/document.h"
#include "lib/report/migration.h"

namespace rollproof::report {

Document migration_document(const History& history, const MigrationRecord& record, int64_t now_ms);
Json migration_json(const History& history, const MigrationRecord& record, int64_t now_ms);

}  // namespace rollproof::report
