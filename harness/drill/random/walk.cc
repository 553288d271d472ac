#include "harness/drill/random/walk.h"

#include <fmt/format.h>

#include <array>
#include <ostream>

#include "harness/check/checkers.h"
#include "harness/check/reading.h"
#include "harness/drill/ground.h"
#include "harness/sim/crash.h"
#include "lib/migrate/config.h"
#include "lib/migrate/ledger.h"

namespace rollproof::drill {
namespace {

using subject::Command;

constexpr int64_t kBetweenMs = 60'000;

std::string_view name_of(Strike::Kind kind) {
  constexpr std::array<std::string_view, 5> names = {"", "the process dies", "the power goes out, everything written is kept", "the power goes out, nothing unsynced is kept", "the power goes out, some of what was unsynced is kept"};
  return names[static_cast<size_t>(kind)];
}

sim::CrashId crash_of(const Strike& strike, uint64_t after) {
  using Shape = sim::CrashId::Shape;
  const bool random = strike.kind == Strike::Kind::some_lost;
  return {.after = after, .shape = random ? Shape::random : strike.kind == Strike::Kind::nothing_unsynced ? Shape::keep_none : Shape::whole, .number = random ? strike.number : 0};
}

class Walker {
 public:
  Walker(const Walk& walk, const Ground& ground, const DrillOptions& options) : walk_(walk), seed_(options.seed), judge_(options.judge), start_(ground.start), options_(ground.options) {
    options_.seed = seed_;
    options_.read = std::make_shared<incident::ReadEvents>();
    disk_ = std::make_unique<sim::SimDisk>(start_);
    disk_->record_calls(false);
  }

  WalkOutcome run() {
    for (const WalkStep& step : walk_.steps) {
      if (outcome_.violation) break;
      take(step);
    }
    return std::move(outcome_);
  }

 private:
  check::Answer run(sim::SimDisk& disk, const Command& command, subject::WriteLog& log) {
    // Every process comes later than the one before it.
    sim::SimWorld world(disk, seed_ * 1000 + ++processes_);
    world.clock.advance(static_cast<int64_t>(processes_) * kBetweenMs);
    const int64_t began = world.clock.passed_ms();
    const check::Answer answer = subject::run(disk, world, options_, command, log);
    took_ms_ = world.clock.passed_ms() - began;
    disk.kill_process();
    return answer;
  }

  void take(const WalkStep& step) {
    const Command command = read_move(step.move, reached_);
    ++outcome_.commands;
    const uint64_t base = disk_->operations();
    auto told = disk_->after_process_death(base);
    told->record_calls(false);
    subject::WriteLog log = log_;
    const check::Answer answer = run(*told, command, log);
    const uint64_t size = told->operations() - base;
    if (step.strike.kind == Strike::Kind::none || size == 0) return undisturbed(command, answer, std::move(told), std::move(log));
    ++outcome_.strikes;
    const uint64_t k = base + 1 + (size - 1) * (step.strike.position & 0xffff) / 0xffff;
    outcome_.text += fmt::format("{}; behind {} of its {} changing operations {}\n", command.to_string(), k - base, size, name_of(step.strike.kind));
    struck(command, answer, step.strike, *told, log, k);
  }

  void undisturbed(const Command& command, const check::Answer& answer, std::unique_ptr<sim::SimDisk> told, subject::WriteLog log) {
    outcome_.text += command.to_string() + "\n";
    disk_ = std::move(told);
    log_ = std::move(log);
    const sim::Image left = disk_->now();
    if (!answer.ok) return breaks(5, fmt::format("without a fault \"{}\" answered {}: {}", command.to_string(), rollproof::name_of(answer.code), answer.message));
    auto looked = disk_->after_process_death(disk_->operations());
    const sim::Image found = looked->now();
    subject::WriteLog unused;
    const check::Answer second = run(*looked, {}, unused);
    check::Evidence evidence = evidence_of(command, log_.at(subject::kNever - 1), found, left, answer, second, looked->operations() - disk_->operations());
    evidence.goal_begun = evidence.goal_acknowledged = true;
    evidence.last_began_ms = log_.commands.back().began_ms;
    judge(evidence);
    settle(evidence);
  }

  void struck(const Command& command, const check::Answer& answer, const Strike& strike, const sim::SimDisk& told, const subject::WriteLog& log, uint64_t k) {
    std::unique_ptr<sim::SimDisk> next;
    if (strike.kind == Strike::Kind::death) {
      next = told.after_process_death(k);
    } else {
      auto image = sim::CrashImages(told.trace(), sim::Model::strict).build(crash_of(strike, k));
      if (!image) return breaks(0, "the crash can not be built: " + image.error().to_string());
      next = std::make_unique<sim::SimDisk>(*image);
    }
    next->record_calls(false);
    const sim::Image found = next->now();
    subject::WriteLog unused;
    const check::Answer first = run(*next, {}, unused);
    const int64_t took_ms = took_ms_, began_ms = unused.commands.back().began_ms;
    const sim::Image after = next->now();
    const uint64_t changes = next->operations();
    const check::Answer second = run(*next, {}, unused);
    auto writes = log.at(k);
    check::Evidence evidence = evidence_of(command, writes, found, after, first, second, next->operations() - changes);
    evidence.goal_begun = true;
    evidence.goal_acknowledged = log.commands.back().ended_at <= k && answer.ok;
    evidence.recovery_ms = took_ms;
    evidence.last_began_ms = began_ms;
    judge(evidence);
    if (outcome_.violation) return;
    if (!first.ok) return breaks(5, fmt::format("recovery answered {}: {}", rollproof::name_of(first.code), first.message));
    disk_ = std::move(next);
    log_ = subject::WriteLog{};
    for (check::Write& write : writes) log_.writes.push_back({std::move(write), 0, subject::kNever});
    settle(evidence);
  }

  check::Evidence evidence_of(const Command& command, std::vector<check::Write> writes, const sim::Image& found, const sim::Image& after, const check::Answer& last, const check::Answer& second,
                              uint64_t second_changes) const {
    check::Evidence evidence;
    evidence.places = options_.places;
    evidence.before = &start_;
    evidence.found = &found;
    evidence.after = &after;
    evidence.writes = std::move(writes);
    if (command.kind == Command::Kind::migrate) evidence.goal = check::Goal::migrate;
    if (command.kind == Command::Kind::rollback) evidence.goal = check::Goal::rollback;
    if (evidence.goal != check::Goal::none) evidence.goal_phase = command.argument;
    evidence.last = last;
    evidence.second = second;
    evidence.second_changes = second_changes;
    return evidence;
  }

  void judge(const check::Evidence& evidence) {
    ++outcome_.images;
    auto violations = judge_ ? judge_(evidence) : check::check_all(evidence);
    if (!violations.empty()) outcome_.violation = std::move(violations.front());
  }

  void breaks(int promise, std::string what) { outcome_.violation = {promise, std::move(what)}; }

  // What a reader has now seen has happened, and what he has not seen has not: a later fault takes neither back. Then where the migration stands.
  void settle(const check::Evidence& evidence) {
    if (outcome_.violation) return;
    check::Reading reading(evidence);
    const check::Records& records = reading.answering();
    std::vector<subject::LoggedWrite> kept;
    for (subject::LoggedWrite& logged : log_.writes) {
      check::Write& write = logged.write;
      if (!write.acknowledged) {
        const std::string* there = records.find(write.key);
        write.acknowledged = write.value ? there != nullptr && *there == *write.value : there == nullptr;
        if (!write.acknowledged) continue;
      }
      kept.push_back({std::move(write), 0, 0});
    }
    log_.writes = std::move(kept);
    sim::SimWorld world(*disk_, seed_);
    const auto config = migrate::read_config(world.world.files, options_.places.config);
    if (!config) return breaks(5, "the configuration can not be read: " + config.error().to_string());
    const auto view = migrate::view_ledger(world.world, *config);
    if (!view) return breaks(5, "the journal can not be read: " + view.error().to_string());
    const auto reached = view->state.active ? view->state.reached() : std::nullopt;
    reached_ = reached ? static_cast<size_t>(*reached) + 1 : 0;
  }

  const Walk& walk_;
  const uint64_t seed_;
  const Judge& judge_;
  const sim::Image start_;
  subject::LibraryOptions options_;
  std::unique_ptr<sim::SimDisk> disk_;
  subject::WriteLog log_;
  size_t reached_ = 0;      // phases that are done
  uint64_t processes_ = 0;  // that have been
  int64_t took_ms_ = 0;     // the last one
  WalkOutcome outcome_;
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Walk& walk) { return out << walk.to_json(); }

WalkOutcome take_walk(const Walk& walk, const DrillOptions& options) {
  const Story story{.name = "walk", .about = "a random walk", .target_kind = target_of(walk.target), .records = walk.records};
  const auto ground = fixture_ground(story, options.fixtures);
  if (!ground) return {.violation = check::Violation{5, "the walk has no ground: " + ground.error().to_string()}};
  return Walker(walk, *ground, options).run();
}

}  // namespace rollproof::drill
