// A store can not be opened, or not be written to, or is not there, while a command or a recovery needs it; and then it can again. Nothing was lost of it.
#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/case_run.h"
#include "harness/drill/out_of_reach.h"
#include "harness/drill/trail.h"
#include "harness/drill/watched_stores.h"

namespace rollproof::drill {
namespace {

const char* state_of(const fault::Intruder& intruder) {
  if (intruder.holds()) return "another program has the store open";
  if (intruder.full()) return "the disk of the store is full";
  return intruder.read_only() ? "the file system of the store is mounted read-only" : "the folder of the store is not there";
}

}  // namespace

// One case of it, with what the runner knows.
class StoreOutOfReach {
 public:
  // REQUIRES: the runner outlives this.
  StoreOutOfReach(const CaseRunner& runner, const fault::Intruder& intruder)
      : runner_(runner), recording_(runner.recording_), places_(runner.recording_.options.places), intruder_(intruder), begins_(recording_.command_beginning_at(intruder.at)) {}

  CaseResult run(CaseRunner& runner) const;
  bool is_met() const;

 private:
  Holder holder() const {
    const uint64_t drawn = sim::scramble(intruder_.at);
    if (drawn % 2 == 0) return drawn % 8 == 0 ? Holder::is_writing : Holder::idle;
    return may_have_written() ? Holder::has_written : Holder::idle;
  }
  bool may_have_written() const { return watched_stores(recording_, recording_.disk->after_process_death(intruder_.at)->now()).backed_up; }
  // A command that begins there meets it; in the middle of one the recovery from a death there does.
  CaseRunner::Again again() const;
  check::Answer meet(size_t command, sim::SimDisk& disk, subject::WriteLog& log) const;
  check::Answer type(sim::SimDisk& disk, const subject::Command& typed, uint64_t salt, int64_t begins_ms, subject::WriteLog& log) const;
  // The command is a user's write, and the store that is out of reach does not answer: nobody needs it for that. `found`: before the command.
  bool only_follower_is_out(size_t command, const sim::Image& found) const {
    return begins_ && runner_.follower_of_write(command, found) == (intruder_.of_source() ? places_.source : places_.target);
  }
  void judge_write_without_follower(const sim::SimDisk& disk, CaseResult& result) const;
  void judge_answer(const std::string& folder, CaseResult& result) const;
  static void judge_files(const OutOfReach& out, CaseResult& result);
  void die_beside_held(size_t command, CaseResult& result) const;
  void recover_beside_held(const sim::Image& written, Holder holder, const subject::WriteLog& log, CaseResult& result) const;
  void write_meanwhile(const sim::Image& left, subject::WriteLog log, CaseResult& result) const;
  void judge_behind(sim::SimDisk& disk, const subject::WriteLog& log, bool acknowledged, const char* behind, CaseResult& result) const;

  const CaseRunner& runner_;
  const Recording& recording_;
  const check::Places& places_;
  const fault::Intruder intruder_;
  const std::optional<size_t> begins_;
};

CaseRunner::Again StoreOutOfReach::again() const {
  CaseRunner::Again again{.command = begins_ ? *begins_ : runner_.command_of(intruder_.at), .disk = recording_.disk->after_process_death(intruder_.at), .log = begins_ ? runner_.log_before(*begins_) : runner_.log_at(intruder_.at)};
  again.disk->record_calls(false);
  return again;
}

check::Answer StoreOutOfReach::type(sim::SimDisk& disk, const subject::Command& typed, uint64_t salt, int64_t begins_ms, subject::WriteLog& log) const {
  sim::SimWorld world(disk, recording_.seed * 1000 + salt);
  world.clock.advance(begins_ms);
  return subject::run(disk, world, runner_.known_, typed, log);
}

check::Answer StoreOutOfReach::meet(size_t command, sim::SimDisk& disk, subject::WriteLog& log) const {
  return begins_ ? run_command(disk, recording_, command, log, &runner_.known_) : type(disk, subject::Command{}, 600, CaseRunner::kFirstRecoveryMs, log);
}

// A store that is gone while somebody does more than write is lost as far as he can tell, and is made anew: that is damage.
bool StoreOutOfReach::is_met() const {
  auto [command, disk, log] = again();
  if (intruder_.gone() && !CaseRunner::is_users_write(recording_.log.commands[command].command)) return false;
  OutOfReach out(*disk, places_, intruder_, holder());
  if (!out.is_there()) return false;
  meet(command, *disk, log);
  return out.met() != 0;
}

// A user's write does not wait for the store that only follows, and the trail says that it is behind.
void StoreOutOfReach::judge_write_without_follower(const sim::SimDisk& disk, CaseResult& result) const {
  if (!result.command.ok) {
    result.violations.push_back({5, fmt::format("{}, which only follows, and a write is answered \"{}\": {}", state_of(intruder_), name_of(result.command.code), result.command.message)});
    return;
  }
  const auto events = trail_of(places_, disk.now()).events;
  const bool said = std::any_of(events.begin(), events.end(), [](const check::AuditEvent& event) { return event.type == "store_behind"; });
  if (!said) result.violations.push_back({9, fmt::format("{}, which only follows, something is written, and the trail does not say that it is behind", state_of(intruder_))});
}

// What needs a store that it can not have says so, and names it.
void StoreOutOfReach::judge_answer(const std::string& folder, CaseResult& result) const {
  const check::Answer& answer = result.command;
  if (answer.ok) {
    // Who looks at what is gone may need it or not; who wanted to change it, or to open it, needed it.
    if (!intruder_.gone()) result.violations.push_back({4, fmt::format("{}, and the answer is \"done\"", state_of(intruder_))});
    return;
  }
  // Who was half through, where no journal keeps it, can not say that nothing changed.
  const bool refused = answer.code == (intruder_.full() ? Code::no_space : Code::no_permission) || answer.code == Code::outcome_unknown;
  const bool says = intruder_.holds() ? answer.code == Code::locked : !intruder_.gone() ? refused : (answer.message + answer.path).find(folder) != std::string::npos;
  if (!says) result.violations.push_back({9, fmt::format("{}, and the answer is \"{}\": {} ({})", state_of(intruder_), name_of(answer.code), answer.message, answer.path)});
}

// Who is kept out has looked before he touches anything: the other program is at work there.
void StoreOutOfReach::judge_files(const OutOfReach& out, CaseResult& result) {
  if (const std::string changed = out.changed_under_its_holder(); !changed.empty()) result.violations.push_back({4, fmt::format("another program has the store open, and a file was changed under it: {}", changed)});
}

// Who writes while the store that follows is held dies in the middle.
void StoreOutOfReach::die_beside_held(size_t command, CaseResult& result) const {
  auto [same, disk, log] = again();
  OutOfReach out(*disk, places_, intruder_, holder());
  const uint64_t dies_at = disk->operations() + sim::scramble(recording_.seed * 389 + intruder_.at) % 24;
  bool died = false;
  disk->set_fault_hook([&](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    died |= operation.mutating && operation.ordinal >= dies_at;
    return died ? std::optional(sim::InjectedError{.death = sim::InjectedError::Death::freezes}) : std::nullopt;
  });
  const check::Answer answer = meet(command, *disk, log);
  judge_files(out, result);
  out.end();
  judge_behind(*disk, log, !died && answer.ok, "a write beside a held store had died", result);
}

// Who recovers behind that write meets it held as well: it is brought up to date once it is closed.
void StoreOutOfReach::recover_beside_held(const sim::Image& written, Holder holder, const subject::WriteLog& log, CaseResult& result) const {
  sim::SimDisk disk(written);
  disk.record_calls(false);
  OutOfReach out(disk, places_, intruder_, holder);
  subject::WriteLog nothing;
  const check::Answer met = type(disk, subject::Command{}, 800, CaseRunner::kFirstRecoveryMs, nothing);
  if (!met.ok && met.code != Code::locked) result.violations.push_back({9, fmt::format("a recovery met a held store and answered \"{}\": {}", name_of(met.code), met.message)});
  judge_files(out, result);
  out.end();
  judge_behind(disk, log, true, "a recovery had met the held store", result);
}

void StoreOutOfReach::judge_behind(sim::SimDisk& disk, const subject::WriteLog& log, bool acknowledged, const char* behind, CaseResult& result) const {
  const CaseRunner::Recovered recovered = runner_.recover(disk);
  auto evidence = runner_.evidence_again(recovered, intruder_.at + 1, log, acknowledged);
  evidence.command_failed = !acknowledged;
  runner_.judge(evidence, result);
  if (!recovered.first.ok) result.violations.push_back({5, fmt::format("{}, and the next recovery ended with \"{}\": {}", behind, name_of(recovered.first.code), recovered.first.message)});
}

// The command that needed the store has given up or is waiting: where another one answers, a user's write does not wait with it.
void StoreOutOfReach::write_meanwhile(const sim::Image& left, subject::WriteLog log, CaseResult& result) const {
  const check::Standing stands = trail_of(places_, left).standing;
  if (!stands.active || intruder_.gone() || intruder_.of_source() == stands.answers_from_source()) return;
  sim::SimDisk disk(left);
  disk.record_calls(false);
  OutOfReach out(disk, places_, intruder_, Holder::idle);
  const subject::Command put{.kind = subject::Command::Kind::put, .argument = "56-Meanwhile", .bytes = 60};
  const check::Answer answer = type(disk, put, 650, CaseRunner::kFirstRecoveryMs + CaseRunner::kHourMs, log);
  // Nor does it where there is no source to write to for the moment; and what another program did to files behind an interruption comes first.
  const bool waits = answer.message.find(CaseRunner::kReplacing) != std::string::npos || (answer.code == Code::refused && intruder_.holds() && holder() != Holder::idle);
  if (!answer.ok && !waits) result.violations.push_back({5, fmt::format("{}, which does not answer, and a user's write behind it is answered \"{}\": {}", state_of(intruder_), name_of(answer.code), answer.message)});
  out.end();
  judge_behind(disk, log, false, "somebody had written meanwhile", result);
}

// Once it is there again, everything goes on as if nothing had been.
CaseResult StoreOutOfReach::run(CaseRunner& runner) const {
  auto [command, disk, log] = again();
  const sim::Image found = disk->now();
  OutOfReach out(*disk, places_, intruder_, holder());
  CaseResult result;
  result.command = meet(command, *disk, log);
  result.fired = out.met();
  const bool follower = only_follower_is_out(command, found);
  if (result.fired != 0) follower ? judge_write_without_follower(*disk, result) : judge_answer(out.folder(), result);
  if (const std::string made = out.made_instead(); !made.empty()) result.violations.push_back({2, fmt::format("{}, and something was made in its place: {}", state_of(intruder_), made)});
  judge_files(out, result);
  if (out.is_there() && !result.command.ok && result.violations.empty()) write_meanwhile(disk->now(), log, result);
  out.end();
  if (follower && intruder_.holds() && result.violations.empty()) {
    die_beside_held(command, result);
    // Of these points there are few, so that each kind of holder is met.
    for (const Holder holder : {Holder::idle, Holder::has_written, Holder::is_writing}) {
      if (holder != Holder::has_written || may_have_written()) recover_beside_held(disk->now(), holder, log, result);
    }
  }
  if (follower && result.violations.empty() && command + 1 < recording_.log.commands.size()) {
    // Whoever comes next brings it up to date, and nobody has to recover first.
    sim::SimDisk at_once(disk->now());
    runner.tell_rest(at_once, command + 1, "a store had been out of reach while something was written", log, result);
  }
  const CaseRunner::Recovered recovered = runner_.recover_after(*disk);
  auto evidence = begins_ ? runner_.evidence_again(recovered, intruder_.at + 1, log, result.command.ok) : runner_.evidence_of(recovered, intruder_.at, log);
  evidence.command_failed = !result.command.ok;
  runner_.judge_unless_idle(evidence, recovered, result);
  if (!recovered.first.ok) result.violations.push_back({5, fmt::format("the store is there again, and a recovery ended with \"{}\": {}", name_of(recovered.first.code), recovered.first.message)});
  if (begins_) {
    evidence.fault_fails_calls = true;
    if (intruder_.gone()) {
      // As long as it is gone it is lost, and calling it that is no lie.
      evidence.fault_corrupts = true;
      evidence.damaged = out.folder();
      evidence.damaged_all.push_back(out.folder() + "/");
    }
    runner_.judge_command(command, std::move(evidence), found, recovered, result);
  }
  runner.go_on(recovered, command, std::move(log), result);
  return runner_.finish(std::move(result), recovered);
}

std::string CaseRunner::follower_of_write(size_t command, const sim::Image& found) const {
  const check::Places& places = recording_.options.places;
  if (!is_users_write(recording_.log.commands[command].command)) return "";
  const check::Standing stands = trail_of(places, found).standing;
  return !stands.active || !stands.following ? "" : stands.answers_from_source() ? places.target : places.source;
}

bool CaseRunner::meets_store(const fault::Intruder& intruder) const { return StoreOutOfReach(*this, intruder).is_met(); }

CaseResult CaseRunner::store_out_of_reach(const fault::Intruder& intruder) { return is_in_story(intruder.at) ? StoreOutOfReach(*this, intruder).run(*this) : outside_the_story(); }

}  // namespace rollproof::drill
