// The driver's work inside the phases: copy, verification, and the proof and the clearing of a rollback.
#include "harness/model/stepping.h"

namespace rollproof::model {
namespace {

void copy_steps(Stepper& step) {
  const State& now = step.now;
  const bool target_synced = only(now.durable[kTarget], now.now[kTarget]) || !step.rules.progress_after_checkpoint;
  State next = now;
  if (step.said.phase == Phase::failed && step.rules.failed_seal_has_exit && now.now[kTarget] != 0) {
    put(next, kTarget, 0);
    return step.emit(next, Action::empty_target);
  }
  if (step.said.phase == Phase::dual || (step.said.phase == Phase::failed && step.rules.failed_seal_has_exit)) {
    if (!step.rules.snapshot_under_lock && !now.has_snapshot) {
      next.has_snapshot = 1;
      next.snapshot = now.now[kSource];
      return step.emit(next, Action::take_snapshot);
    }
    // Under the writers' lock: the target takes no live writes from here, its position stays where it is, the source is seen as
    // it is.
    append(next, entry_of(Kind::copy_begin));
    if (!now.has_snapshot) next.snapshot = now.now[kSource];
    next.has_snapshot = 1;
    next.cursor = 0;
    if (!step.rules.copy_keeps_position) next.applied[kTarget] = next.checkpoint[kTarget] = next.applied[kSource];
    return step.emit(next, Action::begin_copy);
  }
  if (step.said.phase != Phase::copying) return;
  if (!now.has_snapshot) {
    next.has_snapshot = 1;
    next.snapshot = now.now[kSource];
    next.cursor = step.said.cursor;
    if (!step.rules.first_position_on_resume) next.applied[kTarget] = next.checkpoint[kTarget] = next.applied[kSource];
    return step.emit(next, Action::resume_copy);
  }
  if (now.cursor < kKeys) {
    const uint8_t value = value_of(now.snapshot, now.cursor);
    ++next.cursor;
    if (value != kAbsent) put(next, kTarget, with(next.now[kTarget], now.cursor, value));
    step.emit(next, Action::copy_key, now.cursor);
    if (value != kAbsent && now.miscopies > 0) {
      put(next, kTarget, with(next.now[kTarget], now.cursor, kMiscopied));
      next.durable[kTarget] = now.durable[kTarget] | uint64_t{1} << next.now[kTarget];
      --next.miscopies;
      step.emit(next, Action::miscopy_key, now.cursor);
    }
  }
  next = now;
  if (now.cursor == 1 && step.said.cursor == 0 && target_synced) {
    append(next, entry_of(Kind::copied_first));
    step.emit(next, Action::record_copied_key);
  } else if (now.cursor == kKeys && target_synced) {
    append(next, entry_of(Kind::copy_done));
    next.has_snapshot = next.snapshot = next.cursor = 0;
    step.emit(next, Action::end_copy);
  }
}

void verify_steps(Stepper& step) {
  // At one instant: both stores at the same position, read under the writers' lock.
  if (step.said.phase != Phase::copied || step.now.applied[kSource] != step.now.applied[kTarget]) return;
  if (step.said.cutovers >= step.model.scenario.cutovers) return;
  State next = step.now;
  const bool equal = next.now[kSource] == next.now[kTarget];
  append(next, entry_of(equal ? Kind::seal_equal : Kind::seal_differs));
  step.emit(next, Action::verify_and_seal, equal);
}

void rollback_steps(Stepper& step) {
  const State& now = step.now;
  State next = now;
  if (step.said.route == Route::source_first && !step.said.proven && now.applied[kSource] == now.length &&
      !holds(now.now[kSource], kRotten) && (only(now.durable[kSource], now.now[kSource]) || !step.rules.proof_after_checkpoint)) {
    append(next, entry_of(Kind::proven));
    step.emit(next, Action::prove_source);
  }
  if (step.said.route != Route::source_only) return;
  for (int key = 0; key < kKeys; ++key) {
    if (value_of(now.now[kTarget], key) == kAbsent) continue;
    put(next, kTarget, with(now.now[kTarget], key, kAbsent));
    return step.emit(next, Action::clear_key, key);
  }
}

void repair_steps(Stepper& step) {
  // From the other store, while it is complete and at the same position.
  const State& now = step.now;
  if (step.said.cutovers == 0 || step.said.route == Route::source_only || now.applied[kSource] != now.applied[kTarget]) return;
  for (int key = 0; key < kKeys; ++key) {
    if (value_of(now.now[kSource], key) != kRotten) continue;
    State next = now;
    put(next, kSource, with(now.now[kSource], key, value_of(now.now[kTarget], key)));
    step.emit(next, Action::repair_source, key);
  }
}

}  // namespace

void migrating_steps(Stepper& step) {
  if (step.said.done || step.now.flip != Flip::none || !step.quiet()) return;
  if (step.said.rolling) {
    rollback_steps(step);
  } else {
    copy_steps(step);
    verify_steps(step);
    if (step.said.phase != Phase::failed || step.rules.failed_seal_has_exit) {
      State next = step.now;
      append(next, entry_of(Kind::rollback_begin));
      next.has_snapshot = next.snapshot = next.cursor = 0;
      step.emit(next, Action::begin_rollback);
    }
  }
  repair_steps(step);
}

}  // namespace rollproof::model
