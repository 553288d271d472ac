#include "harness/drill/recording.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "harness/sim/allocations.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/phase.h"
#include "lib/os/paths.h"

namespace rollproof::drill {
namespace {

using Kind = subject::Command::Kind;

constexpr int64_t kBetweenCommandsMs = 60'000;

// What an operation belongs to, from its label and from the command that made it.
class Labels {
 public:
  explicit Labels(const Story& story) { cell_.store = story.store(); }

  void begin(const subject::Command& command) {
    kind_ = command.kind;
    phase_ = reached_;
    if (command.kind == Kind::migrate) reaching_ = command.argument;
    if (command.kind == Kind::rollback) reaching_ = command.argument == "source" ? "validate" : command.argument;
    const bool back = command.kind == Kind::rollback || command.kind == Kind::restore;
    cell_.direction = back ? "rollback" : command.kind == Kind::recover ? "recovery" : "forward";
  }
  void end(bool ok) {
    if ((kind_ == Kind::migrate || kind_ == Kind::rollback) && ok) reached_ = reaching_;
  }
  Cell of(std::string_view label) {
    const size_t slash = label.find('/');
    cell_.step = slash == std::string_view::npos ? label : label.substr(slash + 1);
    if (slash != std::string_view::npos && migrate::phase_named(label.substr(0, slash))) phase_ = label.substr(0, slash);
    cell_.phase = phase_;
    if (cell_.step.empty()) cell_.step = "open";
    return cell_;
  }

 private:
  Cell cell_;
  Kind kind_ = Kind::recover;
  std::string phase_ = "validate";
  std::string reached_ = "validate";
  std::string reaching_;
};

}  // namespace

CommandWorld::CommandWorld(sim::SimDisk& disk, const Recording& recording, size_t command) : world(disk, recording.seed * 1000 + command) {
  world.clock.advance(static_cast<int64_t>(command) * kBetweenCommandsMs);
}

check::Answer run_command(sim::SimDisk& disk, const Recording& recording, size_t command, subject::WriteLog& log, const subject::LibraryOptions* options) {
  CommandWorld own(disk, recording, command);
  return run_command(disk, own.world, recording, command, log, options);
}

check::Answer run_command(sim::SimDisk& disk, sim::SimWorld& world, const Recording& recording, size_t command, subject::WriteLog& log, const subject::LibraryOptions* options) {
  const size_t before = recording.first_drilled_command;
  const auto& story = recording.story;
  return subject::run(disk, world, options == nullptr ? recording.options : *options, command < before ? story.before[command] : story.drilled[command - before], log);
}

bool is_leveldb_log(std::string_view path) { return path.ends_with(".log") || path.find("/MANIFEST-") != std::string_view::npos; }

namespace {

// LevelDB's log format: a checksum of 4 bytes, a length of 2, a type of 1, and so many bytes.
std::vector<uint32_t> records_in(std::span<const char> bytes) {
  constexpr size_t kHeader = 7, kFew = 4;
  std::vector<uint32_t> records;
  for (size_t at = 0; at + kHeader <= bytes.size();) {
    if (records.size() == 2 * kFew) records.erase(records.begin() + kFew);
    records.push_back(static_cast<uint32_t>(at));
    at += kHeader + static_cast<unsigned char>(bytes[at + 4]) + 256u * static_cast<unsigned char>(bytes[at + 5]);
  }
  return records;
}

// Takes back what the last command did behind the operation in the middle of the step in which it is to die.
Status let_die(Recording& recording) {
  subject::LoggedCommand& logged = recording.log.commands.back();
  std::vector<uint64_t> in_step;
  std::set<std::string> steps;
  for (uint64_t k = logged.begun_at; k < recording.trace().size(); ++k) {
    const sim::TextPtr& context = recording.trace().operations[k]->context;
    const std::string step = context ? context->substr(context->rfind('/') + 1) : "";
    steps.insert(step);
    if (step == logged.command.dies_in) in_step.push_back(k);
  }
  if (in_step.empty()) return fail(Code::invalid, fmt::format("\"{}\" changes nothing in that step", logged.command.to_string()), "", fmt::format("Its steps: {}.", fmt::join(steps, ", ")));
  const uint64_t k = in_step[in_step.size() / 2] + 1;
  recording.disk = recording.disk->after_process_death(k);
  recording.disk->record_calls(false);
  logged.died = true;
  logged.ended_at = k;
  std::erase_if(recording.log.old_writer_points, [&](uint64_t at) { return at >= k; });
  auto& writes = recording.log.writes;
  std::erase_if(writes, [&](const auto& write) { return write.begun_at >= k; });
  for (auto& write : writes) {
    if (write.acknowledged_at <= k) continue;
    write.acknowledged_at = subject::kNever;
    write.write.acknowledged = false;
  }
  return {};
}

Result<Recording> record_once(const Story& story, const Ground& ground, uint64_t seed) {
  Recording recording{.story = story, .seed = seed, .start = ground.start, .options = ground.options};
  recording.options.seed = seed;
  recording.disk = std::make_unique<sim::SimDisk>(recording.start);
  recording.disk->record_calls(false);
  recording.first_drilled_command = story.before.size();
  Labels labels(story);
  size_t command = 0;
  const auto note_allocations = [&](uint64_t at) {
    if (command >= recording.first_drilled_command && sim::Allocations::since_change() != 0) recording.allocations.push_back({at, command, sim::Allocations::since_change()});
    sim::Allocations::change(at + 1);
  };
  const sim::SimDisk::FaultHook listening = [&](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (operation.mutating) note_allocations(operation.ordinal);
    if (command < recording.first_drilled_command || recording.log.commands.back().command.of_others() || !fault::IoError::looks(operation.call)) return std::nullopt;
    const Look* last = recording.looks.empty() ? nullptr : &recording.looks.back();
    const bool goes_on = last != nullptr && last->at == operation.ordinal && last->command == command;
    recording.looks.push_back({operation.ordinal, goes_on ? last->number + 1 : 1, command, operation.call, operation.path, recording.log.hold_began_ms.has_value()});
    if (operation.call != sim::Call::read) return std::nullopt;
    // Nothing is changed: this is how to learn what a read has returned.
    return sim::InjectedError{.tamper = [&recording, index = recording.looks.size() - 1](uint64_t, std::span<char> bytes) {
      recording.looks[index].bytes = bytes.size();
      if (is_leveldb_log(*recording.looks[index].path)) recording.looks[index].records = records_in(bytes);
    }};
  };
  recording.disk->set_fault_hook(listening);
  for (size_t i = 0; i < story.before.size() + story.drilled.size(); ++i) {
    command = i;
    sim::Allocations::change(recording.disk->operations());
    CommandWorld own(*recording.disk, recording, i);
    recording.limit_asked_at.emplace_back();
    own.world.memory.asked = [&] { recording.limit_asked_at.back() = recording.disk->operations(); };
    const auto answer = run_command(*recording.disk, own.world, recording, i, recording.log);
    note_allocations(recording.disk->operations());
    recording.disk->kill_process();
    if (!recording.log.commands.back().command.dies_in.empty()) {
      ROLLPROOF_TRY(let_die(recording));
      recording.disk->set_fault_hook(listening);
    }
    labels.begin(recording.log.commands.back().command);
    recording.after_command.push_back(recording.disk->now());
    const auto& operations = recording.trace().operations;
    for (uint64_t k = recording.cells.size(); k < operations.size(); ++k) {
      recording.cells.push_back(labels.of(operations[k]->context ? std::string_view(*operations[k]->context) : "open"));
    }
    labels.end(answer.ok && !recording.log.commands.back().died);
  }
  recording.disk->set_fault_hook({});
  return recording;
}

}  // namespace

Result<Recording> record_story(const Story& story, const Ground& ground, uint64_t seed) {
  // What a process allocates only the first time that it comes by would shift the numbers of the allocations for good.
  if (story.drills(fault::Kind::memory)) ROLLPROOF_TRY(record_once(story, ground, seed));
  return record_once(story, ground, seed);
}

const Look* Recording::look_at(uint64_t at, uint64_t number) const {
  for (const Look& look : looks) {
    if (look.at == at && look.number == number && log.commands[look.command].ended_at > look.at) return &look;
  }
  return nullptr;
}

Cell Recording::cell_at(uint64_t k, fault::Kind kind) const {
  while (k > 0 && is_of_others(k)) --k;  // what dies there is what we had done before
  Cell cell = cells.at(std::min<uint64_t>(k, cells.size() - 1));
  cell.fault = kind;
  return cell;
}

Moment Recording::moment_at(uint64_t k) const {
  Moment moment;
  for (size_t i = 0; i < log.commands.size() && log.commands[i].begun_at < k; ++i) moment.command = i;
  const subject::LoggedCommand& logged = log.commands[moment.command];
  moment.begun = logged.begun_at < k;
  moment.acknowledged = logged.ended_at <= k && logged.answer.ok && !logged.died;
  // What a recovery is about is what has died before it.
  const bool resumes = logged.command.kind == Kind::recover && moment.command > 0 && log.commands[moment.command - 1].died;
  const subject::LoggedCommand& about = resumes ? log.commands[moment.command - 1] : logged;
  if (resumes) moment.begun = true, moment.acknowledged = false;
  moment.refused = about.command.refused;
  if (about.command.kind == Kind::migrate) moment.goal = check::Goal::migrate;
  if (about.command.kind == Kind::rollback) moment.goal = check::Goal::rollback;
  if (moment.goal != check::Goal::none) moment.goal_phase = about.command.argument;
  return moment;
}

std::optional<size_t> Recording::command_beginning_at(uint64_t k) const {
  for (size_t i = first_drilled_command; i < log.commands.size(); ++i) {
    if (log.commands[i].begun_at == k) return i;
  }
  return std::nullopt;
}

bool Recording::has_let_go(uint64_t k) const {
  for (uint64_t i = k; i-- > log.commands[moment_at(k).command].begun_at;) {
    const sim::Operation& operation = *trace().operations[i];
    if (operation.call == sim::Call::remove && os::name_of_path(*operation.path) == migrate::kLockFile) return true;
  }
  return false;
}

bool Recording::is_of_others(uint64_t k) const {
  return std::any_of(log.commands.begin(), log.commands.end(), [&](const auto& logged) { return logged.command.of_others() && logged.begun_at <= k && k < logged.ended_at; });
}

int64_t Recording::limit_ms_at(uint64_t k) const {
  const auto found = story.limit_minutes.find(cell_at(k, fault::Kind::crash).phase);
  return found == story.limit_minutes.end() ? 0 : found->second * 60'000ll;
}

}  // namespace rollproof::drill
