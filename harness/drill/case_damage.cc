// The cases of damage: at rest, and of what one read returns.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "harness/drill/case_run.h"
#include "harness/drill/plan_damage.h"
#include "harness/drill/trail.h"
#include "harness/drill/watched_stores.h"

namespace rollproof::drill {

// Between two commands the next one meets it; in the middle of one its process has died, and the recovery does.
CaseResult CaseRunner::corruption(const fault::Damage& damage) {
  if (damage.kind == fault::Damage::Kind::misread) return misread(damage);
  if (damage.after > recording_.trace().size()) return outside_the_story();
  sim::Image found = recording_.disk->after_process_death(damage.after)->now();
  CaseResult result;
  std::optional<sim::Image> earlier;
  if (damage.kind == fault::Damage::Kind::stale && damage.from <= damage.after) earlier = recording_.disk->after_process_death(damage.from)->now();
  const sim::Image sound = found;
  result.fired = damage.apply(found, earlier ? &*earlier : nullptr);
  const std::string of = cell_of_file(recording_, damage.after, damage.path).step;
  if (of == "configuration") {
    const bool reads = nlohmann::json::accept(found.read(damage.path).value_or(""), true);
    return refused_until_put_right(damage.after, found, sound, {damage.path, "the configuration can not be read", reads ? recording_.options.places.state : ""}, std::move(result));
  }
  sim::SimDisk disk(found);
  disk.record_calls(false);
  const auto command = recording_.command_beginning_at(damage.after);
  subject::WriteLog log;
  if (command) {
    log = log_before(*command);
    result.command = run_command(disk, recording_, *command, log, &known_);
    disk.kill_process();
    judge_write_over_damage(*command, damage, disk.now(), result);
  }
  const Recovered recovered = recover(disk);
  auto evidence = evidence_of(recovered, command ? damage.after + 1 : damage.after, command ? log : recording_.log);
  // A lock is held, not read, and reserved space holds nothing.
  evidence.fault_corrupts |= of != "lock" && of != "reserve";
  // Beside what the story has damaged nothing but a backup that has not been sealed: that can be made once more, the source is sound.
  const auto unsealed = [&] {
    const WatchedStores watched = watched_stores(recording_, sound);
    return watched.active && !watched.backed_up;
  };
  evidence.repairable = of == "backup" && !command && !damages_something() && unsealed();
  evidence.damaged = damage.path;
  for (const std::string& path : {damage.path, damage.other}) {
    if (!path.empty()) evidence.damaged_all.push_back(path);
  }
  // Where every checksum fits nobody can tell which file of the backup it is.
  if (damage.kind == fault::Damage::Kind::fit) evidence.damaged = damage.path.substr(0, damage.path.find('/', damage.path.find('/') + 1));
  // Where a manifest lost its end it is a table or a log of the same store that does not fit.
  const bool manifest_cut = damage.kind == fault::Damage::Kind::cut && damage.path.find("/MANIFEST-") != std::string::npos;
  if (manifest_cut && !recovered.first.ok) evidence.damaged = named_by(recovered.first, damage.path);
  if (manifest_cut && command && !result.command.ok) evidence.damaged = named_by(result.command, damage.path);
  // A file without a checksum is found by what its records are compared with: then the store is named.
  const auto is_kind_of = [&](const std::string& folder, const std::string& kind) { return kind == "network-json" && damage.path.starts_with(folder + "/"); };
  const bool no_checksum = is_kind_of(recording_.options.places.source, recording_.story.source_kind) || is_kind_of(recording_.options.places.target, recording_.story.target_kind);
  const auto compared = [](const check::Answer& answer) { return !answer.ok && answer.message.find("differs from") != std::string::npos; };
  if (no_checksum && compared(recovered.first)) evidence.damaged = named_by(recovered.first, damage.path);
  if (no_checksum && command && compared(result.command)) evidence.damaged = named_by(result.command, damage.path);
  // Of two files in each other's place either may be the one that is found.
  const std::string other = damage.other.substr(damage.other.rfind('/') + 1);
  const auto is_found = [&](const check::Answer& answer) { return answer.path.find(other) != std::string::npos || answer.message.find(other) != std::string::npos; };
  if (!other.empty() && (is_found(result.command) || is_found(recovered.first))) evidence.damaged = damage.other;
  if (command) {
    evidence.writes = log.at(kEnd);
    judge_command(*command, evidence, found, recovered, result);
    evidence.goal_acknowledged = result.command.ok;
  }
  if (of == "audit" || of == "notifications") {
    judge_trail(damage.path, recovered, sound, result);
    if (command) {
      // Whoever notices it types `recover` first, and nothing else may be left to do.
      sim::SimDisk at_once(found);
      judge_trail(damage.path, recover(at_once), sound, result);
    }
  }
  // A recovery that found nothing to do has said nothing about the data: what the command answered stands.
  if (!command || recovered.first_changes != 0 || !recovered.first.ok) judge(evidence, result);
  return finish(std::move(result), recovered);
}

// A user's write goes on without the store that follows where that is held, away or full. A damaged one that is seen is no matter of a while: the write says so, or has
// not seen it.
void CaseRunner::judge_write_over_damage(size_t command, const fault::Damage& damage, const sim::Image& left, CaseResult& result) const {
  if (!result.command.ok || damage.kind == fault::Damage::Kind::lose || !is_users_write(recording_.log.commands[command].command)) return;
  const std::string behind = trail_of(recording_.options.places, left).standing.behind;
  const std::string& folder = behind == "source" ? recording_.options.places.source : recording_.options.places.target;
  if (!behind.empty() && damage.path.starts_with(folder + "/")) result.violations.push_back({6, fmt::format("{} is damaged, a write has seen it, goes on without the {}, and answers \"done\"", damage.path, behind)});
}

// Whoever reads the trail is told what was: it is rendered anew from the journal.
void CaseRunner::judge_trail(const std::string& path, const Recovered& recovered, const sim::Image& sound, CaseResult& result) {
  if (!recovered.first.ok || recovered.after.read(path).value_or("").starts_with(sound.read(path).value_or(""))) return;
  result.violations.push_back({9, fmt::format("{} was damaged, a recovery has said that it is done, and not all that stood there does", path)});
}

// Whatever is typed is refused, with the name, and changes nothing; once its owner has put it right everything goes on as if nothing had been.
CaseResult CaseRunner::refused_until_put_right(uint64_t k, const sim::Image& found, const sim::Image& sound, const Wrong& wrong, CaseResult result) {
  const auto command = recording_.command_beginning_at(k);
  sim::SimDisk broken(found);
  broken.record_calls(false);
  if (command) {
    subject::WriteLog nothing = log_before(*command);
    result.command = run_command(broken, recording_, *command, nothing, &known_);
    broken.kill_process();
  }
  const Recovered refused = recover(broken);
  for (const check::Answer* answer : {command ? &std::as_const(result.command) : &refused.first, &refused.first}) {
    if (answer->ok) result.violations.push_back({6, fmt::format("{}, and the answer is \"done\": {}", wrong.what, wrong.path)});
    if (!answer->ok && answer->path.find(wrong.path) == std::string::npos) result.violations.push_back({9, fmt::format("{}, and the answer does not name it: {}", wrong.what, answer->message)});
  }
  const auto rest = [&](sim::Image image) { return wrong.may_change.empty() ? image.digest() : image.remove(wrong.may_change).digest(); };
  if (rest(broken.now()) != rest(found)) result.violations.push_back({8, fmt::format("{}, and something was changed", wrong.what)});
  sim::Image mended = broken.now();
  mended.take(wrong.path, sound);
  sim::SimDisk disk(mended);
  disk.record_calls(false);
  subject::WriteLog log;
  check::Answer again;
  if (command) {
    log = log_before(*command);
    again = run_command(disk, recording_, *command, log, &known_);
    disk.kill_process();
  }
  const Recovered recovered = recover(disk);
  auto evidence = evidence_of(recovered, command ? k + 1 : k, command ? log : recording_.log);
  if (command) {
    evidence.writes = log.at(kEnd);
    evidence.goal_acknowledged = again.ok;
  }
  judge_unless_idle(evidence, recovered, result);
  return finish(std::move(result), recovered);
}

// The command may stop for it, and has to name the file or the store that it belongs to: on the disk the file is sound. What lies there has to be so
// behind it as well, and what stopped for a person succeeds when it is typed again.
CaseResult CaseRunner::misread(const fault::Damage& damage) {
  if (!is_in_story(damage.after)) return outside_the_story();
  auto [command, disk, log] = again_at(damage.after);
  const sim::Image found = disk->now();
  CaseResult result;
  disk->set_fault_hook(damage.hook(result.fired));
  result.command = run_command(*disk, recording_, command, log, &known_);
  disk->set_fault_hook({});
  disk->kill_process();
  const bool for_a_person = result.command.code == Code::needs_person && !result.command.ok;
  // He does not type `recover`, which says the same again, but what was interrupted.
  const bool resumed = command > 0 && recording_.log.commands[command - 1].died;
  const check::Answer again = for_a_person ? run_command(*disk, recording_, resumed ? command - 1 : command, log, &known_) : result.command;
  const Recovered recovered = recover_after(*disk);
  auto evidence = evidence_again(recovered, damage.after + 1, log, again.ok);
  evidence.command_failed = !result.command.ok;
  judge_unless_idle(evidence, recovered, result);
  evidence.fault_corrupts = true;
  evidence.repairable = false;  // beside what the story has damaged
  evidence.damaged = named_by(result.command, damage.path);
  judge_command(command, std::move(evidence), found, recovered, result);
  if (!again.ok && for_a_person) result.violations.push_back({5, "typed again it ends with \"" + std::string(name_of(again.code)) + "\" where nothing is damaged: " + again.message});
  return finish(std::move(result), recovered);
}

std::string CaseRunner::named_by(const check::Answer& answer, const std::string& path) const {
  const check::Places& places = recording_.options.places;
  for (const std::string& folder : {places.source, places.target, places.backups}) {
    if (path.find(folder + "/") == std::string::npos) continue;
    for (const std::string& named : {folder, places.source, places.target, places.backups}) {
      if (answer.path.find(named) != std::string::npos || answer.message.find(named) != std::string::npos) return named;
    }
  }
  return path;
}

}  // namespace rollproof::drill
