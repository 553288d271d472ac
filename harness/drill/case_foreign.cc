// Another program writes to a store of a migration whose command has died, and knows nothing of it: whatever is typed then finds that, and in the end
// somebody decides. Whatever they decide, the record is not lost.
#include <fmt/format.h>

#include <algorithm>

#include "harness/drill/case_run.h"
#include "harness/drill/watched_stores.h"
#include "lib/os/paths.h"

namespace rollproof::drill {

namespace {

using Kind = subject::Command::Kind;

// A record that was there before is changed, or removed, or a new one is put, in turn. In a target that we were at work on none is changed: nobody can tell whose
// value of a record that is being copied it was, and nobody whose of one that our own dead process has written (lib/ASSUMPTIONS.md).
subject::Command foreign_write(const Recording& recording, const fault::Intruder& intruder, bool source) {
  const subject::Keys& keys = recording.options.keys;
  const auto& writes = recording.log.writes;
  const bool ours = std::any_of(writes.begin(), writes.end(), [&](const auto& logged) { return logged.write.key == keys.existing; });
  const bool leveldb = (source ? recording.story.source_kind : recording.story.target_kind) == "leveldb";
  const bool changes = leveldb && !ours && intruder.at % 3 == 0 && (source || recording.command_beginning_at(intruder.at));
  const bool removes = leveldb && !ours && intruder.at % 3 == 1;
  // Of the same record in both, while one is copied over the other, nobody can tell either.
  const bool apart = intruder.stores == fault::Intruder::Stores::both && !source && !recording.command_beginning_at(intruder.at);
  return {.kind = Kind::foreign, .argument = changes || removes ? keys.existing : keys.inside + (apart ? "ForeignToo" : "Foreign"), .bytes = removes ? 0u : 70u, .store = source ? "source" : "target"};
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
  foreign.answer.ok = true;
  for (const bool source : {true, false}) {
    if (!(source ? intruder.of_source() : intruder.of_target()) || !foreign.answer.ok) continue;
    foreign.answer = subject::run(*foreign.disk, world, known_, foreign_write(recording_, intruder, source), foreign.log);
    foreign.disk->kill_process();
  }
  return foreign;
}

bool CaseRunner::can_fire(const fault::Intruder& intruder) const {
  if (intruder.is_foreign()) return let_foreign_write(intruder).answer.ok;
  if (intruder.puts_back()) return put_back(intruder) != nullptr;
  if (intruder.puts_journal_back()) return put_journal_back(intruder).has_value();
  if (intruder.edits() || intruder.who == fault::Intruder::Who::earlier_edit) return watched_stores(recording_, recording_.disk->after_process_death(intruder.at)->now()).active;
  if (intruder.out_of_reach()) return meets_store(intruder);
  return can_die_behind_request(intruder);
}

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

namespace {

// Empty: the configuration names no store.
std::string with_other_store(std::string text, std::string_view key) {
  const size_t value = text.find('"', std::min(text.find(key), text.size()) + key.size()), end = value == std::string::npos ? value : text.find('"', value + 1);
  return end == std::string::npos ? "" : text.insert(end, "-other");
}

}  // namespace

// Of a migration that has begun: the stores are those that it began with.
CaseResult CaseRunner::edited_configuration(const fault::Intruder& intruder) {
  if (intruder.at > recording_.trace().size()) return outside_the_story();
  const sim::Image sound = recording_.disk->after_process_death(intruder.at)->now();
  const std::string& config = recording_.options.places.config;
  const std::string text = with_other_store(sound.read(config).value_or(""), intruder.of_source() ? "\"source\"" : "\"target\"");
  CaseResult result;
  if (text.empty()) return impossible({Code::invalid, "the configuration names no store", "", ""});
  sim::Image edited = sound;
  edited.put(config, text);
  result.fired = 1;
  return refused_until_put_right(intruder.at, edited, sound, {config, "the configuration names another store", recording_.options.places.state}, std::move(result));
}

// The command has read it, and reads it again under the lock: it is refused, and once it is put right everything goes on as if nothing had been.
CaseResult CaseRunner::edited_between(const fault::Intruder& intruder) {
  if (!is_in_story(intruder.at)) return outside_the_story();
  auto [command, disk, log] = again_at(intruder.at);
  const std::string& config = recording_.options.places.config;
  const sim::Image found = disk->now();
  const std::string sound = found.read(config).value_or(""), edited = with_other_store(sound, "\"target\"");
  CaseResult result;
  Status wrote;
  disk->set_fault_hook([&, &disk = disk](const sim::Operation& operation) -> std::optional<sim::InjectedError> {
    if (result.fired != 0 || operation.call != sim::Call::lock) return std::nullopt;
    ++result.fired;
    wrote = os::replace_file(*disk, config, edited);
    return std::nullopt;
  });
  result.command = run_command(*disk, recording_, command, log, &known_);
  disk->set_fault_hook({});
  disk->kill_process();
  if (!wrote || edited.empty()) return impossible({Code::invalid, "the configuration names no store", "", ""});
  if (result.command.ok) result.violations.push_back({6, "the configuration names another target by the time of the lock, and the answer is \"done\": " + config});
  if (!result.command.ok && result.command.path.find(config) == std::string::npos) result.violations.push_back({9, "the configuration names another target by the time of the lock, and the answer does not name it: " + result.command.message});
  const sim::Image left = disk->now();
  for (const sim::Entry& entry : left.root()->entries) {
    if (found.find(entry.name->text) == nullptr) result.violations.push_back({2, fmt::format("the configuration names another target by the time of the lock, and {} was made", entry.name->text)});
  }
  if (!os::replace_file(*disk, config, sound)) return impossible({Code::io, "the configuration could not be put right", "", ""});
  disk->kill_process();
  const Recovered recovered = recover(*disk);
  auto evidence = evidence_again(recovered, intruder.at, log, false);
  evidence.command_failed = true;
  judge_unless_idle(evidence, recovered, result);
  go_on(recovered, command, std::move(log), result);
  return finish(std::move(result), recovered);
}

}  // namespace rollproof::drill
