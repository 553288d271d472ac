// A store can not be opened, or not be written to, or is not there, while a command or a recovery needs it; and then it can again. Nothing was lost of it.
#include <fmt/format.h>

#include <algorithm>

#include "harness/check/reading.h"
#include "harness/drill/case_run.h"
#include "harness/drill/out_of_reach.h"
#include "harness/drill/watched_stores.h"

namespace rollproof::drill {
namespace {

const char* state_of(const fault::Intruder& intruder) {
  if (intruder.holds()) return "another program has the store open";
  return intruder.read_only() ? "the file system of the store is mounted read-only" : "the folder of the store is not there";
}

check::Audit audit_of(const check::Places& places, const sim::Image& image) { return check::read_audit(image.find(check::below(places.state, "audit.jsonl"))); }

}  // namespace

// At every other point.
bool CaseRunner::changes_files(const fault::Intruder& intruder) const {
  return sim::scramble(intruder.at) % 2 == 1 && watched_stores(recording_, recording_.disk->after_process_death(intruder.at)->now()).backed_up;
}

// A command that begins there meets it; in the middle of one the recovery does.
CaseRunner::Again CaseRunner::out_of_reach_at(const fault::Intruder& intruder) const {
  const auto begins = recording_.command_beginning_at(intruder.at);
  Again again{.command = begins ? *begins : command_of(intruder.at), .disk = recording_.disk->after_process_death(intruder.at), .log = begins ? log_before(*begins) : log_at(intruder.at)};
  again.disk->record_calls(false);
  return again;
}

check::Answer CaseRunner::run_out_of_reach(const fault::Intruder& intruder, size_t command, sim::SimDisk& disk, subject::WriteLog& log) const {
  if (recording_.command_beginning_at(intruder.at)) return run_command(disk, recording_, command, log, &known_);
  sim::SimWorld world(disk, recording_.seed * 1000 + 600);
  world.clock.advance(kFirstRecoveryMs);
  return subject::run(disk, world, known_, subject::Command{}, log);
}

// A store that is gone while somebody does more than write is lost as far as he can tell, and is made anew: that is damage.
bool CaseRunner::meets_store(const fault::Intruder& intruder) const {
  auto [command, disk, log] = out_of_reach_at(intruder);
  if (intruder.gone() && !is_users_write(recording_.log.commands[command].command)) return false;
  OutOfReach out(*disk, recording_.options.places, intruder, changes_files(intruder));
  if (!out.is_there()) return false;
  run_out_of_reach(intruder, command, *disk, log);
  return out.met() != 0;
}

bool CaseRunner::only_follower_is_out(const fault::Intruder& intruder, size_t command, const sim::Image& found) const {
  const check::Places& places = recording_.options.places;
  return recording_.command_beginning_at(intruder.at) && follower_of_write(command, found) == (intruder.of_source() ? places.source : places.target);
}

std::string CaseRunner::follower_of_write(size_t command, const sim::Image& found) const {
  const check::Places& places = recording_.options.places;
  if (!is_users_write(recording_.log.commands[command].command)) return "";
  const check::Standing stands = audit_of(places, found).standing;
  return !stands.active || !stands.following ? "" : stands.answers_from_source() ? places.target : places.source;
}

// A user's write does not wait for the store that only follows, and the trail says that it is behind.
void CaseRunner::judge_write_without_follower(const fault::Intruder& intruder, const sim::SimDisk& disk, CaseResult& result) const {
  if (!result.command.ok) {
    result.violations.push_back({5, fmt::format("{}, which only follows, and a write is answered \"{}\": {}", state_of(intruder), name_of(result.command.code), result.command.message)});
    return;
  }
  const auto events = audit_of(recording_.options.places, disk.now()).events;
  const bool said = std::any_of(events.begin(), events.end(), [](const check::AuditEvent& event) { return event.type == "store_behind"; });
  if (!said) result.violations.push_back({9, fmt::format("{}, which only follows, something is written, and the trail does not say that it is behind", state_of(intruder))});
}

// What needs a store that it can not have says so, and names it.
void CaseRunner::judge_answer_without_store(const fault::Intruder& intruder, const std::string& folder, CaseResult& result) const {
  const check::Answer& answer = result.command;
  if (answer.ok) {
    // Who looks at what is gone may need it or not; who wanted to change it, or to open it, needed it.
    if (!intruder.gone()) result.violations.push_back({4, fmt::format("{}, and the answer is \"done\"", state_of(intruder))});
    return;
  }
  // Who was half through, where no journal keeps it, can not say that nothing changed.
  const bool refused = answer.code == Code::no_permission || answer.code == Code::outcome_unknown;
  const bool says = intruder.holds() ? answer.code == Code::locked : intruder.read_only() ? refused : (answer.message + answer.path).find(folder) != std::string::npos;
  if (!says) result.violations.push_back({9, fmt::format("{}, and the answer is \"{}\": {} ({})", state_of(intruder), name_of(answer.code), answer.message, answer.path)});
}

// Who writes while the store that follows is held dies in the middle.
void CaseRunner::die_beside_held(const fault::Intruder& intruder, size_t command, CaseResult& result) const {
  auto [same, disk, log] = out_of_reach_at(intruder);
  OutOfReach out(*disk, recording_.options.places, intruder, changes_files(intruder));
  const uint64_t dies_at = disk->operations() + sim::scramble(recording_.seed * 389 + intruder.at) % 24;
  bool died = false;
  disk->set_fault_hook([&](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    died |= operation.mutating && operation.ordinal >= dies_at;
    return died ? std::optional(sim::InjectedError{.death = sim::InjectedError::Death::freezes}) : std::nullopt;
  });
  const check::Answer answer = run_out_of_reach(intruder, command, *disk, log);
  out.end();
  judge_behind_held(*disk, intruder, log, !died && answer.ok, "a write beside a held store had died", result);
}

// Who recovers behind that write meets it held as well: it is brought up to date once it is closed.
void CaseRunner::recover_beside_held(const fault::Intruder& intruder, const sim::Image& written, const subject::WriteLog& log, CaseResult& result) const {
  sim::SimDisk disk(written);
  disk.record_calls(false);
  OutOfReach out(disk, recording_.options.places, intruder, changes_files(intruder));
  sim::SimWorld world(disk, recording_.seed * 1000 + 800);
  world.clock.advance(kFirstRecoveryMs);
  subject::WriteLog nothing;
  const check::Answer met = subject::run(disk, world, known_, subject::Command{}, nothing);
  if (!met.ok && met.code != Code::locked) result.violations.push_back({9, fmt::format("a recovery met a held store and answered \"{}\": {}", name_of(met.code), met.message)});
  out.end();
  judge_behind_held(disk, intruder, log, true, "a recovery had met the held store", result);
}

void CaseRunner::judge_behind_held(sim::SimDisk& disk, const fault::Intruder& intruder, const subject::WriteLog& log, bool acknowledged, const char* behind, CaseResult& result) const {
  const Recovered recovered = recover(disk);
  auto evidence = evidence_again(recovered, intruder.at + 1, log, acknowledged);
  evidence.command_failed = !acknowledged;
  judge(evidence, result);
  if (!recovered.first.ok) result.violations.push_back({5, fmt::format("{}, and the next recovery ended with \"{}\": {}", behind, name_of(recovered.first.code), recovered.first.message)});
}

// Once it is there again, everything goes on as if nothing had been.
CaseResult CaseRunner::store_out_of_reach(const fault::Intruder& intruder) {
  if (!is_in_story(intruder.at)) return outside_the_story();
  auto [command, disk, log] = out_of_reach_at(intruder);
  const sim::Image found = disk->now();
  const bool begins = recording_.command_beginning_at(intruder.at).has_value();
  OutOfReach out(*disk, recording_.options.places, intruder, changes_files(intruder));
  CaseResult result;
  result.command = run_out_of_reach(intruder, command, *disk, log);
  result.fired = out.met();
  const bool follower = only_follower_is_out(intruder, command, found);
  if (result.fired != 0) follower ? judge_write_without_follower(intruder, *disk, result) : judge_answer_without_store(intruder, out.folder(), result);
  if (const std::string made = out.made_instead(); !made.empty()) result.violations.push_back({2, fmt::format("{}, and something was made in its place: {}", state_of(intruder), made)});
  out.end();
  if (follower && intruder.holds() && result.violations.empty()) {
    die_beside_held(intruder, command, result);
    recover_beside_held(intruder, disk->now(), log, result);
  }
  if (follower && result.violations.empty() && command + 1 < recording_.log.commands.size()) {
    // Whoever comes next brings it up to date, and nobody has to recover first.
    sim::SimDisk at_once(disk->now());
    tell_rest(at_once, command + 1, "a store had been out of reach while something was written", log, result);
  }
  const Recovered recovered = recover_after(*disk);
  auto evidence = begins ? evidence_again(recovered, intruder.at + 1, log, result.command.ok) : evidence_of(recovered, intruder.at, log);
  evidence.command_failed = !result.command.ok;
  judge_unless_idle(evidence, recovered, result);
  if (!recovered.first.ok) result.violations.push_back({5, fmt::format("the store is there again, and a recovery ended with \"{}\": {}", name_of(recovered.first.code), recovered.first.message)});
  if (begins) {
    evidence.fault_fails_calls = true;
    if (intruder.gone()) {
      // As long as it is gone it is lost, and calling it that is no lie.
      evidence.fault_corrupts = true;
      evidence.damaged = out.folder();
      evidence.damaged_all.push_back(out.folder() + "/");
    }
    judge_command(command, std::move(evidence), found, recovered, result);
  }
  go_on(recovered, command, std::move(log), result);
  return finish(std::move(result), recovered);
}

}  // namespace rollproof::drill
