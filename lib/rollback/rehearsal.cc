#include "lib/rollback/rehearsal.h"

#include <fmt/format.h>

#include <unordered_map>

#include "lib/migrate/phases.h"
#include "lib/os/copy_on_write.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"
#include "lib/store/store.h"

namespace rollproof::rollback {

using migrate::Session;

namespace {

Status check_nobody_at_work(os::World& world, const migrate::Config& config) {
  ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  if (!holder) return {};
  ROLLPROOF_ASSIGN(const migrate::LedgerView view, migrate::view_ledger(world, config));
  const bool rollback = view.state.operation && view.state.operation->kind == "rollback";
  return fail(Code::locked, (rollback ? "a rollback is already in progress, held by " : "held by ") + *holder, config.state_directory(),
              rollback ? "`rollproof status --watch` shows how far it is." : "`rollproof cancel --wait 60` stops it.");
}

// Notes when each step began.
class StepTimes {
 public:
  explicit StepTimes(os::Clock& clock) : clock_(clock), began_ms_(clock.monotonic_ms()), step_began_ms_(began_ms_) {}

  void at(const std::string& step) {
    if (step == step_) return;
    end_step();
    step_ = step;
  }
  void end_step() {
    const int64_t now = clock_.monotonic_ms();
    if (!step_.empty()) steps_.emplace_back(step_, now - step_began_ms_);
    step_began_ms_ = now;
    step_.clear();
  }
  int64_t taken_ms() const { return clock_.monotonic_ms() - began_ms_; }
  const std::vector<std::pair<std::string, int64_t>>& steps() const { return steps_; }

 private:
  os::Clock& clock_;
  int64_t began_ms_;
  int64_t step_began_ms_;
  std::string step_;
  std::vector<std::pair<std::string, int64_t>> steps_;
};

using Written = std::unordered_map<std::string, std::string>;  // the last value that was put; deleted keys are absent

Status count_writes(Session& session, Rehearsal& rehearsal, Written& written) {
  const journal::Position held = session.state().source_follower.position;
  const std::string probe = migrate::probe_key(session.state());
  return session.ledger().read_changes(session.state().begun_at, [&](journal::Position position, record::Batch batch) -> Status {
    std::erase_if(batch, [&](const record::Change& change) { return change.key == probe; });  // our own, which tried the way back
    rehearsal.writes_kept += batch.size();
    if (position > held) rehearsal.writes_replayed += batch.size();
    for (record::Change& change : batch) {
      if (change.kind == record::Change::Kind::put) {
        written[change.key] = std::move(change.value);
      } else {
        written.erase(change.key);
      }
    }
    return {};
  });
}

Status count_quarantined(os::World& view, const store::Where& source, const Written& written, Rehearsal& rehearsal) {
  if (written.empty()) return {};
  ROLLPROOF_ASSIGN(const auto opened, store::open_read_only(view, source, {}));
  for (const auto& [key, value] : written) rehearsal.writes_quarantined += opened->why_not_representable({key, value}).empty() ? 0 : 1;
  return {};
}

Status measure_target(os::World& world, const store::Where& target, Rehearsal& rehearsal) {
  ROLLPROOF_ASSIGN(const bool there, os::is_folder(world.files, target.path));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const auto names, os::files_below(world.files, target.path));
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(const os::Info info, world.files.stat(os::join(target.path, name)));
    rehearsal.target_bytes += info.size;
  }
  rehearsal.target_files = names.size();
  return {};
}

}  // namespace

std::string Rehearsal::fact(const char* name) const {
  for (const auto& [step, facts_of_step] : facts) {
    if (!facts_of_step.contains(name)) continue;
    const migrate::Json& value = facts_of_step.at(name);
    return value.is_string() ? value.get<std::string>() : value.dump();
  }
  return "";
}

Result<Rehearsal> rehearse(os::World& world, const std::string& config_path, const RollbackOptions& options,
                           const std::function<void(const migrate::Progress&)>& progress) {
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(world.files, config_path));
  ROLLPROOF_TRY(check_nobody_at_work(world, config));
  Rehearsal rehearsal;
  rehearsal.goal = options.to ? std::string(name_of(*options.to)) : "source";
  if (!options.to) ROLLPROOF_TRY(measure_target(world, config.target, rehearsal));

  os::CopyOnWriteFileSystem files(world.files);
  os::World view{files, world.clock, world.memory, world.identity, true};
  StepTimes times(world.clock);
  migrate::SessionOptions session_options;
  session_options.ledger.command = "rehearsal of a rollback";
  session_options.check = migrate::FingerprintCheck::everything;
  session_options.progress = [&](const migrate::Progress& at) {
    times.at(at.step);
    if (progress) progress(at);
  };
  ROLLPROOF_ASSIGN(auto session, Session::open(view, config_path, session_options));
  const migrate::State before = session->state();
  rehearsal.migration = before.migration;
  if (before.operation) rehearsal.interrupted = before.operation->kind + " " + before.operation->id;
  Written written;
  if (before.active) ROLLPROOF_TRY(count_writes(*session, rehearsal, written));
  auto outcome = rollback(*session, options);
  times.end_step();
  for (const auto& [step, facts] : session->state().facts) {
    if (step.starts_with("rollback/")) rehearsal.facts[step.substr(9)] = facts;
  }
  auto closed = session->close();
  if (outcome) outcome = std::move(closed);
  rehearsal.taken_ms = times.taken_ms();
  rehearsal.steps = times.steps();
  if (!outcome && outcome.error().code == Code::not_found && !before.active) return fail(std::move(outcome).error());
  if (!outcome) {
    rehearsal.why_not = std::move(outcome).error();
    return rehearsal;
  }
  session.reset();
  ROLLPROOF_TRY(count_quarantined(view, config.source, written, rehearsal));
  return rehearsal;
}

}  // namespace rollproof::rollback
