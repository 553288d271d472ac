// A source whose folder can not be renamed, because a file system is mounted there, is replaced file by file.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/os/world.h"

namespace rollproof::rollback {

// On success every file that was in `source` is below `aside` (a copy, whole when it has that name), and `source` holds the files of `ready`, durably. `ready` stays:
// until the exchange is journaled nobody else knows what belongs there. Re-entrant with the same names. On failure each file of before is in `source` or in a copy.
// What `aside` lacks where it is there already, because another program has written to the source since or has taken that name, is kept at `aside`-2 (-3, …): that name is
// returned; empty if there was nothing.
// Code::not_found, and nothing was changed, if there is no `ready`.
// REQUIRES: no program has the store open, and none opens it before the end.
Result<std::string> exchange_in_place(os::World& world, const std::string& source, const std::string& ready, const std::string& aside);

}  // namespace rollproof::rollback
