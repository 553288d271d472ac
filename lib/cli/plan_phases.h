// What a person weighs before a phase is begun: risk, room on the disk, time, and the way back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/context.h"
#include "lib/migrate/phase.h"

namespace rollproof::cli {

// What the plan has seen of the source.
struct SourceSize {
  uint64_t records = 0;
  uint64_t value_bytes = 0;
  uint64_t file_bytes = 0;
  int64_t read_ms = 0;  // that reading and examining every record has just taken
};

struct PhasePlan {
  migrate::Phase phase = migrate::Phase::validate;
  std::string_view risk;         // seed 000: of the phase, and how hard its rollback is
  std::string_view complexity;
  std::string_view what_can_go_wrong;
  uint64_t bytes = 0;            // that it adds to the disk, at most
  std::string_view bytes_for;
  int64_t about_ms = 0;          // without the disk's syncs and the user's own checks
  int64_t rollback_limit_ms = 0;
};

PhasePlan plan_of(migrate::Phase phase, const SourceSize& source, uint64_t reserve_bytes);

Json to_json(const PhasePlan& plan);
std::string to_text(const PhasePlan& plan);

}  // namespace rollproof::cli
