// The door to other programs: the user's own check commands (seed 003, phase 4: "the user's own tools run as checks").
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::os {

struct CommandRequest {
  std::string command;    // given to /bin/sh -c
  std::string directory;  // that it runs in; empty: the current one
  std::vector<std::pair<std::string, std::string>> environment;  // on top of ours
  int64_t timeout_ms = 60'000;
  uint64_t output_bytes_max = 16 << 10;  // of its last output (stdout and stderr together) are kept; the rest is read and dropped
  std::function<bool()> cancelled;       // may be empty; asked about ten times a second
};

struct CommandOutcome {
  int exit_code = 0;       // 128 + the signal if a signal ended it
  bool timed_out = false;  // it was ended by us, with everything it had started in its process group
  bool cancelled = false;  // the same, because the caller wanted to stop
  std::string output;      // the last bytes of what it wrote
  uint64_t output_bytes = 0;  // of all that it wrote
  int64_t duration_ms = 0;

  bool succeeded() const { return exit_code == 0 && !timed_out && !cancelled; }
};

class Commands {
 public:
  virtual ~Commands() = default;
  // Runs it to its end. An error only if it could not be started. A program that goes on in the background after the command has ended
  // is not waited for; what is left of the process group is ended.
  virtual Result<CommandOutcome> run(const CommandRequest& request) = 0;
};

}  // namespace rollproof::os
