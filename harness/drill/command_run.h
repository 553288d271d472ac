// `rollproof-drill run`: the drill in a process of its own under a supervisor, its must-fail control, and everything that is written about it.
#pragma once

#include "harness/drill/command_line.h"

namespace rollproof::drill {

// The exit code.
int run_command(const Line& line);

}  // namespace rollproof::drill
