#include "lib/migrate/phase.h"

namespace rollproof::migrate {
namespace {
constexpr std::array<std::string_view, 5> kPhaseNames = {"validate", "dual-write", "copy", "prove", "cutover"};
constexpr std::array<std::string_view, 4> kRouteNames = {"source_only", "dual_source_first", "dual_target_first", "target_only"};
}  // namespace

std::string_view name_of(Phase phase) { return kPhaseNames[static_cast<size_t>(phase)]; }

std::optional<Phase> phase_named(std::string_view name) {
  for (size_t i = 0; i < kPhaseNames.size(); ++i) {
    if (kPhaseNames[i] == name) return static_cast<Phase>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Route route) { return kRouteNames[static_cast<size_t>(route)]; }

std::optional<Route> route_named(std::string_view name) {
  for (size_t i = 0; i < kRouteNames.size(); ++i) {
    if (kRouteNames[i] == name) return static_cast<Route>(i);
  }
  return std::nullopt;
}

}  // namespace rollproof::migrate
