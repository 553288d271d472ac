// What a journal says: the only place that derives route, phase and progress.
#include "harness/model/actions.h"

namespace rollproof::model {

Content apply_change(const Model& model, uint8_t entry, Content content) {
  if (!is_change(entry)) return content;
  const Write& write = model.scenario.writes[write_of(entry)];
  for (const Write::Change& change : write.changes) {
    content = with(content, change.key, change.value);
    if (kind_of(entry) == Kind::half) break;
  }
  return content;
}

static void take(const Model& model, uint8_t entry, Summary& to) {
  if (is_route_change(entry)) ++to.epoch;
  switch (kind_of(entry)) {
    case Kind::change:
      to.writes |= 1 << write_of(entry);
      [[fallthrough]];
    case Kind::half:
      to.ideal = apply_change(model, entry, to.ideal);
      break;
    case Kind::copy_begin:
      to.phase = Phase::copying;
      to.cursor = 0;
      break;
    case Kind::copied_first:
      to.cursor = 1;
      break;
    case Kind::copy_done:
      to.phase = Phase::copied;
      break;
    case Kind::seal_equal:
      to.phase = Phase::sealed;
      break;
    case Kind::seal_differs:
      to.phase = Phase::failed;
      break;
    case Kind::rollback_begin:
      to.rolling = 1;
      if (to.phase == Phase::sealed || to.phase == Phase::failed) to.phase = Phase::copied;  // no seal counts any more
      break;
    case Kind::proven:
      to.proven = 1;
      break;
    case Kind::commit:
      to.route = Route::target_first;
      to.phase = Phase::cut;
      ++to.cutovers;
      break;
    case Kind::back:
      to.route = Route::source_first;
      to.phase = Phase::copied;
      break;
    case Kind::source_only:
      to.route = Route::source_only;
      break;
    case Kind::done:
      if (to.route == Route::target_first) to.route = Route::target_only;
      to.done = 1;
      break;
  }
}

Summary fold(const Model& model, const State& state, int count) {
  Summary summary = state.base;
  for (int i = 0; i < count; ++i) take(model, state.entries[i], summary);
  return summary;
}

bool follows(const Summary& summary, Side side) {
  if (summary.done) return false;
  return side == kSource || (summary.route != Route::source_only && summary.phase != Phase::copying);
}

}  // namespace rollproof::model
