#include "harness/model/scenarios.h"

#include <stdexcept>

namespace rollproof::model {
namespace {

constexpr uint8_t kWriterA = 0, kWriterB = 1, kKeyA = 0, kKeyB = 1;
Write put_a() { return {kWriterA, {{kKeyA, 3}}}; }
Write then_delete_a() { return {kWriterA, {{kKeyA, kAbsent}}}; }
Write delete_a() { return {kWriterB, {{kKeyA, kAbsent}}}; }
Write delete_b() { return {kWriterB, {{kKeyB, kAbsent}}}; }
Write batch() { return {kWriterB, {{kKeyA, 4}, {kKeyB, 4}}}; }

}  // namespace

std::vector<Scenario> scenarios() {
  return {
      {.name = "one writer, two crashes, a failed sync", .writes = {put_a()}, .crashes = 2, .failed_syncs = 1},
      {.name = "two writers, one crash", .writes = {put_a(), delete_b()}, .crashes = 1},
      {.name = "two writers, one key, one crash", .writes = {put_a(), delete_a()}, .crashes = 1},
      {.name = "a batch beside a put, one crash", .writes = {put_a(), batch()}, .crashes = 1},
      {.name = "three writes, no crash", .writes = {put_a(), then_delete_a(), batch()}, .crashes = 0},
      {.name = "a wrong copy, two crashes", .writes = {put_a()}, .crashes = 2, .miscopies = 1},
      {.name = "a rotten source, two crashes", .writes = {put_a()}, .crashes = 2, .rots = 1},
      {.name = "back and over again, two crashes", .writes = {put_a()}, .crashes = 2, .cutovers = 2},
      {.name = "a delete of what was there, two crashes", .writes = {delete_a()}, .crashes = 2},
      {.name = "a write after a failed sync", .writes = {put_a(), then_delete_a()}, .crashes = 1, .failed_syncs = 1},
  };
}

Scenario scenario_named(const std::string& name) {
  for (Scenario& scenario : scenarios())
    if (scenario.name == name) return scenario;
  throw std::out_of_range(name);
}

std::vector<Mistake> mistakes() {
  constexpr const char* kOne = "one writer, two crashes, a failed sync";
  constexpr const char* kTwo = "two writers, one crash";
  constexpr const char* kKey = "two writers, one key, one crash";
  constexpr const char* kDelete = "a delete of what was there, two crashes";
  return {
      {"a store is written before the journal is durable", &Rules::journal_before_store, 2, kOne},
      {"acknowledged before the journal is durable", &Rules::acknowledge_after_durable, 1, kOne},
      {"acknowledged before the answering store has it", &Rules::acknowledge_after_apply, 1, kOne},
      {"two writers apply in the wrong order", &Rules::apply_in_order, 2, kKey},
      {"a batch is two journal entries", &Rules::batch_is_one_entry, 2, "a batch beside a put, one crash"},
      {"the way back is captured after the switch", &Rules::capture_before_switch, 1, kOne},
      {"the route switches before the backlog is drained", &Rules::drain_before_switch, 3, kOne},
      {"the hold expires while the route change is recorded", &Rules::no_expiry_during_record, 4, kOne},
      {"any hold will do, whatever its generation", &Rules::generation_checked, 4, kOne},
      {"a writer's epoch is not checked", &Rules::epoch_checked, 4, kOne},
      {"recovery does not replay", &Rules::replay_at_recovery, 1, kOne},
      {"recovery replays out of order", &Rules::replay_in_order, 2, kKey},
      {"a resumed copy replays from its own position", &Rules::first_position_on_resume, 1, kOne},
      {"a starting copy takes its position for the target's", &Rules::copy_keeps_position, 2, "three writes, no crash"},
      {"the snapshot is taken before live writes stop", &Rules::snapshot_under_lock, 1, kOne},
      {"the backlog forgets deletes", &Rules::backlog_has_deletes, 2, kDelete},
      {"copy progress is recorded before it is durable", &Rules::progress_after_checkpoint, 1, kOne},
      {"a position is recorded before its store is durable", &Rules::position_after_store_sync, 1, kOne},
      {"a segment goes when only one store has passed it", &Rules::segment_kept_for_all, 1, kTwo},
      {"the target is cleared before the source is proven", &Rules::proof_before_clear, 7, "a rotten source, two crashes"},
      {"the source is proven, not durable, and the target cleared", &Rules::proof_after_checkpoint, 7,
       "a rotten source, two crashes"},
      {"a failed seal is forgotten at the restart", &Rules::seal_kept, 2, "a wrong copy, two crashes"},
      {"a failed sync is tried again", &Rules::stop_at_failed_sync, 1, "a write after a failed sync"},
      {"a failed sync of the commit record counts as before", &Rules::failed_record_is_unknown, 4, kOne},
      {"recovery syncs the old segment again", &Rules::survivors_copied, 2, "a write after a failed sync"},
      {"the terminal record comes before the source is durable", &Rules::source_durable_at_end, 3, kOne},
      {"the terminal record comes before the clearing is durable", &Rules::clear_durable_at_end, 8, kOne},
      {"the terminal record is written without a hold", &Rules::hold_at_end, 3, kOne},
      {"recovery takes an unsynced tail for dirt", &Rules::tail_is_ordinary, 5, kOne},
      {"an interrupted rollback is refused", &Rules::rollback_resumes, 5, kOne},
      {"after a failed verification neither side moves", &Rules::failed_seal_has_exit, 5, "a wrong copy, two crashes"},
  };
}

}  // namespace rollproof::model
