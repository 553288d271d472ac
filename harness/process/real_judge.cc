#include "harness/process/real_judge.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "lib/base/exit_code.h"

namespace rollproof::process {
namespace {

using Kind = RealFault::Kind;

// What an error value of the library would have said in the place of the exit code.
Code code_of(int exit_code) {
  switch (static_cast<ExitCode>(exit_code)) {
    case ExitCode::usage: return Code::invalid;
    case ExitCode::needs_person: return Code::needs_person;
    case ExitCode::differs: return Code::differs;
    case ExitCode::refused: return Code::refused;
    case ExitCode::locked: return Code::locked;
    case ExitCode::stopped: return Code::stopped;
    case ExitCode::backup_damaged: return Code::backup_damaged;
    case ExitCode::not_found: return Code::not_found;
    case ExitCode::no_space_or_permission: return Code::no_space;
    default: return Code::internal;
  }
}

check::Answer answer_of(const Finished& finished, const std::string& damaged) {
  check::Answer answer{.ok = finished.exit_code == 0 || class_of_exit(finished.exit_code) == "done", .code = code_of(finished.exit_code), .message = finished.to_string()};
  if (finished.exit_code == -1) answer.ok = false;
  const std::string name = std::filesystem::path(damaged).filename().string();
  if (!name.empty() && finished.errors.find(name) != std::string::npos) answer.path = damaged;
  return answer;
}

// Minutes, seed 000.
int64_t limit_ms_of(const std::string& phase) {
  constexpr std::array<std::pair<const char*, int>, 5> kLimits = {{{"validate", 5}, {"dual-write", 15}, {"copy", 60}, {"prove", 30}, {"cutover", 45}}};
  for (const auto& [name, minutes] : kLimits) {
    if (phase == name) return minutes * 60'000;
  }
  return 0;
}

class Judgement {
 public:
  Judgement(const RealStart& start, const std::string& target_kind, const RealCase& what, const RealRun& run) : what_(what), run_(run) {
    evidence_.places = {.config = "rollproof.json", .state = ".rollproof", .source = "source", .source_kind = "leveldb", .target = "target", .target_kind = target_kind, .backups = "backups"};
    evidence_.before = &start.before;
    evidence_.writes = start.writes;
    const bool back = what.stage.direction == "rollback";
    evidence_.goal = back ? check::Goal::rollback : check::Goal::migrate;
    evidence_.goal_phase = back ? "source" : what.stage.phase;
    evidence_.goal_begun = !run.killed || run.any_change;
    evidence_.limit_ms = limit_ms_of(what.stage.phase);
    evidence_.fault_corrupts = what.fault.kind == Kind::damage;
    evidence_.damaged = run.damaged;
  }

  check::Violations judged() {
    look_at_ends();
    const bool answered = !run_.killed && run_.command.signal == 0 && !run_.command.timed_out;
    const check::Answer command = answer_of(run_.command, run_.damaged), recovery = answer_of(run_.recovery, run_.damaged);
    const bool is_beside = what_.fault.kind == Kind::second || what_.fault.kind == Kind::signal;
    evidence_.goal_acknowledged = answered && command.ok;
    // A stop at a safe point is a right answer to these, and leaves an operation that has ended and need not have succeeded.
    const bool may_stop = is_beside || what_.fault.column() == fault::Kind::memory || what_.fault.kind == Kind::stall;
    const bool stopped = answered && may_stop && class_of_exit(run_.command.exit_code) == "stopped" && run_.command.errors.find("out of memory") == std::string::npos;
    if (is_beside) look_at_beside();
    // A recovery that found nothing to do after damage has said nothing about the data: what the command answered stands.
    if (!is_beside && !(evidence_.fault_corrupts && recovery.ok && !run_.recovery_changed)) {
      evidence_.fault_fails_calls = stopped;
      evidence_.found = &run_.found;
      evidence_.after = &run_.after;
      evidence_.last = recovery;
      evidence_.second = answer_of(run_.second, run_.damaged);
      evidence_.second_changes = run_.second_changed;
      evidence_.recovery_ms = run_.recovery.duration_ms;
      check();
    }
    if (!answered || run_.command.exit_code == 130 || run_.command.exit_code == 143) return std::move(violations_);
    evidence_.fault_fails_calls = stopped || what_.fault.column() == fault::Kind::memory;
    evidence_.found = is_beside ? &run_.found : &run_.begun;
    evidence_.after = &run_.found;
    evidence_.last = command;
    evidence_.second = recovery;
    evidence_.second_changes = run_.recovery_changed;
    evidence_.recovery_ms = 0;
    check();
    return std::move(violations_);
  }

 private:
  void check() {
    for (auto& violation : check::check_all(evidence_)) violations_.push_back(std::move(violation));
  }

  void look_at_ends() {
    const auto table = exit_code_table();
    const bool kills_itself = what_.fault.column() == fault::Kind::memory;
    for (const auto& [finished, whose] : {std::pair{&run_.command, "the command"}, {&run_.recovery, "the recovery"}, {&run_.second, "a second recovery"}}) {
      if (finished == &run_.command && run_.killed) continue;
      if (finished->timed_out) violations_.push_back({5, fmt::format("{} did not come to its end", whose)});
      if (finished->timed_out || (finished->signal != 0 && finished == &run_.command && kills_itself)) continue;
      const bool documented = std::any_of(table.begin(), table.end(), [&](const ExitCodeRow& row) { return static_cast<int>(row.code) == finished->exit_code; });
      // A dynamic loader that gets no memory ends a program before it is ours.
      const bool loader = kills_itself && finished == &run_.command && finished->exit_code == 127;
      if (!loader && (!documented || finished->exit_code == 1)) violations_.push_back({5, fmt::format("{} ended with no documented exit code: {}", whose, finished->to_string())});
    }
  }

  void look_at_beside() {
    if (!run_.beside) return;
    if (what_.fault.how != "cancel") {
      evidence_.intruder = answer_of(*run_.beside, "");
      evidence_.intruder_changes = run_.beside_changed;
      return;
    }
    const bool forward = what_.stage.direction == "forward", asked = run_.beside->ok();
    if (forward && !asked) violations_.push_back({4, "a request to cancel did not find the command that is at work: " + run_.beside->to_string()});
    if (!asked && run_.beside_changed) violations_.push_back({4, "a request that nobody obeys has changed files"});
  }

  const RealCase& what_;
  const RealRun& run_;
  check::Evidence evidence_;
  check::Violations violations_;
};

}  // namespace

check::Violations judge(const RealStart& start, const std::string& target_kind, const RealCase& what, const RealRun& run) { return Judgement(start, target_kind, what, run).judged(); }

}  // namespace rollproof::process
