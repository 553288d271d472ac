// Another program writes to a store of a migration whose command has died, and knows nothing of it: whatever is typed then finds that, and in the end
// somebody decides. Whatever they decide, the record is not lost.
#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/case_run.h"

namespace rollproof::drill {

namespace {

using Kind = subject::Command::Kind;

// A record that was there before is changed, or removed, or a new one is put, in turn. In a target that we were at work on none is changed: nobody can tell whose
// value of a record that is being copied it was, and nobody whose of one that our own dead process has written (lib/ASSUMPTIONS.md).
subject::Command foreign_write(const Recording& recording, const fault::Intruder& intruder) {
  const bool source = intruder.who == fault::Intruder::Who::foreign_source;
  const subject::Keys& keys = recording.options.keys;
  const auto& writes = recording.log.writes;
  const bool ours = std::any_of(writes.begin(), writes.end(), [&](const auto& logged) { return logged.write.key == keys.existing; });
  const bool leveldb = (source ? recording.story.source_kind : recording.story.target_kind) == "leveldb";
  const bool changes = leveldb && !ours && intruder.at % 3 == 0 && (source || recording.command_beginning_at(intruder.at));
  const bool removes = leveldb && !ours && intruder.at % 3 == 1;
  return {.kind = Kind::foreign, .argument = changes || removes ? keys.existing : keys.inside + "Foreign", .bytes = removes ? 0u : 70u, .store = source ? "source" : "target"};
}

}  // namespace

const subject::Command& CaseRunner::decided() {
  static const subject::Command kDecided{.kind = Kind::rollback, .argument = "source", .yes = true};
  return kDecided;
}

CaseRunner::Foreign CaseRunner::let_foreign_write(const fault::Intruder& intruder) const {
  Foreign foreign{.disk = recording_.disk->after_process_death(intruder.at), .log = log_at(intruder.at), .answer = {}};
  foreign.disk->record_calls(false);
  sim::SimWorld world(*foreign.disk, recording_.seed * 1000 + 600);
  world.clock.advance(kFirstRecoveryMs / 2);
  foreign.answer = subject::run(*foreign.disk, world, known_, foreign_write(recording_, intruder), foreign.log);
  foreign.disk->kill_process();
  return foreign;
}

bool CaseRunner::can_be_opened_by_others(const fault::Intruder& intruder) const { return let_foreign_write(intruder).answer.ok; }

CaseResult CaseRunner::foreign_program(const fault::Intruder& intruder) {
  if (intruder.at > recording_.trace().size()) return outside_the_story();
  Foreign foreign = let_foreign_write(intruder);
  CaseResult result;
  result.fired = foreign.answer.ok;
  const Recovered recovered = recover(*foreign.disk, kFirstRecoveryMs);
  auto evidence = evidence_of(recovered, intruder.at, foreign.log);
  evidence.writes = foreign.log.at(kEnd);
  judge(evidence, result);
  const subject::Command& next = recording_.log.commands[command_of(intruder.at)].command;
  if (!next.of_others()) type_one(*foreign.disk, next, "another program had written", 3 * kHourMs, true, intruder.at, foreign.log, result);
  type_one(*foreign.disk, decided(), "another program had written", 20 * kHourMs, false, intruder.at, foreign.log, result);
  return finish(std::move(result), recovered);
}

}  // namespace rollproof::drill
