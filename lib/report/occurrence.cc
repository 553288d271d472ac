#include "lib/report/occurrence.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/exit_code.h"
#include "lib/incident/field.h"

namespace rollproof::report {
namespace {

using incident::text_in;

// The drill's own words for kinds of faults (harness/fault). What no fault of the drill stands for has a name that no cell carries.
constexpr const char* kDeath = "process-death";
constexpr const char* kCorruption = "corruption";
constexpr const char* kMemory = "memory";
constexpr const char* kIo = "io-error";
constexpr const char* kIntruder = "intruder";
constexpr const char* kForeign = "foreign-write";

// The step that was under way at a moment, or the last one that was begun before it.
const Step* step_at(const Operation& operation, int64_t time_ms) {
  const Step* last = nullptr;
  for (const Step& step : operation.steps) {
    if (step.begun_ms <= time_ms && step.name != "done") last = &step;
  }
  return last;
}

// What kind of trouble ended an operation, by its exit code and its words; empty: a refusal, which is no fault.
std::string kind_of_failure(int exit_code, const std::string& error) {
  if (exit_code == static_cast<int>(ExitCode::no_space_or_permission)) return kIo;
  if (exit_code == static_cast<int>(ExitCode::stopped)) return error.starts_with("memory") || error.find("out of memory") != std::string::npos ? kMemory : kIntruder;
  for (const ExitCode code : {ExitCode::needs_person, ExitCode::differs, ExitCode::backup_damaged}) {
    if (exit_code == static_cast<int>(code)) return kCorruption;
  }
  return "";
}

class Occurrences {
 public:
  Occurrences(const History& history, const Incident& incident) : history_(history), incident_(incident), rollback_(*incident.rollback) {}

  std::vector<Occurrence> take() {
    damage();
    failure_on_the_way();
    interruptions();
    steps_begun_again();
    what_led_to_it();
    const bool disturbed = std::any_of(found_.begin(), found_.end(), [](const Occurrence& one) { return one.direction == "rollback"; });
    if (!disturbed) add(phase(), "rollback", "", "", "the rollback went its way from beginning to end");
    return std::move(found_);
  }

 private:
  std::string phase() const { return std::string(name_of(rollback_.phase)); }

  void add(std::string in_phase, std::string direction, std::string step, std::string fault, std::string why) {
    const auto same = [&](const Occurrence& one) { return one.phase == in_phase && one.direction == direction && one.step == step && one.fault == fault; };
    if (std::none_of(found_.begin(), found_.end(), same)) found_.push_back({std::move(in_phase), std::move(direction), std::move(step), std::move(fault), std::move(why)});
  }

  void damage() {
    const bool replaced = std::any_of(rollback_.happenings.begin(), rollback_.happenings.end(), [](const Happening& one) { return one.type == "source_replacing"; });
    // A drill's cell of damage names what was damaged in the place of the step.
    if (replaced || rollback_.fact("check-source", "damage") != nullptr || rollback_.fact("prove-untouched", "damage") != nullptr) {
      add(phase(), "rollback", "source", kCorruption, "the source was found damaged on the way back");
    }
  }

  void failure_on_the_way() {
    for (const Happening& one : rollback_.happenings) {
      if (one.type == "safe_stop") {
        const std::string code = text_in(one.event, "code");
        add(phase(), "rollback", code == "backup_damaged" ? "backup" : "source", kCorruption, "the rollback stopped safely: " + text_in(one.event, "message"));
      }
      if (one.type == "foreign_open" || one.type == "foreign_taken_over") add(phase(), "rollback", "", kForeign, "another program wrote to a store beside the migration");
    }
  }

  void interruptions() {
    for (const Happening& one : rollback_.happenings) {
      if (one.type != "session_begin") continue;
      const bool carried_on = text_in(one.event, "command") == "rollproof recover";
      if (!one.interrupted_before && !carried_on) continue;
      const Step* step = step_at(rollback_, one.time_ms);
      add(phase(), "rollback", step == nullptr ? "open" : step->name, kDeath, "the rollback was interrupted and carried on");
    }
  }

  // While no store is open a process that dies leaves no session open; but the step that it was at is begun once more.
  void steps_begun_again() {
    const auto& steps = rollback_.steps;
    const auto is_stop = [](const Happening& one) { return one.type == "safe_stop"; };
    if (std::any_of(rollback_.happenings.begin(), rollback_.happenings.end(), is_stop)) return;
    for (size_t i = 0; i + 1 < steps.size(); ++i) {
      const auto is_it = [&](const Step& later) { return later.phase == steps[i].phase && later.name == steps[i].name; };
      if (steps[i].done_ms || std::none_of(steps.begin() + static_cast<std::ptrdiff_t>(i) + 1, steps.end(), is_it)) continue;
      add(phase(), "rollback", steps[i].name, kDeath, "the rollback was interrupted and carried on");
    }
  }

  void what_led_to_it() {
    if (incident_.migration == nullptr) return;
    for (const Happening& one : incident_.before) {
      if (one.type == "foreign_open" || one.type == "foreign_taken_over") add(phase(), "forward", "", kForeign, "another program wrote to a store beside the migration");
    }
    for (const size_t index : incident_.migration->operations) {
      const Operation& one = history_.operations[index];
      if (&one == &rollback_) break;
      if (one.succeeded() || one.kind != "migrate" || !is_among_those_before(one)) continue;
      const std::string kind = one.ended_ms ? kind_of_failure(one.exit_code, one.error) : kDeath;
      const Step* step = one.steps.empty() ? nullptr : &one.steps.back();
      if (kind.empty() || step == nullptr || step->done_ms) continue;
      add(step->phase, "forward", step->name, kind, one.ended_ms ? "the migration failed there: " + one.error : "the migration was interrupted there");
    }
  }

  bool is_among_those_before(const Operation& operation) const {
    return std::any_of(incident_.before.begin(), incident_.before.end(), [&](const Happening& one) {
      return one.time_ms == operation.ended_ms.value_or(operation.begun_ms) && (one.type == "operation_end" || one.type == "left_open");
    });
  }

  const History& history_;
  const Incident& incident_;
  const Operation& rollback_;
  std::vector<Occurrence> found_;
};

}  // namespace

std::vector<Occurrence> occurrences_of(const History& history, const Incident& incident) { return Occurrences(history, incident).take(); }

std::string to_text(const Occurrence& one) {
  const std::string where = one.direction == "rollback" ? "on the way back from " + one.phase : "in " + one.phase + ", forward";
  if (one.fault.empty()) return "an undisturbed rollback from " + one.phase;
  return one.step.empty() ? fmt::format("{} {}", one.fault, where) : fmt::format("{} at {} {}", one.fault, one.step, where);
}

}  // namespace rollproof::report
