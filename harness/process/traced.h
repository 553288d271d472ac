// A process that is stopped before each of its changes to the disk, so that kill -9 can be placed exactly before the n-th one.
//
// Linux only: a seccomp filter in the child picks the calls, ptrace stops there, threads are followed. The kernel does not run a call
// before which the process was killed; everything that was called earlier has happened, as with any kill -9.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/process/program.h"
#include "lib/base/result.h"

namespace rollproof::process {

struct Call {
  uint64_t ordinal = 0;   // 1, 2, 3, …
  std::string name;       // "pwrite64"
  std::string path;       // of the file, as the process names it or as /proc does
};

struct TracedEnd {
  uint64_t calls = 0;     // seen
  bool killed = false;    // by us, before call number `calls`
  int exit_code = -1;     // if it ended by itself
  int signal = 0;
  bool timed_out = false; // it was still there after the limit, and killed
  std::vector<int> delivered;  // signals that reached it, but for stops, in order
  std::string output;
  std::string errors;
};

// Runs the program; before each change to the disk `before` is asked whether it may go on. The first `false` is the kill. One that is still
// there after `limit_ms` is killed as well.
// Code::no_permission if this environment does not let a process trace another: then nothing can be said about kills, and a test skips.
Result<TracedEnd> run_traced(const Program& program, const std::function<bool(const Call&, int pid)>& before, int64_t limit_ms = 120'000);

}  // namespace rollproof::process
