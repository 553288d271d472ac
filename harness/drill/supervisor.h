// Runs work in a process of its own and survives it: a drill whose process is killed, crashes or hangs becomes a verdict in the record.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace rollproof::drill {

// By which the process at work says that it is alive.
class Lifeline {
 public:
  explicit Lifeline(int out) : out_(out) {}
  // From now on the next word comes within `limit_ms`, or it hangs.
  void expect_within(int64_t limit_ms) const;

 private:
  int out_;
};

struct Ending {
  bool exited = false;
  int code = 0;            // if it exited
  std::string execution;   // otherwise "crashed", "timed_out", "interrupted" (a person's SIGINT or SIGTERM; the latter is sent on to it)
  std::string why;         // in words
  int signal = 0;          // that ended it
};

// The process ends with what `work` returns. `first_limit_ms`: for its first word. REQUIRES: one thread.
Ending run_supervised(const std::function<int(const Lifeline&)>& work, int64_t first_limit_ms);

}  // namespace rollproof::drill
