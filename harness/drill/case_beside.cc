// The cases in which something beside the disk goes wrong while a command is at work: memory, time, somebody else.
#include <fmt/format.h>

#include <utility>

#include "harness/drill/case_run.h"
#include "harness/drill/watched_stores.h"
#include "harness/sim/allocations.h"
#include "lib/migrate/cancel.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/session.h"
#include "lib/os/paths.h"
#include "lib/rollback/recover.h"

namespace rollproof::drill {

namespace {

// The innermost function that is known by name and is none of the machinery of memory and exceptions, if the failed allocation was asked for
// by code that can unwind; empty if it was not (harness/fault/memory.h).
std::string died_in(const std::string& callers) {
  if (callers.find("libleveldb") != std::string::npos || callers.find("json_value::destroy") != std::string::npos) return "";
  size_t start = 0;
  for (size_t end; (end = callers.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = callers.substr(start, end - start);
    if (line.find("rollproof::") != std::string::npos && line.find("rollproof::sim::") == std::string::npos) return line;
  }
  return "";  // a program that does not know its own names can not tell
}

}  // namespace

CaseResult CaseRunner::memory(const fault::Memory& memory) {
  if (!is_in_story(memory.at)) return outside_the_story();
  auto [command, disk, log] = again_at(memory.at);
  const sim::Image found = disk->now();
  CommandWorld own(*disk, recording_, command);
  disk->set_fault_hook(memory.hook(recording_.log.commands[command].begun_at, own.world));
  CaseResult result;
  const bool died = sim::died_of_memory([&, command = command, &disk = disk, &log = log] { result.command = run_command(*disk, own.world, recording_, command, log); });
  result.fired = memory.end(own.world);
  const Recovered recovered = recover_after(*disk);
  auto evidence = evidence_again(recovered, memory.at + 1, log, result.command.ok);
  const bool over = memory.kind == fault::Memory::Kind::over_limit;
  const bool stopped = over && !result.command.ok && result.command.code == Code::stopped;
  evidence.fault_fails_calls = stopped;  // the operation has ended, and need not have succeeded
  judge_unless_idle(evidence, recovered, result);
  if (stopped && !recovered.first.ok) result.violations.push_back({5, fmt::format("a recovery behind a safe stop ended with \"{}\": {}", name_of(recovered.first.code), recovered.first.message)});
  if (died) {
    const std::string where = died_in(sim::Allocations::callers());
    if (!where.empty()) result.violations.push_back({5, "the command died where memory ran out: " + where});
    return finish(std::move(result), recovered);
  }
  evidence.fault_fails_calls = !over || stopped;
  evidence.stop_due = over && result.fired != 0;
  judge_command(command, std::move(evidence), found, recovered, result);
  if (result.fired != 0) go_on_without(command, recovered, log, result);
  return finish(std::move(result), recovered);
}

// The command has to succeed as if nothing had been, but for one thing: a hold that expired has switched nothing.
CaseResult CaseRunner::timeout(const fault::Timeout& timeout) {
  if (!is_in_story(timeout.at)) return outside_the_story();
  auto [command, disk, log] = again_at(timeout.at);
  const sim::Image found = disk->now();
  CommandWorld own(*disk, recording_, command);
  sim::SimClock& clock = own.world.clock;
  CaseResult result;
  int64_t held_ms = 0;
  bool stalled_in_hold = false;
  disk->set_fault_hook([&, &log = log, fault = timeout.hook(clock, result.fired)](const sim::Operation& operation) {
    // From the first byte of the commit record on the hold does not expire: what the record itself takes is not looked at.
    if (operation.mutating && log.hold_began_ms) held_ms = std::max(held_ms, clock.passed_ms() - *std::exchange(log.hold_began_ms, std::nullopt));
    const uint64_t before = result.fired;
    const auto answer = fault(operation);
    stalled_in_hold |= result.fired != before && log.hold_began_ms.has_value();
    return answer;
  });
  const bool stall = timeout.kind == fault::Timeout::Kind::stall;
  const int64_t began_ms = clock.passed_ms();
  result.command = run_command(*disk, own.world, recording_, command, log, &known_);
  const int64_t took_ms = clock.passed_ms() - began_ms - (stall && result.fired != 0 ? fault::Timeout::kStallMs : 0);
  const Recovered recovered = recover_after(*disk);
  auto evidence = evidence_again(recovered, timeout.at + 1, log, result.command.ok);
  if (!stall) evidence.last_began_ms.reset();  // the trail is dated by a clock that was set
  const bool too_slow = stall && result.command.code == Code::refused && result.command.message.starts_with("slower than allowed");
  evidence.fault_fails_calls = !result.command.ok && ((stalled_in_hold && result.command.code == Code::stopped) || too_slow);
  judge_unless_idle(evidence, recovered, result);
  evidence.recovery_ms = took_ms;
  evidence.held_ms = held_ms;
  evidence.hold_limit_ms = recording_.options.hold_ms_max;
  judge_command(command, std::move(evidence), found, recovered, result);
  return finish(std::move(result), recovered);
}

namespace {

check::Answer answer_of(const Status& outcome) {
  if (outcome) return {.ok = true};
  return {false, outcome.error().code, outcome.error().message, outcome.error().path};
}

// What the second actor does and is told. Of a request to cancel `ok` says that the holder was found and will obey.
check::Answer act(fault::Intruder::Who who, os::World& world, const std::string& config_path) {
  migrate::SessionOptions options;
  options.ledger.command = "intruder";
  if (who == fault::Intruder::Who::recover) {
    auto recovered = rollback::recover(world, config_path, options);
    return answer_of(recovered ? Status() : fail(std::move(recovered).error()));
  }
  if (who == fault::Intruder::Who::cancel) {
    const auto config = migrate::read_config(world.files, config_path);
    if (!config) return answer_of(fail(config.error()));
    const auto asked = migrate::request_cancel(world, *config);
    if (!asked) return answer_of(fail(asked.error()));
    return {.ok = asked->kind == migrate::CancelAnswer::Kind::asked, .message = "nobody obeys it"};
  }
  auto session = migrate::Session::open(world, config_path, options);
  return answer_of(session ? Status() : fail(std::move(session).error()));
}

}  // namespace

struct CaseRunner::Requested {
  Again again;
  check::Answer told;  // who asked
  bool died = false;
};

CaseRunner::Requested CaseRunner::die_behind_request(const fault::Intruder& intruder) const {
  Requested requested{.again = again_at(intruder.at), .told = {}};
  auto& [command, disk, log] = requested.again;
  std::optional<check::Answer> told;
  disk->set_fault_hook([&, &disk = disk](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (!operation.mutating || operation.ordinal < intruder.at) return std::nullopt;
    if (!told) {
      sim::SimWorld world(*disk, 31);
      world.identity.pid_now = 815;
      told = act(fault::Intruder::Who::cancel, world.world, recording_.options.places.config);
    }
    if (operation.ordinal < intruder.at + intruder.later) return std::nullopt;
    requested.died = true;
    return sim::InjectedError{.death = sim::InjectedError::Death::freezes};
  });
  run_command(*disk, recording_, command, log, &known_);
  if (told) requested.told = *told;
  disk->set_fault_hook({});
  disk->kill_process();
  return requested;
}

bool CaseRunner::can_die_behind_request(const fault::Intruder& intruder) const {
  const Requested requested = die_behind_request(intruder);
  return requested.told.ok && requested.died;
}

// Whoever is asked dies while the request is written: the answer is that nobody is at work, and then nobody is asked, nor who recovers.
void CaseRunner::ask_who_dies(uint64_t k, CaseResult& result) const {
  const auto disk = recording_.disk->after_process_death(k);
  disk->record_calls(false);
  const std::string& state = recording_.options.places.state;
  if (!disk->now().exists(os::join(state, migrate::kLockFile))) return;
  auto held = disk->lock(os::join(state, migrate::kLockFile), "");  // as he had it, with his name
  if (!held) return;
  disk->set_fault_hook([&](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (operation.call == sim::Call::rename) held->reset();
    return std::nullopt;
  });
  sim::SimWorld world(*disk, recording_.seed * 1000 + 550);
  const check::Answer told = act(fault::Intruder::Who::cancel, world.world, recording_.options.places.config);
  disk->set_fault_hook({});
  if (*held) return;  // a rollback is asked for nothing
  const std::string request = os::join(state, migrate::kCancelFile);
  if (!told.ok && disk->now().exists(request)) result.violations.push_back({8, "the process that was asked to stop died meanwhile, the answer is that nobody is at work, and the request is left: " + request});
  if (told.ok) result.violations.push_back({9, "the process that was asked to stop died meanwhile, and the answer is that it will"});
}

// Who recovers carries on what the dead process was asked to stop, and so stops.
CaseResult CaseRunner::death_behind_request(const fault::Intruder& intruder) {
  if (!is_in_story(intruder.at)) return outside_the_story();
  auto [again, told, died] = die_behind_request(intruder);
  CaseResult result;
  result.fired = told.ok && died;
  ask_who_dies(intruder.at, result);
  const WatchedStores found = watched_stores(recording_, again.disk->now());
  // Somebody may type something else first, whatever comes of it: what was asked of the dead process is not his.
  if (found.in_operation && intruder.at % 2 == 1) {
    sim::SimWorld world(*again.disk, recording_.seed * 1000 + 500);
    world.clock.advance(kFirstRecoveryMs);
    subject::run(*again.disk, world, known_, {.kind = subject::Command::Kind::put, .argument = "56-Asked", .bytes = 60}, again.log);
    again.disk->kill_process();
  }
  const Recovered recovered = recover(*again.disk);
  const bool obeyed = !recovered.first.ok && recovered.first.code == Code::cancelled;
  auto evidence = evidence_again(recovered, intruder.at, again.log, false);
  evidence.stop_due = found.in_operation && intruder.at + intruder.later < recording_.limit_asked_at[again.command].value_or(0);
  evidence.fault_fails_calls = obeyed;
  evidence.command_failed = !found.in_operation;  // it had obeyed, and said so, before it died
  judge(evidence, result);
  if (recording_.story.goes_on && result.violations.empty()) {
    sim::SimDisk disk(recovered.after);
    tell_rest(disk, again.command, "a recovery had obeyed a request to stop", std::move(again.log), result);
  }
  return finish(std::move(result), recovered);
}

// As if it had been typed before: the one whose look it has made old does what it would have done behind it.
CaseResult CaseRunner::earlier_command(const fault::Intruder& intruder) {
  using Kind = subject::Command::Kind;
  const bool rollback = intruder.who == fault::Intruder::Who::earlier_rollback;
  const subject::Command earlier = rollback ? subject::Command{.kind = Kind::rollback, .argument = "source"} : subject::Command{.kind = Kind::put, .argument = "56-Earlier", .bytes = 60};
  auto [command, disk, log] = again_at(intruder.at);
  CaseResult result;
  std::optional<check::Answer> told;
  subject::WriteLog writes;
  disk->set_fault_hook([&, &disk = disk](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (told || operation.call != sim::Call::lock) return std::nullopt;
    sim::SimWorld world(*disk, 31);
    world.identity.pid_now = 815;
    told.emplace();
    told = subject::run(*disk, world, recording_.options, earlier, writes);
    return std::nullopt;
  });
  result.command = run_command(*disk, recording_, command, log, &known_);
  result.fired = told.has_value();
  for (const auto& write : writes.writes) log.writes.push_back(write);
  const Recovered recovered = recover_after(*disk);
  auto evidence = evidence_again(recovered, intruder.at + 1, log, result.command.ok);
  const subject::Command& met = recording_.log.commands[command].command;
  // What a recovery would have finished the other has taken back.
  if (!result.command.ok || met.kind == Kind::recover) evidence.goal = check::Goal::none;
  const bool excused = rollback && met.kind == Kind::rollback;  // there is nothing to go back from
  if (!result.command.ok && !excused) result.violations.push_back({5, fmt::format("\"{}\" came in between, and \"{}\" answered {}: {}", earlier.to_string(), met.to_string(), name_of(result.command.code), result.command.message)});
  if (told && !told->ok && told->code != Code::not_found) result.violations.push_back({5, fmt::format("before anybody had the lock \"{}\" answered {}: {}", earlier.to_string(), name_of(told->code), told->message)});
  judge(evidence, result);
  return finish(std::move(result), recovered);
}

CaseResult CaseRunner::intruder(const fault::Intruder& intruder) {
  using Who = fault::Intruder::Who;
  if (intruder.is_foreign()) return foreign_program(intruder);
  if (intruder.out_of_reach()) return store_out_of_reach(intruder);
  if (intruder.who == Who::cancel_death) return death_behind_request(intruder);
  if (intruder.puts_back()) return older_store(intruder);
  if (intruder.puts_journal_back()) return older_journal(intruder);
  if (intruder.who == Who::earlier_edit) return edited_between(intruder);
  if (intruder.edits()) return edited_configuration(intruder);
  if (intruder.who == Who::earlier_put || intruder.who == Who::earlier_rollback) return earlier_command(intruder);
  auto [command, disk, log] = again_at(intruder.at);
  CaseResult result;
  std::optional<check::Answer> told;
  uint64_t changes = 0;
  if (intruder.who == Who::old_route) log.old_writer_at = intruder.at;
  disk->set_fault_hook([&, &disk = disk](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (intruder.who == Who::old_route || told || operation.ordinal != intruder.at || !operation.mutating) return std::nullopt;
    sim::SimWorld world(*disk, 31);
    world.identity.pid_now = 815;
    const uint64_t before = disk->operations();
    told = act(intruder.who, world.world, recording_.options.places.config);
    changes = disk->operations() - before;
    return std::nullopt;
  });
  Recovered recovered;
  recovered.first = run_command(*disk, recording_, command, log, &known_);
  recovered.began_ms = recording_.log.commands[command].began_ms;
  result.command = recovered.first;
  disk->set_fault_hook({});
  disk->kill_process();
  if (intruder.who == Who::old_route) {
    told = log.old_writer;
    changes = log.old_writer_changes;
  }
  result.fired = told.has_value();
  recovered.after = disk->now();
  const Recovered second = recover(*disk);
  recovered.found = second.found;
  recovered.second = second.first;
  auto evidence = evidence_of(recovered, recording_.log.commands[command].ended_at, log);
  evidence.writes = log.at(kEnd);
  evidence.second_changes = disk->now() == recovered.after ? 0 : 1;
  if (intruder.who == Who::cancel) {
    const bool asked = told && told->ok;
    const bool obeyed = recovered.first.code == Code::cancelled && !recovered.first.ok;
    // Whoever was promised nothing has left nothing; whoever was promised a stop gets it if a safe point still came.
    evidence.stop_due = asked && intruder.at < recording_.limit_asked_at[command].value_or(0);
    evidence.fault_fails_calls = asked && obeyed;
    evidence.goal_acknowledged = recovered.first.ok;
    if (told && !asked && recording_.cell_at(intruder.at, fault::Kind::intruder).direction == "forward") {
      result.violations.push_back({4, "a request to cancel did not find the command that is at work: " + told->message});
    }
    if (!asked && changes != 0) result.violations.push_back({4, fmt::format("a request that nobody obeys has made {} changes", changes)});
  } else {
    evidence.intruder = told;
    evidence.intruder_changes = changes;
    if (intruder.who == Who::old_route) evidence.intruder_expects = Code::refused;
  }
  judge(evidence, result);
  return finish(std::move(result), recovered);
}

}  // namespace rollproof::drill
