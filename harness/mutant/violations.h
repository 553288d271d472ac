// What the record of a drill says was violated.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::mutant {

inline constexpr const char* kRecord = "run.json";

struct Violation {
  int promise = 0;
  std::string case_id;
  std::string what;
};

// A record that can not be read is an error: it must not look like a run in which nothing was violated.
Result<std::vector<Violation>> violations_in(os::FileSystem& files, const std::string& path);

}  // namespace rollproof::mutant
