// What a command is going to do, before it does it.
#pragma once

#include <string>

#include "lib/cli/context.h"
#include "lib/migrate/phase.h"
#include "lib/migrate/state.h"

namespace rollproof::cli {

Json state_json(const migrate::State& state);

// Print the numbered plan on stdout; nothing changes. Both return the exit code.
int print_plan(Context& context, migrate::Phase through);
int print_rollback_plan(Context& context, const std::string& goal);

}  // namespace rollproof::cli
