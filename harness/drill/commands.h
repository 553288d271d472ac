// The command line of rollproof-drill.
#pragma once

namespace rollproof::drill {

// Data on stdout, all else on stderr. Returns the exit code of reports.md's table.
int run_command_line(int argc, char** argv);

}  // namespace rollproof::drill
