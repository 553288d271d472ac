// The id of an incident. Every rollback opens one (seed 002: `INC-YYYYMMDD-HHMMSS`).
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace rollproof::incident {

// "INC-20250813-153000" for a rollback that was begun at this moment (UTC). If that one is taken, by another of the same second or by one
// from before a clock was set back, "-2" is put behind it, or the next number that is free.
std::string incident_id(int64_t begun_ms, const std::set<std::string>& taken);

}  // namespace rollproof::incident
