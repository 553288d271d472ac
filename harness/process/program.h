// Real processes of the real command: started in a folder, waited for with a limit, their output kept.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::process {

struct Program {
  std::vector<std::string> arguments;  // [0] is the path of the program
  std::string folder;                  // to run in; empty: where we are
  std::vector<std::pair<std::string, std::string>> environment;  // set for it alone, beside ours
  uint64_t address_space_bytes = 0;    // RLIMIT_AS from its first instruction on; 0: none
};

struct Finished {
  int exit_code = -1;   // -1 if it was ended by a signal
  int signal = 0;       // that ended it
  bool timed_out = false;
  std::string output;   // of both streams
  std::string errors;
  int64_t duration_ms = 0;

  bool ok() const { return exit_code == 0; }
  std::string to_string() const;  // "exit 25: …" for messages
};

// Runs the program to its end; one that is still there after `limit_ms` is killed (timed_out).
Result<Finished> run(const Program& program, int64_t limit_ms = 120'000);

// A program that is at work while we do something else. The destructor kills and reaps it.
class Running {
 public:
  static Result<Running> start(const Program& program);
  Running(Running&& other) noexcept;
  Running(const Running&) = delete;
  ~Running();

  int pid() const { return pid_; }
  Status send(int signal) const;
  // SIGSTOP, and waits until it stands still: the signal alone is only sent. False if it ended before.
  bool hold() const;
  bool ended();  // without waiting
  Result<Finished> wait(int64_t limit_ms);

 private:
  Running() = default;
  int pid_ = 0;
  int output_ = -1;
  int errors_ = -1;
  int64_t started_ms_ = 0;
  bool reaped_ = false;
  int status_ = 0;
};

// For a child that is about to become the program: folder, streams, arguments. Returns only if it failed.
void become(const Program& program, int output, int errors);

}  // namespace rollproof::process
