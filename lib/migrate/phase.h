// The phases of a migration, in order (seed 003, phases 1 to 5), and where reads and writes go (migration.md, "route").
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace rollproof::migrate {

enum class Phase { validate, dual_write, copy, prove, cutover };
inline constexpr std::array kPhases = {Phase::validate, Phase::dual_write, Phase::copy, Phase::prove, Phase::cutover};

std::string_view name_of(Phase phase);                       // "dual-write"
std::optional<Phase> phase_named(std::string_view name);

enum class Route { source_only, dual_source_first, dual_target_first, target_only };

std::string_view name_of(Route route);                       // "dual_source_first"
std::optional<Route> route_named(std::string_view name);
// The store that answers reads, and whose application makes a write acknowledged.
inline bool answers_from_source(Route route) { return route == Route::source_only || route == Route::dual_source_first; }
inline bool is_dual(Route route) { return route == Route::dual_source_first || route == Route::dual_target_first; }

}  // namespace rollproof::migrate
