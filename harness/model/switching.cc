// A route change, the same five steps in every direction: hold, drain, record, switch, release.
#include "harness/model/stepping.h"

namespace rollproof::model {
namespace {

bool target_is_clear(const Stepper& step) {
  return step.now.now[kTarget] == 0 && (only(step.now.durable[kTarget], 0) || !step.rules.clear_durable_at_end);
}

bool allowed(const Stepper& step, Kind kind) {
  const Summary& said = step.said;
  if (said.done) return false;
  switch (kind) {
    case Kind::commit:
      return !said.rolling && said.route == Route::source_first && said.cutovers < step.model.scenario.cutovers &&
             (said.phase == Phase::sealed || step.now.forgot_seal);
    case Kind::back:
      return said.route == Route::target_first;
    case Kind::source_only:
      return said.rolling && said.route == Route::source_first && (said.proven || !step.rules.proof_before_clear);
    case Kind::done:  // the hold is short: what takes time is done before it
      return said.rolling ? said.route == Route::source_only && target_is_clear(step) : said.route == Route::target_first;
    default:
      return false;
  }
}

bool drained(const Stepper& step) {
  const State& now = step.now;
  const Side next_answering = now.flipping == Kind::commit ? kTarget
                              : now.flipping == Kind::done ? answering(now.route)
                                                           : kSource;
  if (step.rules.drain_before_switch && (now.synced != now.length || now.applied[next_answering] != now.length)) return false;
  if (now.flipping != Kind::done) return true;
  // After the terminal record nothing is replayed any more.
  if (step.rules.source_durable_at_end && !only(now.durable[next_answering], now.now[next_answering])) return false;
  if (!step.said.rolling) return true;
  return target_is_clear(step);
}

bool hold_is_valid(const Stepper& step) {
  if (step.now.flipping == Kind::done && !step.rules.hold_at_end) return true;
  return step.now.hold == Hold::ours || (step.now.hold == Hold::newer && !step.rules.generation_checked);
}

// When a writer has read the route matters only if the route changes before it appends: so each idle writer has, or has not, read
// the old route at the switch.
void emit_switch(Stepper& step, const State& switched) {
  for (int readers = 0; readers < 4; ++readers) {
    State next = switched;
    bool possible = true;
    for (int w = 0; w < 2; ++w) {
      if (!(readers >> w & 1)) continue;
      possible = possible && next.writers[w].step == WriterStep::idle && write_at(step.model, w, next.writers[w].next) >= 0;
      next.writers[w].step = WriterStep::begun;
      next.writers[w].epoch = step.now.epoch;
    }
    if (possible) step.emit(next, Action::switch_route, readers);
  }
}

void driver_steps(Stepper& step) {
  const State& now = step.now;
  State next = now;
  switch (now.flip) {
    case Flip::none:
      if (now.hold != Hold::none || now.has_snapshot || now.capture_pending || !step.quiet()) return;
      for (const Kind kind : {Kind::commit, Kind::back, Kind::source_only, Kind::done}) {
        if (!allowed(step, kind)) continue;
        next.flip = Flip::held;
        next.flipping = kind;
        next.hold = kind == Kind::done && !step.rules.hold_at_end ? Hold::none : Hold::ours;
        step.emit(next, Action::take_hold, static_cast<int>(kind));
      }
      return;
    case Flip::held:
      if (drained(step)) {
        next.flip = Flip::drained;
        step.emit(next, Action::drain);
      }
      break;
    case Flip::drained:
      if (hold_is_valid(step)) {
        append(next, entry_of(now.flipping));
        next.flip = Flip::recorded;
        step.emit(next, Action::record_route_change, static_cast<int>(now.flipping));
      }
      break;
    case Flip::recorded:
      if (!step.quiet()) return;
      next.route = step.said.route;
      next.epoch = step.said.epoch;
      next.flip = Flip::switched;
      return emit_switch(step, next);
    case Flip::switched:
      next.capture_pending = now.flipping == Kind::commit && !step.rules.capture_before_switch;
      next.flip = Flip::none;
      next.flipping = Kind::change;
      next.hold = Hold::none;
      return step.emit(next, Action::release_hold);
  }
  if (!hold_is_valid(step) || now.hold == Hold::newer) {
    next = now;
    next.flip = Flip::none;
    next.flipping = Kind::change;
    step.emit(next, Action::give_up_route_change);
  }
}

}  // namespace

void switching_steps(Stepper& step) {
  const State& now = step.now;
  driver_steps(step);
  State next = now;
  if (now.capture_pending) {
    next.capture_pending = 0;
    next.applied[kSource] = next.checkpoint[kSource] = next.applied[kTarget];
    step.emit(next, Action::capture_way_back);
  }
  next = now;
  if (now.hold == Hold::newer) {
    next.hold = Hold::none;
    step.emit(next, Action::newer_hold_ends);
  }
  if (now.hold == Hold::none && now.flip == Flip::drained && (now.flipping != Kind::done || step.rules.hold_at_end)) {
    next.hold = Hold::newer;
    step.emit(next, Action::newer_hold);
  }
  const bool may_expire =
      now.flip == Flip::held || now.flip == Flip::drained || (now.flip == Flip::recorded && !step.rules.no_expiry_during_record);
  if (now.hold == Hold::ours && may_expire) {
    next.hold = Hold::none;
    step.emit(next, Action::hold_expires);
  }
}

}  // namespace rollproof::model
