// Faults, and the recovery from them.
#include <algorithm>

#include "harness/model/stepping.h"

namespace rollproof::model {
namespace {

// What dies with the process. A write that was appended and not acknowledged is, to its writer, of unknown outcome.
void lose_process(State& state) {
  state.mode = Mode::stopped;
  for (Writer& writer : state.writers)
    writer = {.next = static_cast<uint8_t>(writer.next + (writer.step == WriterStep::appended))};
  state.applied = {};
  state.route = Route::source_first;
  state.epoch = 0;
  state.synced = state.safe;
  state.hold = Hold::none;
  state.flip = Flip::none;
  state.flipping = Kind::change;
  state.has_snapshot = state.snapshot = state.cursor = state.capture_pending = state.forgot_seal = 0;
}

void cut_journal(State& state, int length) {
  for (int i = length; i < state.length; ++i) state.entries[i] = 0;
  state.length = static_cast<uint8_t>(length);
  for (uint8_t* position : {&state.safe, &state.synced, &state.checkpoint[0], &state.checkpoint[1]})
    *position = std::min(*position, state.length);
}

void power_steps(Stepper& step) {
  for (int length = step.now.safe; length <= step.now.length; ++length) {
    for (int source = 0; source < 64; ++source) {
      if (!(step.now.durable[kSource] >> source & 1)) continue;
      for (int target = 0; target < 64; ++target) {
        if (!(step.now.durable[kTarget] >> target & 1)) continue;
        State next = step.now;
        lose_process(next);
        cut_journal(next, length);
        next.safe = next.synced = next.length;
        next.pages_lost = 0;
        next.now = {static_cast<Content>(source), static_cast<Content>(target)};
        next.durable = {uint64_t{1} << source, uint64_t{1} << target};
        --next.crashes;
        step.emit(next, Action::power_fails, (step.now.length - length) << 12 | source << 6 | target);
      }
    }
  }
}

void crash_steps(Stepper& step) {
  if (step.now.crashes == 0) return;
  power_steps(step);
  if (step.now.mode != Mode::open && step.now.mode != Mode::recovering) return;
  State next = step.now;
  lose_process(next);
  --next.crashes;
  step.emit(next, Action::process_dies);
}

void disk_steps(Stepper& step) {
  const State& now = step.now;
  if (now.failed_syncs > 0 && now.synced < now.length) {
    State next = now;
    --next.failed_syncs;
    next.pages_lost = 1;
    if (!step.rules.failed_record_is_unknown && now.flip == Flip::recorded) {
      next.flip = Flip::none;
      next.flipping = Kind::change;
      next.hold = Hold::none;
    } else if (step.rules.stop_at_failed_sync) {
      lose_process(next);
      next.mode = Mode::poisoned;
    }
    step.emit(next, Action::sync_fails);
  }
  if (now.rots == 0 || step.said.route != Route::target_first || now.flip != Flip::none) return;
  for (int key = 0; key < kKeys; ++key) {
    if (value_of(now.now[kSource], key) == kAbsent) continue;
    State next = now;
    --next.rots;
    next.now[kSource] = with(now.now[kSource], key, kRotten);
    next.durable[kSource] = 0;
    for (int content = 0; content < 64; ++content)
      if (now.durable[kSource] >> content & 1)
        next.durable[kSource] |= uint64_t{1} << (value_of(content, key) == kAbsent ? content : with(content, key, kRotten));
    step.emit(next, Action::source_rots, key);
  }
}

// Reads what is really on disk and copies the survivors to a new synced segment; after a failed sync the system may
// have dropped any part of the tail by now.
void open_journal(Stepper& step) {
  const int shortest = step.now.pages_lost ? step.now.safe : step.now.length;
  for (int length = shortest; length <= step.now.length; ++length) {
    State next = step.now;
    const bool had_tail = next.safe < next.length;
    cut_journal(next, length);
    if (step.rules.survivors_copied || !next.pages_lost) next.safe = next.length;
    next.synced = next.length;
    const Summary said = fold(step.model, next, next.length);
    if (step.rules.survivors_copied) next.pages_lost = 0;
    next.mode = Mode::recovering;
    next.applied = next.checkpoint;
    next.forgot_seal = said.phase == Phase::failed && !step.rules.seal_kept;
    if (!step.rules.replay_at_recovery) next.applied = {next.length, next.length};
    if ((had_tail && !step.rules.tail_is_ordinary) || (said.rolling && !said.done && !step.rules.rollback_resumes))
      next.mode = Mode::refused;
    step.emit(next, Action::open_journal, length);
  }
}

void recovery_steps(Stepper& step) {
  const State& now = step.now;
  State next = now;
  for (const Side side : {kSource, kTarget}) {
    if (!follows(step.said, side) || now.applied[side] == now.length) continue;
    const int at = step.rules.replay_in_order ? now.applied[side] : now.checkpoint[side] + (now.length - 1 - now.applied[side]);
    put(next, side, apply_change(step.model, now.entries[at], now.now[side]));
    ++next.applied[side];
    return step.emit(next, Action::replay, at << 1 | side);
  }
  next.mode = Mode::open;
  next.route = step.said.route;
  next.epoch = step.said.epoch;
  step.emit(next, Action::open_for_use);
}

}  // namespace

void failing_steps(Stepper& step) {
  switch (step.now.mode) {
    case Mode::refused:
      return;
    case Mode::stopped:
      open_journal(step);
      break;
    case Mode::recovering:
      recovery_steps(step);
      break;
    case Mode::poisoned: {
      State next = step.now;
      next.mode = Mode::stopped;
      step.emit(next, Action::stop_itself);
      break;
    }
    case Mode::open:
      disk_steps(step);
      break;
  }
  crash_steps(step);
}

}  // namespace rollproof::model
