// A write: the route is read, then append, sync, apply to the answering store, apply to the other one, acknowledge.
#include "harness/model/stepping.h"

namespace rollproof::model {
namespace {

void append_change(Stepper& step, int w, int write, int epoch) {
  if (step.now.hold != Hold::none) return;
  State next = step.now;
  if (!step.rules.batch_is_one_entry && step.model.scenario.writes[write].changes.size() > 1)
    append(next, entry_of(Kind::half, write));
  append(next, entry_of(Kind::change, write));
  next.writers[w] = {.next = next.writers[w].next, .step = WriterStep::appended, .position = next.length};
  step.emit(next, Action::append_change, w,
            epoch == step.said.epoch ? nullptr : "a writer with an old epoch has written after the route changed");
}

void writer_steps(Stepper& step, int w) {
  const Writer& writer = step.now.writers[w];
  const int write = write_at(step.model, w, writer.next);
  if (write < 0) return;
  State next = step.now;
  switch (writer.step) {
    case WriterStep::idle:
      if (step.said.done && step.now.route == step.said.route) return;
      return append_change(step, w, write, step.now.epoch);
    case WriterStep::begun:
      if (!step.rules.epoch_checked) append_change(step, w, write, writer.epoch);
      next.writers[w] = {.next = writer.next};
      return step.emit(next, Action::writer_reads_route_again, w);
    case WriterStep::appended: {
      // Only under a mutated rule: the protocol's own acknowledgement comes with the application.
      if (step.rules.acknowledge_after_durable && (step.rules.acknowledge_after_apply || writer.position > step.now.synced))
        return;
      next.acknowledged |= 1 << write;
      next.writers[w] = {.next = static_cast<uint8_t>(writer.next + 1)};
      return step.emit(next, Action::acknowledge, w);
    }
  }
}

// The backlog rule that forgets deletes holds them for unneeded while the target has not been verified.
Content followed(const Stepper& step, Side side, uint8_t entry) {
  if (side == kTarget && !step.rules.backlog_has_deletes && step.said.phase == Phase::copied &&
      step.model.scenario.writes[write_of(entry)].changes[0].value == kAbsent)
    return step.now.now[side];
  return apply_change(step.model, entry, step.now.now[side]);
}

void apply_steps(Stepper& step) {
  const Side first = answering(step.now.route), other = first == kSource ? kTarget : kSource;
  const int limit = step.rules.journal_before_store ? step.now.synced : step.now.length;
  const auto apply = [&](Side side, Action action) {
    State next = step.now;
    const int at = next.applied[side]++;
    put(next, side, followed(step, side, step.now.entries[at]));
    step.emit(next, action, side);
    if (step.rules.apply_in_order || side != first || at + 1 >= limit || !is_change(step.now.entries[at + 1])) return;
    // Two threads, each applying its own entry, the later one first.
    next = step.now;
    put(next, side, apply_change(step.model, step.now.entries[at + 1], next.now[side]));
    put(next, side, apply_change(step.model, step.now.entries[at], next.now[side]));
    next.applied[side] += 2;
    step.emit(next, action, side | 2);
  };
  if (step.now.applied[first] < limit && follows(step.said, first)) apply(first, Action::apply_answering);
  // The other store may lag for any time: that also stands for an application that failed and stays in the backlog.
  if (step.now.applied[other] < step.now.applied[first] && follows(step.said, other) && !step.now.capture_pending)
    apply(other, Action::apply_follower);
}

void checkpoint_steps(Stepper& step) {
  for (const Side side : {kSource, kTarget}) {
    State next = step.now;
    // A crash between the store's sync and the record of its position needs no step of its own: without the checkpoint power loss
    // may also leave everything applied, over the older position.
    if (step.rules.position_after_store_sync) next.durable[side] = uint64_t{1} << next.now[side];
    next.checkpoint[side] = next.applied[side];
    if (!(next == step.now)) step.emit(next, Action::checkpoint_store, side);
  }
}

}  // namespace

int write_at(const Model& model, int writer, int index) {
  const auto& writes = model.scenario.writes;
  for (size_t i = 0; i < writes.size(); ++i)
    if (writes[i].writer == writer && index-- == 0) return static_cast<int>(i);
  return -1;
}

void writing_steps(Stepper& step) {
  writer_steps(step, 0);
  writer_steps(step, 1);
  if (step.now.synced < step.now.length) {
    State next = step.now;
    next.synced = next.length;
    // After a failed sync the system holds the pages for clean: the next sync succeeds and writes nothing.
    if (!next.pages_lost) next.safe = next.length;
    step.emit(next, Action::sync_journal);
  }
  apply_steps(step);
  checkpoint_steps(step);
}

}  // namespace rollproof::model
