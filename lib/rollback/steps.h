// The single steps of a rollback. Each completes what an interruption left of it.
#pragma once

#include <string>

#include "lib/migrate/session.h"

namespace rollproof::rollback {

Status prove_untouched(migrate::Session& session, migrate::Json& facts);
Status check_source(migrate::Session& session, migrate::Json& facts);
Status settle(migrate::Session& session, migrate::Json& facts);
Status switch_back(migrate::Session& session, migrate::Json& facts);
Status prove_source(migrate::Session& session, migrate::Json& facts);
Status user_checks(migrate::Session& session, migrate::Json& facts);
Status undo_phases_after(migrate::Session& session, const std::string& goal);
Status source_only(migrate::Session& session, migrate::Json& facts);
Status remove_migrated(migrate::Session& session, migrate::Json& facts);
Status release_claims(migrate::Session& session, migrate::Json& facts);
Status verify_restored(migrate::Session& session, migrate::Json& facts);
Status end_migration(migrate::Session& session, migrate::Json& facts);

// Removes the reserve file; absent is fine.
Status free_reserve(migrate::Session& session);

}  // namespace rollproof::rollback
