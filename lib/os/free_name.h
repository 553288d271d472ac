// A name that says when it was given, and that nobody has.
#pragma once

#include <string>

#include "lib/os/world.h"

namespace rollproof::os {

// `before` followed by the time as in "2025-08-13T11-26-18-516Z", of now or of the next millisecond whose name is free. The clock is only where
// the search starts: one that stands still or goes back gives a name all the same. Nothing is created, so the name stays free for as long as
// nobody else takes it. Code::already_exists (path: the first name) if the next thousand are taken.
Result<std::string> free_timed_name(World& world, const std::string& before);

}  // namespace rollproof::os
