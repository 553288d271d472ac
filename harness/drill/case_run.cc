#include "harness/drill/case_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::drill {
namespace {

using subject::Command;

constexpr size_t kRemembered = 512;  // recoveries by image; the order of the cases brings equal images close to each other

std::string_view category_of(int promise) {
  constexpr std::array<std::string_view, 11> names = {"harness_error", "data_loss", "data_corruption", "wrong_state", "wrong_state", "stuck_state",
                                                      "data_corruption", "data_loss", "leak", "wrong_state", "recovery_time_exceeded"};
  return promise >= 1 && promise <= 10 ? names[promise] : names[0];
}

// A migration that has found a difference has ended with it, and the next one looks again; a rollback stays where it is.
bool waits_for_a_person(const check::Answer& answer, check::Goal goal) {
  const bool differs = answer.code == Code::differs && goal == check::Goal::rollback;
  return !answer.ok && (answer.code == Code::needs_person || answer.code == Code::corruption || differs || answer.code == Code::backup_damaged);
}

// A file without a checksum is found by what its records are compared with.
bool has_no_checksum(const Recording& recording, const std::string& path) { return recording.story.source_kind == "network-json" && path.starts_with(recording.options.places.source + "/"); }

bool damages_one_without_checksum(const Recording& recording) {
  const auto& commands = recording.log.commands;
  return std::any_of(commands.begin(), commands.end(), [&](const auto& logged) { return logged.command.kind == Command::Kind::damage && has_no_checksum(recording, logged.answer.path); });
}

RecoveryParts parts_of(const std::vector<std::pair<std::string, int64_t>>& steps, int64_t began, int64_t ended) {
  RecoveryParts parts;
  std::string_view at;
  int64_t since = began;
  for (const auto& [step, ms] : steps) {
    part_of(parts, at) += ms - since;
    at = step;
    since = ms;
  }
  part_of(parts, at) += ended - since;
  return parts;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed: return "passed";
    case Verdict::failed: return "failed";
    case Verdict::inconclusive: return "inconclusive";
  }
  return "";
}

CaseRunner::CaseRunner(const Recording& recording, Judge judge)
    : recording_(recording), known_(recording.options), judge_(std::move(judge)), images_(recording.trace(), sim::Model::strict) {
  known_.read = std::make_shared<incident::ReadEvents>();
}

CaseRunner::Typed CaseRunner::type_recover(sim::SimDisk& disk, int64_t begins_ms, uint64_t turn) const {
  disk.record_calls(false);
  sim::SimWorld world(disk, recording_.seed * 1000 + 900 + turn);
  world.clock.advance(begins_ms);
  world.identity.boot_id_now = "00000000-0000-4000-8000-000000000002";
  Typed typed;
  const uint64_t changes = disk.operations();
  typed.began_ms = world.clock.monotonic_ms();
  typed.answer = subject::run(disk, world, known_, Command{}, typed.log);
  typed.ended_ms = world.clock.monotonic_ms();
  disk.kill_process();
  typed.changes = disk.operations() - changes;
  return typed;
}

CaseRunner::Recovered CaseRunner::recover(sim::SimDisk& disk, int64_t begins_ms) const {
  Recovered recovered;
  recovered.found = disk.now();
  const Typed first = type_recover(disk, begins_ms, 1);
  recovered.first = first.answer;
  recovered.began_ms = first.log.commands.back().began_ms;
  recovered.ms = first.ended_ms - first.began_ms;
  recovered.parts = parts_of(first.log.steps, first.began_ms, first.ended_ms);
  recovered.first_changes = first.changes;
  recovered.after = disk.now();
  // Most recoveries come to one of a few ends, and the second one is a function of that end.
  const bool usual = begins_ms == kRecoveryMs;
  if (const auto idle = usual ? idle_.find(recovered.after.digest()) : idle_.end(); idle != idle_.end()) {
    recovered.second = idle->second;
    return recovered;
  }
  const Typed second = type_recover(disk, begins_ms + kHourMs, 2);
  recovered.second = second.answer;
  recovered.second_changes = second.changes;
  if (idle_.size() >= kRemembered) idle_.clear();
  if (recovered.second_changes == 0 && usual) idle_.emplace(recovered.after.digest(), recovered.second);
  return recovered;
}

const CaseRunner::Recovered& CaseRunner::recover_image(const sim::Image& image) {
  const auto known = recovered_.find(image.digest());
  if (known != recovered_.end()) return known->second;
  if (recovered_.size() >= kRemembered) recovered_.clear();
  sim::SimDisk disk(image);
  return recovered_.emplace(image.digest(), recover(disk)).first->second;
}

check::Evidence CaseRunner::evidence_of(const Recovered& recovered, uint64_t k, const subject::WriteLog& log) const {
  check::Evidence evidence;
  evidence.places = recording_.options.places;
  evidence.before = &recording_.start;
  evidence.found = &recovered.found;
  evidence.after = &recovered.after;
  evidence.writes = log.at(k);
  const Moment moment = recording_.moment_at(k);
  evidence.goal = moment.goal;
  evidence.goal_phase = moment.goal_phase;
  evidence.goal_begun = moment.begun;
  evidence.goal_acknowledged = moment.acknowledged;
  evidence.command_failed = moment.refused;
  evidence.last = recovered.first;
  evidence.last_began_ms = recovered.began_ms;
  evidence.second = recovered.second;
  evidence.second_changes = recovered.second_changes;
  evidence.recovery_ms = recovered.ms;
  evidence.limit_ms = recording_.limit_ms_at(k);
  for (const auto& logged : recording_.log.commands) evidence.failures_told += logged.command.refused && logged.begun_at < k;
  for (const auto& logged : recording_.log.commands) {
    if (logged.command.kind != Command::Kind::damage || logged.begun_at >= k) continue;
    evidence.fault_corrupts = true;
    evidence.repairable = std::all_of(recording_.log.commands.begin(), recording_.log.commands.end(), [](const auto& each) { return each.answer.ok; });
    evidence.damaged = has_no_checksum(recording_, logged.answer.path) ? recording_.options.places.source : logged.answer.path;  // then the store is named
    evidence.damaged_all.push_back(logged.answer.path);
  }
  return evidence;
}

// A write goes through over a rollback that has stopped for a person, and the recovery behind it says that one is still to come.
void CaseRunner::excuse_safe_stop(check::Evidence& evidence) {
  if (evidence.failures_told != 0 && evidence.second.code == Code::needs_person) evidence.second = {.ok = true};
}

void CaseRunner::judge(const check::Evidence& evidence, CaseResult& result) const {
  ++result.images;
  for (auto& violation : judge_ ? judge_(evidence) : check::check_all(evidence, {}, &result.integrity)) result.violations.push_back(std::move(violation));
}

CaseResult CaseRunner::finish(CaseResult result, const Recovered& recovered) const {
  result.recovery = recovered.first;
  result.second = recovered.second;
  result.recovery_ms = recovered.ms;
  result.parts = recovered.parts;
  if (result.fired == 0) {
    result.verdict = Verdict::inconclusive;
    result.category = "fault_not_injected";
    return result;
  }
  result.category = recovered.first.ok ? "recovered" : "safe_stop";
  if (!result.violations.empty()) {
    result.verdict = Verdict::failed;
    result.category = category_of(result.violations.front().promise);
  }
  return result;
}

CaseResult CaseRunner::impossible(const Error& error) const {
  CaseResult result;
  result.verdict = Verdict::inconclusive;
  result.category = "harness_error";
  result.recovery = {false, error.code, error.message, error.path};
  return result;
}

CaseResult CaseRunner::run(const fault::Fault& fault) {
  switch (fault.kind()) {
    case fault::Kind::crash: return crash(std::get<sim::CrashId>(fault.what));
    case fault::Kind::process_death: return process_death(fault.at());
    case fault::Kind::io_error: return io_error(std::get<fault::IoError>(fault.what));
    case fault::Kind::second_crash: return second_crash(std::get<fault::SecondCrash>(fault.what));
    case fault::Kind::intruder: return intruder(std::get<fault::Intruder>(fault.what));
    case fault::Kind::corruption: return corruption(std::get<fault::Damage>(fault.what));
    case fault::Kind::memory: return memory(std::get<fault::Memory>(fault.what));
    case fault::Kind::timeout: return timeout(std::get<fault::Timeout>(fault.what));
    case fault::Kind::connection: return impossible({Code::invalid, std::string(kNoDatabase), "", ""});
  }
  return {};
}

CaseResult CaseRunner::crash(const sim::CrashId& id) {
  auto image = images_.build(id);
  if (!image) return impossible(image.error());
  CaseResult result;
  result.fired = 1;
  const Recovered& recovered = recover_image(*image);
  judge_recovery(recovered, id.after, result);
  go_on(Recovered(recovered), command_of(id.after), log_at(id.after), result);
  return finish(std::move(result), recovered);
}

// Where a story has damaged something before, a recovery that found nothing to do has said nothing about the data.
void CaseRunner::judge_recovery(const Recovered& recovered, uint64_t k, CaseResult& result) const {
  judge_unless_idle(evidence_of(recovered, k, recording_.log), recovered, result);
}

void CaseRunner::judge_unless_idle(const check::Evidence& evidence, const Recovered& recovered, CaseResult& result) const {
  if (waits_for_a_person(recovered.first, evidence.goal) && recovered.second.ok) {
    result.violations.push_back({6, fmt::format("recovery stops for a person with \"{}\", and one more says that it is done, with nothing mended: {} ({})", name_of(recovered.first.code), recovered.first.message, recovered.first.path)});
  }
  // Nor does one that opens files without checksums say anything about the records in them.
  const bool compared_nothing = recovered.first_changes == 0 || damages_one_without_checksum(recording_);
  if (evidence.fault_corrupts && recovered.first.ok && compared_nothing) return;
  judge(evidence, result);
}

CaseRunner::Again CaseRunner::again_at(uint64_t k) const {
  Again again{.command = command_of(k)};
  again.disk = recording_.disk->after_process_death(recording_.log.commands[again.command].begun_at);
  again.disk->record_calls(false);
  again.log = log_before(again.command);
  return again;
}

CaseRunner::Recovered CaseRunner::recover_after(sim::SimDisk& disk) const {
  disk.set_fault_hook({});
  disk.kill_process();
  return recover(disk);
}

check::Evidence CaseRunner::evidence_again(const Recovered& recovered, uint64_t k, const subject::WriteLog& log, bool acknowledged) const {
  auto evidence = evidence_of(recovered, k, log);
  evidence.writes = log.at(kEnd);
  evidence.goal_acknowledged = acknowledged;
  return evidence;
}

CaseResult CaseRunner::outside_the_story() const {
  return impossible({Code::invalid, fmt::format("the story has only {} operations", recording_.trace().size()), "", ""});
}

CaseResult CaseRunner::process_death(uint64_t k) {
  if (k > recording_.trace().size()) return outside_the_story();
  auto disk = recording_.disk->after_process_death(k);
  CaseResult result;
  result.fired = 1;
  const Recovered recovered = recover(*disk);
  judge_recovery(recovered, k, result);
  if (recovered.first.ok) {
    // It has said that it is done: what it relied on must not need anything that was never synced.
    sim::CrashImages later(disk->trace(), sim::Model::strict);
    auto image = later.build({.after = disk->trace().size(), .shape = sim::CrashId::Shape::keep_none});
    if (!image) return impossible(image.error());
    if (image->digest() != recovered.after.digest()) judge_recovery(recover_image(*image), k, result);
  }
  go_on(recovered, command_of(k), log_at(k), result);
  go_back_at_once(k, result);
  type_another_at_once(k, result);
  return finish(std::move(result), recovered);
}

size_t CaseRunner::command_of(uint64_t k) const {
  const auto& commands = recording_.log.commands;
  size_t command = 0;
  while (command + 1 < commands.size() && commands[command].ended_at <= k) ++command;
  return command;
}

subject::WriteLog CaseRunner::log_before(size_t command) const {
  const uint64_t begun_at = recording_.log.commands[command].begun_at;
  subject::WriteLog log;
  for (const auto& write : recording_.log.writes) {
    if (write.begun_at < begun_at || write.acknowledged_at <= begun_at) log.writes.push_back(write);
  }
  return log;
}

bool CaseRunner::is_users_write(const subject::Command& command) {
  using Kind = subject::Command::Kind;
  return command.kind == Kind::put || command.kind == Kind::put_text || command.kind == Kind::remove || command.kind == Kind::batch;
}

void CaseRunner::judge_command(size_t command, check::Evidence evidence, const sim::Image& found, const Recovered& recovered, CaseResult& result) const {
  evidence.found = &found;
  evidence.after = &recovered.found;
  evidence.last = result.command;
  if (evidence.last_began_ms) evidence.last_began_ms = recording_.log.commands[command].began_ms;
  evidence.second = recovered.first;
  evidence.second_changes = recovered.first_changes;
  evidence.goal_acknowledged = result.command.ok;
  evidence.follower_out_of_reach = is_users_write(recording_.log.commands[command].command);
  judge(evidence, result);
}

CaseResult CaseRunner::io_error(const fault::IoError& error) {
  if (!is_in_story(error.at)) return outside_the_story();
  auto [command, disk, log] = again_at(error.at);
  const sim::Image found = disk->now();
  const bool full = error.kind == fault::IoError::Kind::full;
  full ? disk->limit_free_bytes(error.bytes) : disk->set_fault_hook(error.hook());
  CaseResult result;
  result.command = run_command(*disk, recording_, command, log, &known_);
  result.fired = full ? disk->limit_met() : disk->hook_fired();
  disk->lift_limit();
  // The space that was reserved for it is for this. To make a damaged source anew takes as much as that.
  const bool reserved = full && found.exists(os::join(recording_.options.places.state, migrate::kReserveFile)) && !damages_something();
  if (reserved && recording_.log.commands[command].command.kind == Command::Kind::rollback && !result.command.ok) {
    result.violations.push_back({5, fmt::format("the disk is full, and a rollback for which space was reserved answered {}: {}", name_of(result.command.code), result.command.message)});
  }
  using Kind = fault::IoError::Kind;
  const bool once = error.kind == Kind::nothing_done || error.kind == Kind::part_done || error.kind == Kind::pages_lost;
  const std::string follower = once ? follower_of_write(command, found) : "";
  if (!follower.empty() && !result.command.ok && recording_.trace().operations[error.at]->path->starts_with(follower + "/")) {
    result.violations.push_back({5, fmt::format("one call on the store that only follows failed, and a write is answered \"{}\": {}", name_of(result.command.code), result.command.message)});
  }
  // It has said that it is done: whatever failed must not be what its word rests on.
  if (result.command.ok && result.fired != 0) lose_power(*disk, error.at + 1, log, result);
  const Recovered recovered = recover_after(*disk);
  auto evidence = evidence_again(recovered, error.at + 1, log, result.command.ok);
  // What an injected error left open has no one result in the audit trail.
  judge_unless_idle(evidence, recovered, result);
  if (recovered.first.ok) lose_power(*disk, error.at + 1, log, result);
  if (recovered.first.ok && error.kind == Kind::pages_lost) lose_power_behind_a_write(*disk, error.at + 1, log, result);
  evidence.fault_fails_calls = true;
  judge_command(command, std::move(evidence), found, recovered, result);
  go_on(recovered, command, log, result);
  return finish(std::move(result), recovered);
}

bool CaseRunner::damages_something() const {
  return std::any_of(recording_.log.commands.begin(), recording_.log.commands.end(), [](const auto& logged) { return logged.command.kind == Command::Kind::damage; });
}

std::optional<uint64_t> CaseRunner::room_needed(uint64_t k) const {
  constexpr uint64_t kPlenty = 1ull << 40;
  auto [command, disk, log] = again_at(k);
  disk->limit_free_bytes(kPlenty);
  run_command(*disk, recording_, command, log, &known_);
  return disk->limit_met() == 0 ? std::nullopt : std::optional(kPlenty - disk->least_free());
}

void CaseRunner::lose_power(const sim::SimDisk& disk, uint64_t k, const subject::WriteLog& log, CaseResult& result) {
  sim::CrashImages images(disk.trace(), sim::Model::strict);
  const auto image = images.build({.after = disk.trace().size(), .shape = sim::CrashId::Shape::keep_none});
  if (!image || image->digest() == disk.now().digest()) return;
  const Recovered& recovered = recover_image(*image);
  judge_unless_idle(evidence_again(recovered, k, log, result.command.ok), recovered, result);
}

// The pages that a failed sync has lost look clean to whoever comes next, so a sync of his proves nothing about them: what he writes behind them is only as
// durable as they are.
void CaseRunner::lose_power_behind_a_write(sim::SimDisk& disk, uint64_t k, subject::WriteLog log, CaseResult& result) {
  sim::SimWorld world(disk, recording_.seed * 1000 + 700);
  world.clock.advance(kRecoveryMs + 2 * kHourMs);
  const check::Answer answer = subject::run(disk, world, known_, {.kind = Command::Kind::put, .argument = "56-Behind", .bytes = 60}, log);
  disk.kill_process();
  if (!answer.ok) return;
  sim::CrashImages images(disk.trace(), sim::Model::strict);
  const auto image = images.build({.after = disk.trace().size(), .shape = sim::CrashId::Shape::keep_none});
  if (!image || image->digest() == disk.now().digest()) return;
  sim::SimDisk left(*image);
  const Recovered recovered = recover(left, kRecoveryMs + 4 * kHourMs);
  const size_t before = result.violations.size();
  judge_unless_idle(evidence_again(recovered, k, log, result.command.ok), recovered, result);
  for (size_t i = before; i < result.violations.size(); ++i) result.violations[i].what.insert(0, "somebody wrote behind the recovery, the power went out, and then: ");
}

const sim::SimDisk* CaseRunner::recovery_from(const fault::SecondCrash::First& first) {
  if (first_ == first) return first_disk_.get();
  std::unique_ptr<sim::SimDisk> disk;
  if (const auto* death = std::get_if<fault::ProcessDeath>(&first)) {
    if (death->after <= recording_.trace().size()) disk = recording_.disk->after_process_death(death->after);
  } else if (auto image = images_.build(std::get<sim::CrashId>(first))) {
    disk = std::make_unique<sim::SimDisk>(*image);
  }
  if (!disk) return nullptr;
  second_images_.reset();
  first_disk_ = std::move(disk);
  first_disk_->record_calls(false);
  type_recover(*first_disk_, kFirstRecoveryMs, 1);
  second_images_ = std::make_unique<sim::CrashImages>(first_disk_->trace(), sim::Model::strict);
  first_ = first;
  return first_disk_.get();
}

CaseResult CaseRunner::second_crash(const fault::SecondCrash& crash) {
  if (recovery_from(crash.first) == nullptr) return impossible({Code::invalid, fault::Fault{crash}.to_string() + " has no first crash in this story", "", ""});
  auto image = second_images_->build(crash.second);
  if (!image) return impossible(image.error());
  CaseResult result;
  result.fired = 1;
  const Recovered& recovered = recover_image(*image);
  judge_recovery(recovered, crash.at(), result);
  go_on(Recovered(recovered), command_of(crash.at()), log_at(crash.at()), result);
  return finish(std::move(result), recovered);
}

CaseResult CaseRunner::control() {
  CaseResult result;
  result.fired = 1;
  Recovered recovered;
  for (size_t i = recording_.first_drilled_command; i < recording_.log.commands.size(); ++i) {
    const auto& logged = recording_.log.commands[i];
    recovered = recover_image(recording_.after_command[i]);
    // A recovery after an undisturbed command is the second one of its evidence: it has to find nothing to do.
    recovered.second = recovered.first;
    recovered.second_changes = recovered.after.digest() == recording_.after_command[i].digest() ? 0 : 1;
    recovered.first = logged.answer;
    recovered.began_ms = logged.began_ms;
    recovered.after = recording_.after_command[i];
    auto evidence = evidence_of(recovered, logged.ended_at, recording_.log);
    evidence.goal_acknowledged = logged.answer.ok;
    excuse_safe_stop(evidence);
    judge(evidence, result);
  }
  return finish(std::move(result), recovered);
}

}  // namespace rollproof::drill
