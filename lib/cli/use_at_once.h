// A store used by readers and writers at the same time (seed 000: "concurrent operations working"; seed 003, phase 3: "concurrent access").
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/migrate/session.h"

namespace rollproof::cli {

// Eight readers and four writers through the router of a session whose world can be thrown away. The evidence in words; Code::differs if an
// acknowledged write is not stored or a read answers something that nobody wrote, the first error of any of them otherwise.
Result<std::string> use_at_once(migrate::Session& session);

}  // namespace rollproof::cli
