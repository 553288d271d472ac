// Somebody puts back what was before: a store, the state folder, or the journal in it, as an earlier command had left it.
#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/case_run.h"
#include "harness/drill/trail.h"
#include "harness/drill/watched_stores.h"
#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::drill {

namespace {

using Kind = subject::Command::Kind;

bool is_running(const check::Standing& standing) { return std::any_of(standing.operations.begin(), standing.operations.end(), [](const check::Operation& each) { return !each.ended_at; }); }

// Whether the target has answered in the migration that the trail tells of last.
bool has_answered(const check::Audit& trail) {
  return std::any_of(trail.events.begin(), trail.events.end(), [&](const check::AuditEvent& event) { return event.position > trail.standing.begun_at && event.type == "route" && event.route.find("target") != std::string::npos; });
}

// Whether an older state folder, whole, has to be known for one: who believes it loses what was acknowledged since. `writes`: somebody has written since.
bool must_be_known(const check::Audit& then, const check::Audit& now, bool writes) {
  const check::Standing &stood = then.standing, &stands = now.standing;
  if (!stood.active || stood.begun_at != stands.begun_at || is_running(stood)) return false;
  // Behind the end neither configuration nor target carries the migration that the older one knows to have claimed them.
  if (!stands.active) return stands.rolled_back() && stood.following;
  return has_answered(now) && stands.target_complete && (!has_answered(then) || writes);
}

}  // namespace

std::unique_ptr<sim::SimDisk> CaseRunner::put_back(const fault::Intruder& intruder) const {
  const auto begins = recording_.command_beginning_at(intruder.at);
  sim::Image now = recording_.disk->after_process_death(intruder.at)->now();
  const std::string& folder = intruder.of_source() ? recording_.options.places.source : recording_.options.places.target;
  const check::Standing stands = trail_of(recording_.options.places, now).standing;
  // Who compares or opens nothing has nothing to say about it; and of a target that was open nobody can tell an older copy from one that others wrote to.
  const auto command = begins ? recording_.log.commands[*begins].command.kind : Kind::recover;
  const WatchedStores watched = watched_stores(recording_, now);
  const bool opens = command != Kind::recover && command != Kind::backup && (command != Kind::restore || intruder.of_source());
  const bool seen = begins ? opens : intruder.of_source() && watched.in_session && watched.source;
  if (!seen) return nullptr;
  const sim::Node* there = now.find(folder);
  // Before there is a backup nobody can tell the older from the newer, and nothing but the store itself has what was written.
  if (there == nullptr || !stands.active || stands.backup.empty()) return nullptr;
  for (size_t i = begins ? *begins : command_of(intruder.at); i-- > 0;) {
    const sim::Image& then = recording_.after_command[i];
    const check::Standing stood = trail_of(recording_.options.places, then).standing;
    if (!stood.active || stood.begun_at != stands.begun_at) return nullptr;
    const sim::Node* old = then.find(folder);
    if (recording_.log.commands[i].died || old == nullptr || stood.backup.empty() || old->digest() == there->digest()) continue;
    now.take(folder, then);
    auto disk = std::make_unique<sim::SimDisk>(now);
    disk->record_calls(false);
    return disk;
  }
  return nullptr;
}

// As damage: whatever is typed is done without what is missing there, or says that a person is needed; and he goes back with every write.
CaseResult CaseRunner::older_store(const fault::Intruder& intruder) {
  if (intruder.at > recording_.trace().size()) return outside_the_story();
  const auto disk = put_back(intruder);
  CaseResult result;
  if (!disk) return impossible({Code::invalid, "there is no older one", "", ""});
  result.fired = 1;
  const auto begins = recording_.command_beginning_at(intruder.at);
  subject::WriteLog log = begins ? log_before(*begins) : log_at(intruder.at);
  const std::string& folder = intruder.of_source() ? recording_.options.places.source : recording_.options.places.target;
  const sim::Image found = disk->now();
  const auto corrupts = [&](check::Evidence evidence) {
    evidence.fault_corrupts = true;
    evidence.repairable = false;
    evidence.damaged = folder;
    evidence.damaged_all.push_back(folder + "/");
    return evidence;
  };
  if (begins) {
    result.command = run_command(*disk, recording_, *begins, log, &known_);
    disk->kill_process();
  }
  const Recovered recovered = recover(*disk);
  auto evidence = corrupts(evidence_of(recovered, begins ? intruder.at + 1 : intruder.at, log));
  evidence.command_failed = begins && !result.command.ok;
  evidence.writes = log.at(kEnd);
  judge_unless_idle(evidence, recovered, result);
  if (begins) judge_command(*begins, evidence, found, recovered, result);
  type_one(*disk, decided(), "an older copy of a store had been put back", 20 * kHourMs, false, recording_.trace().size(), log, result);
  return finish(std::move(result), recovered);
}

std::string CaseRunner::folder_put_back(const fault::Intruder& intruder) const {
  const std::string& state = recording_.options.places.state;
  return intruder.who == fault::Intruder::Who::older_state ? state : os::join(state, migrate::kJournalDirectory);
}

std::optional<sim::Image> CaseRunner::put_journal_back(const fault::Intruder& intruder) const {
  const auto begins = recording_.command_beginning_at(intruder.at);
  if (!begins) return std::nullopt;
  sim::Image now = recording_.disk->after_process_death(intruder.at)->now();
  const std::string folder = folder_put_back(intruder);
  const check::Audit trail = trail_of(recording_.options.places, now);
  if (trail.events.empty()) return std::nullopt;
  bool writes = false;
  for (size_t i = *begins; i-- > 0;) {
    const sim::Image& then = recording_.after_command[i];
    const auto& logged = recording_.log.commands[i];
    const check::Audit then_trail = trail_of(recording_.options.places, then);
    const sim::Node* old = then.find(folder);
    const bool whole = intruder.who == fault::Intruder::Who::older_state;
    const bool known = whole ? must_be_known(then_trail, trail, writes) : !then_trail.events.empty() && then_trail.events.back().position < trail.events.back().position;
    writes = writes || (is_users_write(logged.command) && logged.answer.ok);
    if (logged.died || old == nullptr || !known) continue;
    now.take(folder, then);
    return now;
  }
  return std::nullopt;
}

// Whatever is typed says that a person is needed, and once he has put the newer one back everything goes on.
CaseResult CaseRunner::older_journal(const fault::Intruder& intruder) {
  if (intruder.at > recording_.trace().size()) return outside_the_story();
  const auto found = put_journal_back(intruder);
  CaseResult result;
  if (!found) return impossible({Code::invalid, "there is no older one that has to be known for one", "", ""});
  result.fired = 1;
  const sim::Image now = recording_.disk->after_process_death(intruder.at)->now();
  result = refused_until_put_right(intruder.at, *found, now, {folder_put_back(intruder), "the journal is an older copy", os::join(recording_.options.places.state, migrate::kLockFile)}, std::move(result));
  if (!result.command.ok && result.command.code != Code::needs_person) result.violations.push_back({9, fmt::format("the journal is an older copy, and the answer is {}: {}", name_of(result.command.code), result.command.message)});
  return result;
}

}  // namespace rollproof::drill
