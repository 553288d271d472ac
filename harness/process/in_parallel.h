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

// By index of `pieces`. A process takes the next piece that nobody has; one that dies is replaced by nobody. REQUIRES: one thread.
Result<std::vector<PieceDone>> in_parallel(const std::vector<Piece>& pieces, uint32_t processes);

}  // namespace rollproof::process
