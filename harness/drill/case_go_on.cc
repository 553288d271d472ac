// What a mistake has hidden (a store that is behind and counts as current, a fingerprint of before, a request that was left lying) breaks
// no promise yet. It does when the user goes on, so a story may ask for that.
#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/case_run.h"

namespace rollproof::drill {
namespace {

bool wrote_others(const subject::WriteLog& log) {
  return std::any_of(log.writes.begin(), log.writes.end(), [](const auto& logged) { return !logged.write.store.empty(); });
}

}  // namespace

// With the writes of the story as they stood after its first k operations.
subject::WriteLog CaseRunner::log_at(uint64_t k) const {
  subject::WriteLog log;
  for (subject::LoggedWrite write : recording_.log.writes) {
    if (write.begun_at >= k) continue;
    if (write.acknowledged_at > k) {
      write.acknowledged_at = subject::kNever;
      write.write.acknowledged = false;
    }
    log.writes.push_back(std::move(write));
  }
  return log;
}

// An answer that is not ok breaks promise 5. Where the command that met the fault is a rollback and has come to its end, there is nothing to be
// rolled back once more; and one that is typed at once finds no migration if the fault met the very beginning.
void CaseRunner::tell_rest(sim::SimDisk& disk, size_t from, const char* after, subject::WriteLog log, CaseResult& result) {
  disk.record_calls(false);
  check::Answer last;
  for (size_t i = from; i < recording_.log.commands.size(); ++i) {
    const auto& typed = recording_.log.commands[i].command;
    last = run_command(disk, recording_, i, log, &known_);
    disk.kill_process();
    if (i == from && typed.kind == subject::Command::Kind::rollback && last.code == Code::not_found) last = {.ok = true};
    const std::string wrong = subject::wrong_with_answer(typed, last);
    if (wrong.empty()) continue;
    result.violations.push_back({typed.refused ? 6 : 5, fmt::format("{}, and then \"{}\" {}", after, typed.to_string(), wrong)});
    return;
  }
  const sim::Image left = disk.now();
  Recovered end = recover_image(left);
  end.second = end.first;
  end.second_changes = end.after.digest() == left.digest() ? 0 : 1;
  end.first = last;
  end.began_ms.reset();  // the recovery before it had a later clock
  end.after = left;
  auto evidence = evidence_of(end, recording_.trace().size(), log);
  evidence.writes = log.at(kEnd);
  evidence.goal_acknowledged = true;
  excuse_safe_stop(evidence);
  judge(evidence, result);
}

void CaseRunner::go_on(const Recovered& recovered, size_t command, subject::WriteLog log, CaseResult& result) {
  if (!recording_.story.goes_on || !result.violations.empty() || command >= recording_.log.commands.size()) return;
  // A recovery that has said that it is done needs no restore typed again, which would put right what it has left.
  const bool restores = recording_.log.commands[command].command.kind == subject::Command::Kind::restore;
  if (restores && command + 1 < recording_.log.commands.size()) ++command;
  sim::SimDisk disk(recovered.after);
  if (!recovered.first.ok) {
    // Nothing but another program's writes is answered so where the rules of promise 5 have let it pass: who is told the way on takes it.
    if (wrote_others(log) && recovered.first.code == Code::refused) type_one(disk, decided(), "a recovery was refused", kRecoveryMs + 2 * kHourMs, false, recording_.trace().size(), log, result);
    return;
  }
  tell_rest(disk, command, "recovery had succeeded", std::move(log), result);
}

void CaseRunner::go_on_without(size_t command, const Recovered& recovered, subject::WriteLog log, CaseResult& result) {
  const subject::Command& met = recording_.log.commands[command].command;
  const bool goal = met.kind == subject::Command::Kind::migrate || met.kind == subject::Command::Kind::rollback;
  go_on(recovered, goal ? command : command + 1, std::move(log), result);
}

// One of them for every other point, so that neighbours meet different ones.
void CaseRunner::type_another_at_once(uint64_t k, CaseResult& result) {
  using Kind = subject::Command::Kind;
  static const std::vector<subject::Command> kOthers = {{.kind = Kind::migrate, .argument = "cutover"}, {.kind = Kind::rollback, .argument = "source"}, {.kind = Kind::rollback, .argument = "dual-write"},
                                                        {.kind = Kind::put, .argument = "56-Other", .bytes = 60}, {.kind = Kind::backup}};
  if (!result.violations.empty() || evidence_of({}, k, recording_.log).fault_corrupts) return;
  const uint64_t drawn = sim::scramble(recording_.seed * 257 + k);
  if (drawn % 2 != 0) return;
  const subject::Command& typed = kOthers[drawn / 2 % kOthers.size()];
  const auto disk = recording_.disk->after_process_death(k);
  subject::WriteLog log = log_at(k);
  type_one(*disk, typed, "the process had died", kFirstRecoveryMs, true, k, log, result);
}

void CaseRunner::type_one(sim::SimDisk& disk, const subject::Command& typed, const char* behind, int64_t begins_ms, bool may_be_refused, uint64_t k, subject::WriteLog& log, CaseResult& result) const {
  using Kind = subject::Command::Kind;
  disk.record_calls(false);
  sim::SimWorld world(disk, recording_.seed * 1000 + 700);
  world.clock.advance(begins_ms);
  const check::Answer answer = subject::run(disk, world, known_, typed, log);
  disk.kill_process();
  const std::string after = fmt::format("{}, and then \"{}\"", behind, typed.to_string());
  const bool others = wrote_others(log);
  // What was interrupted may wait for something that a user's write does not need, unless there is no source to write to for the moment.
  const bool may_wait = others || !is_users_write(typed) || answer.message.find(kReplacing) != std::string::npos;
  const bool refused = answer.code == Code::not_found || (may_be_refused && (answer.code == Code::refused || (may_wait && answer.code == Code::stopped) || (others && (answer.code == Code::differs || answer.code == Code::needs_person))));
  if (!answer.ok && !refused) result.violations.push_back({5, fmt::format("{} answered {}: {}", after, name_of(answer.code), answer.message)});
  const Recovered recovered = recover(disk, begins_ms + kRecoveryMs);
  if (!recovered.first.ok && !(others && may_be_refused)) result.violations.push_back({5, fmt::format("{} answered {}, and the recovery behind it {}: {}", after, answer.ok ? "done" : answer.message, name_of(recovered.first.code), recovered.first.message)});
  auto evidence = evidence_of(recovered, k, log);
  evidence.writes = log.at(kEnd);
  // What is recovered from may have been refused before.
  evidence.command_failed = !answer.ok || (others && typed.kind == Kind::recover);
  if (answer.ok && (typed.kind == Kind::migrate || typed.kind == Kind::rollback)) {
    evidence.goal = typed.kind == Kind::migrate ? check::Goal::migrate : check::Goal::rollback;
    evidence.goal_phase = typed.argument;
    evidence.goal_begun = evidence.goal_acknowledged = true;
  } else {
    evidence.goal = check::Goal::none;
  }
  judge(evidence, result);
}

// Who wants back does not recover first: a rollback takes the place of what was interrupted.
void CaseRunner::go_back_at_once(uint64_t k, CaseResult& result) {
  const size_t next = command_of(k) + 1;
  const auto& commands = recording_.log.commands;
  if (!recording_.story.goes_on || next >= commands.size() || commands[next].command.kind != subject::Command::Kind::rollback) return;
  if (commands[next - 1].command.kind != subject::Command::Kind::migrate || !result.violations.empty()) return;
  const auto disk = recording_.disk->after_process_death(k);
  tell_rest(*disk, next, "the process had died", log_at(k), result);
}

}  // namespace rollproof::drill
