// The steps of the protocol and of its surroundings: which states follow a state.
#pragma once

#include <string>
#include <vector>

#include "harness/model/state.h"

namespace rollproof::model {

enum class Action : uint8_t {
  writer_reads_route_again,
  append_change,
  sync_journal,
  apply_answering,
  apply_follower,
  acknowledge,
  checkpoint_store,
  take_snapshot,
  begin_copy,
  resume_copy,
  copy_key,
  record_copied_key,
  end_copy,
  verify_and_seal,
  empty_target,
  begin_rollback,
  prove_source,
  repair_source,
  clear_key,
  take_hold,
  drain,
  record_route_change,
  give_up_route_change,
  switch_route,
  release_hold,
  newer_hold_ends,
  capture_way_back,
  stop_itself,
  open_journal,
  replay,
  open_for_use,
  process_dies,
  power_fails,
  sync_fails,
  hold_expires,
  newer_hold,
  miscopy_key,
  source_rots,
};

// May a run without further faults take this step? Everything from process_dies on is done to the protocol, not by it.
inline bool is_fault(Action action) { return action >= Action::process_dies; }
// Is it one of recovery's own steps?
inline bool is_recovery(Action action) { return action >= Action::stop_itself && action <= Action::open_for_use; }

struct Label {
  Action action = Action::replay;
  uint16_t detail = 0;  // which writer, key, side, entry or outcome
};

struct Step {
  State next;
  Label label;
  const char* old_epoch_wrote = nullptr;  // what a step itself shows to be wrong (promise 4), which no state could show later
};

State first_state(const Model& model);
// All steps from `state`, in a fixed order.
void steps_from(const Model& model, const State& state, std::vector<Step>& out);

// What the first `count` entries say.
Summary fold(const Model& model, const State& state, int count);
// The content after `entry`.
Content apply_change(const Model& model, uint8_t entry, Content content);
// Does the store take the journal's changes, going by `summary`?
bool follows(const Summary& summary, Side side);

std::string to_string(const Model& model, const State& before, Label label);
std::string to_string(const Model& model, const State& state);

}  // namespace rollproof::model
