// rollproof-drill: runs stories under faults and checks the promises.
#include "harness/drill/commands.h"

int main(int argc, char** argv) { return rollproof::drill::run_command_line(argc, argv); }
