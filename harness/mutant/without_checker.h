// What each checker is worth: the case that shows a mutant, once more without the checker of the promise that the mutant is named for. A
// checker without which every such case still fails would be one that nothing needs, or whose mutants show nothing of it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/mutant/mutant.h"
#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::mutant {

struct WithoutChecker {
  int promise = 0;                       // whose checker was left out
  std::string let_through;               // a mutant whose case then passes; empty: none of those that were tried
  std::string replay;                    // the line to type for that
  std::vector<std::string> seen_anyway;  // mutants whose case another checker fails as well, each with the promise: "journal-not-synced (2)"
  std::string trouble;                   // not empty: a drill that could not be run, or gave no record
};

struct WithoutOptions {
  std::string scratch;                 // an empty folder of our own
  std::vector<std::string> arguments;  // given to every run: "--profile", "catch"
  int64_t limit_ms = 300'000;          // for each run
  std::function<void(const std::string& name, int promise)> progress;  // before each run; may be empty
};

// For the promises 1 to 10, in order: the mutants named for it, those with the fewest stories first, until one gets away.
Result<std::vector<WithoutChecker>> without_each_checker(os::FileSystem& files, const std::string& directory, const WithoutOptions& options);

// One line for each promise.
std::string table_of(const std::vector<WithoutChecker>& rows);

}  // namespace rollproof::mutant
