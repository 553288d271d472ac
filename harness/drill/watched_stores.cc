#include "harness/drill/watched_stores.h"

#include "lib/migrate/config.h"
#include "lib/migrate/ledger.h"

namespace rollproof::drill {

WatchedStores watched_stores(const Recording& recording, const sim::Image& image) {
  sim::SimDisk disk(image);
  disk.record_calls(false);
  sim::SimWorld world(disk, recording.seed);
  const auto config = migrate::read_config(world.world.files, recording.options.places.config);
  if (!config) return {};
  const auto view = migrate::view_ledger(world.world, *config);
  if (!view || !view->state.active) return {};
  const migrate::State& state = view->state;
  const auto named = [&](const migrate::Follower& follower) { return !follower.mark.empty() || (!state.in_session && !follower.fingerprint.files.empty()); };
  return {.active = true,
          .backed_up = state.seals.contains("backup"),
          .in_operation = state.operation.has_value(),
          .in_session = state.in_session,
          .source = named(state.source_follower),
          .target = state.following != migrate::Following::none && named(state.target_follower),
          .source_mark = state.source_follower.mark,
          .target_mark = state.target_follower.mark};
}

}  // namespace rollproof::drill
