// What the action files share: a copy of the state to change, and the way to hand it in.
#pragma once

#include "harness/model/actions.h"

namespace rollproof::model {

struct Stepper {
  const Model& model;
  const State& now;
  const Rules& rules;
  Summary said;     // by the whole journal, its unsynced tail included
  Summary durable;  // by what the process holds to be durable
  std::vector<Step>& out;

  Stepper(const Model& m, const State& state, std::vector<Step>& steps)
      : model(m),
        now(state),
        rules(m.rules),
        said(fold(m, state, state.length)),
        durable(fold(m, state, state.synced)),
        out(steps) {}
  void emit(State next, Action action, int detail = 0, const char* old_epoch_wrote = nullptr);
  // Is every control record durable? The driver waits for the answer to one before it goes on.
  bool quiet() const {
    for (int i = now.synced; i < now.length; ++i)
      if (!is_change(now.entries[i])) return false;
    return true;
  }
};

void append(State& state, uint8_t entry);
int write_at(const Model& model, int writer, int index);  // the writer's index-th write, -1 if it has no more
inline void put(State& state, Side side, Content content) {
  state.now[side] = content;
  state.durable[side] |= uint64_t{1} << content;
}
inline bool holds(Content content, uint8_t value) { return value_of(content, 0) == value || value_of(content, 1) == value; }

void writing_steps(Stepper& step);    // writers, journal, application, checkpoints
void migrating_steps(Stepper& step);  // copy, verification, proof, clearing
void switching_steps(Stepper& step);  // hold, drain, record, switch, release
void failing_steps(Stepper& step);    // faults, and the recovery from them

}  // namespace rollproof::model
