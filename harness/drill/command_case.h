// The sub-commands about what a run has found or would do: one case, a list, random stories, findings made small, mutants.
#pragma once

#include "harness/drill/command_line.h"

namespace rollproof::drill {

// Each answers with the exit code.
int mutants(const Line& line);
int random(const Line& line);
int shrink_case(const Line& line);
int replay(const Line& line);
int list(const Line& line);
int explain_id(const Line& line);

}  // namespace rollproof::drill
