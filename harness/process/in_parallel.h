// Pieces of work in forked processes, more than there are processors where they wait for a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::process {

// Says what it finds in lines (without a line feed), and ends with a status. Runs in a process of its own.
using Piece = std::function<Status(const std::function<void(const std::string& line)>& say)>;

struct PieceDone {
  std::vector<std::string> lines;
  std::optional<Error> error;  // Code::internal if its process died
};

// Processes at work. A process takes the next piece that nobody has; one that dies is replaced by nobody.
class AtWork {
 public:
  // REQUIRES: one thread.
  static Result<AtWork> start(const std::vector<Piece>& pieces, uint32_t processes);
  AtWork(AtWork&& other) noexcept = default;
  AtWork(const AtWork&) = delete;
  // Kills and reaps what is still at work.
  ~AtWork();

  // Waits for the end of all; once. By index of the pieces. Nothing is read before: what a piece says beyond some 60 KiB waits for this.
  std::vector<PieceDone> wait();

 private:
  AtWork() = default;
  std::vector<PieceDone> done_;
  std::vector<int> pids_, outputs_;
};

// Start and wait in one.
Result<std::vector<PieceDone>> in_parallel(const std::vector<Piece>& pieces, uint32_t processes);

}  // namespace rollproof::process
