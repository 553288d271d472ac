// How good a backup is, in one number with its parts (seed 002, "Backup Quality Assessment"): completeness, integrity, age and size.
#pragma once

#include <string>
#include <vector>

#include "lib/backup/verify.h"
#include "lib/base/result.h"
#include "lib/os/world.h"

namespace rollproof::backup {

struct QualityPart {
  std::string name;  // "completeness", "integrity", "age", "size"
  int points = 0;
  int points_max = 0;
  std::string why;
};

struct Quality {
  std::string path;
  std::vector<QualityPart> parts;
  std::vector<std::string> warnings;  // cost no points
  Report report;                      // of the verification, every record read

  int score() const;  // of 100
};

// Code::not_found if there is no folder at `path`. A damaged backup is no error: it has no points for its integrity.
// `source_bytes`: what the source's files take now; 0 if not known.
Result<Quality> assess_quality(os::World& world, const std::string& path, uint64_t source_bytes);

// Milliseconds since 1970 of "2025-08-13T11:26:18.516Z"; nothing if it is not such a text.
std::optional<int64_t> ms_of_time_text(const std::string& text);

}  // namespace rollproof::backup
