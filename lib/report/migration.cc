#include "lib/report/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/base/time_text.h"
#include "lib/base/words.h"
#include "lib/incident/field.h"
#include "lib/record/shown_text.h"
#include "lib/report/incident.h"

namespace rollproof::report {
namespace {

using incident::text_in;

class Reading {
 public:
  Reading(const History& history, const Migration& migration) : history_(history) { record_.migration = &migration; }

  MigrationRecord take() {
    for (const Phase phase : migrate::kPhases) record_.phases.push_back({phase, "not begun"});
    int64_t last_ms = record_.migration->begun_ms;
    for (const size_t index : record_.migration->operations) {
      const Operation& operation = history_.operations[index];
      take_operation(operation);
      last_ms = std::max(last_ms, operation.ended_ms.value_or(operation.begun_ms));
    }
    for (const Happening& one : record_.migration->outside) take_trouble(one);
    if (record_.migration->outcome == "rolled_back") take_back(Phase::validate);
    record_.total_ms = record_.migration->ended_ms.value_or(last_ms) - record_.migration->begun_ms;
    decide_status();
    compare_performance();
    record_.deliverables = deliverables_of(record_);
    std::sort(record_.errors.begin(), record_.errors.end());  // each begins with its time
    return std::move(record_);
  }

 private:
  PhaseRecord& of(Phase phase) { return record_.phases[static_cast<size_t>(phase)]; }

  void take_back(Phase from) {
    for (PhaseRecord& one : record_.phases) {
      if (one.phase >= from && one.status != "not begun") one.status = "taken back";
    }
  }

  void take_operation(const Operation& operation) {
    ++record_.commands;
    record_.at_work_ms += operation.ended_ms.value_or(operation.begun_ms) - operation.begun_ms;
    if (!operation.incident.empty()) {
      record_.incidents.push_back(operation.incident);
      record_.last_rollback = &operation;
    }
    // What is taken back, and what is done anew behind it, in the order in which it happened.
    std::vector<std::pair<int64_t, Phase>> undone;
    for (const Happening& one : operation.happenings) {
      take_trouble(one);
      const auto phase = one.type == "phase_undone" ? migrate::phase_named(one.event.at("phase").get<std::string>()) : std::nullopt;
      if (phase) undone.emplace_back(one.time_ms, *phase);
    }
    std::set<Phase> touched;
    size_t next = 0;
    for (const Step& step : operation.steps) {
      for (; next < undone.size() && undone[next].first <= step.begun_ms; ++next) take_back_one(undone[next].second);
      if (const auto phase = migrate::phase_named(step.phase)) take_step(of(*phase), step, touched);
    }
    for (; next < undone.size(); ++next) take_back_one(undone[next].second);
    if (operation.succeeded() || (!operation.ended_ms && record_.migration->ended_ms)) return;
    if (operation.result != "stopped") ++record_.commands_failed;
    record_.errors.push_back(operation.ended_ms ? fmt::format("{} {} {} (exit code {}): {}", time_text(*operation.ended_ms), operation.kind, operation.result, operation.exit_code, operation.is_said_by_a_safe_stop() ? "see the safe stop" : operation.error)
                                                : fmt::format("{} {} {} was begun and has no end", time_text(operation.begun_ms), operation.kind, operation.id));
  }

  void take_back_one(Phase phase) {
    if (of(phase).status != "not begun") of(phase).status = "taken back";
  }

  void take_step(PhaseRecord& phase, const Step& step, std::set<Phase>& touched) {
    if (touched.insert(phase.phase).second) ++phase.attempts;
    if (!phase.begun_ms || phase.status == "taken back") phase.begun_ms = step.begun_ms;
    if (phase.status != "done") phase.status = "not finished";
    if (!step.done_ms) return;
    phase.at_work_ms += *step.done_ms - step.begun_ms;
    record_.facts[step.phase + "/" + step.name] = step.facts;
    if (step.name != "done") return;
    phase.status = "done";
    phase.done_ms = step.done_ms;
  }

  void take_trouble(const Happening& one) {
    if (one.type == "safe_stop") record_.errors.push_back(fmt::format("{} safe stop: {}", time_text(one.time_ms), text_in(one.event, "message")));
    if (one.type == "foreign_open") record_.errors.push_back(fmt::format("{} another program had changed files of the {}; the records were the same", time_text(one.time_ms), text_in(one.event, "store")));
    if (one.type == "store_behind") record_.errors.push_back(fmt::format("{} the {} could not be opened for a write, and lacked it until it could be: {}", time_text(one.time_ms), text_in(one.event, "store"), text_in(one.event, "why")));
    if (one.type == "foreign_taken_over") record_.errors.push_back(fmt::format("{} writes of another program to the {} were taken over", time_text(one.time_ms), text_in(one.event, "store")));
    if (one.type == "session_begin" && one.interrupted_before) record_.errors.push_back(fmt::format("{} a command before had been interrupted; `{}` mended what it left", time_text(one.time_ms), text_in(one.event, "command")));
  }

  void decide_status() {
    const Migration& migration = *record_.migration;
    const PhaseRecord& cutover = of(Phase::cutover);
    const Operation* last = migration.operations.empty() ? nullptr : &history_.operations[migration.operations.back()];
    std::string reached = "nothing";
    for (const PhaseRecord& one : record_.phases) {
      if (one.status == "done") reached = std::string(name_of(one.phase));
    }
    if (migration.outcome == "rolled_back") {
      record_.status = "ROLLED BACK";
      const Json* left = last == nullptr ? nullptr : last->fact("verify-restored", "target_left");
      record_.standing = left == nullptr ? "the source answers, the migrated records were removed from the target" : "the source answers, the target was left as it is: " + left->get<std::string>();
    } else if (migration.outcome == "completed") {
      record_.status = "SUCCESS";
      record_.standing = "the target answers, the way back was given up";
    } else if (last != nullptr && last->kind == "rollback" && !last->succeeded()) {
      record_.status = "FAILED";
      record_.standing = last->ended_ms ? fmt::format("the last rollback stopped at a safe point, route {}: a person has to act", migration.route) : fmt::format("a rollback was begun and has not ended, route {}: `rollproof recover`", migration.route);
    } else if (cutover.status == "done") {
      record_.status = "SUCCESS";
      record_.standing = "the target answers, the source is kept in step: the way back is open";
    } else if (last != nullptr && last->kind == "migrate" && last->result == "failed") {
      record_.status = "FAILED";
      record_.standing = fmt::format("reached {}, route {}; the last command failed, and both stores are consistent", reached, migration.route);
    } else {
      record_.status = "NOT FINISHED";
      record_.standing = fmt::format("reached {}, route {}", reached, migration.route.empty() ? "source_only" : migration.route);
    }
  }

  std::optional<migrate::Performance> performance_in(const char* step) const {
    const auto found = record_.facts.find(step);
    if (found == record_.facts.end() || !found->second.is_object() || !found->second.contains("performance")) return std::nullopt;
    try {
      return migrate::performance_from(found->second.at("performance"));
    } catch (const nlohmann::json::exception&) {
      return std::nullopt;  // of another version
    }
  }

  void compare_performance() {
    const auto source = performance_in("validate/baseline"), target = performance_in("copy/performance");
    const auto latency = [](const auto& of, auto kind) -> std::optional<migrate::Latency> {
      if (!of || ((*of).*kind).count == 0) return std::nullopt;
      return (*of).*kind;
    };
    const auto compare = [&](const char* name, migrate::Latency migrate::Performance::*kind, double limit) {
      Compared one{name, latency(source, kind), latency(target, kind), limit, "not measured", {}};
      if (one.source && one.target) {
        if (one.source->p95_us > 0) one.ratio = static_cast<double>(one.target->p95_us) / static_cast<double>(one.source->p95_us);
        // As it was judged then: above a floor, and if the machine had become busier against the source of that moment.
        const Json* missed = record_.fact("copy/performance", "limits_missed");
        const bool is_missed = missed != nullptr && std::any_of(missed->begin(), missed->end(), [&](const Json& text) { return text.is_string() && text.get<std::string>().starts_with(name); });
        one.verdict = missed == nullptr ? "not measured" : is_missed ? "not met" : "met";
      }
      record_.performance.push_back(std::move(one));
    };
    compare("reads", &migrate::Performance::read, 2);
    compare("writes", &migrate::Performance::write, 3);
    compare("queries", &migrate::Performance::query, 5);
    if (source) record_.memory_source = source->memory_bytes;
    if (target) record_.memory_target = target->memory_bytes;
    const Json *p50 = record_.fact("dual-write/test-writes", "p50_us"), *p95 = record_.fact("dual-write/test-writes", "p95_us"), *writes = record_.fact("dual-write/test-writes", "writes");
    const auto is_number = [](const Json* fact) { return fact != nullptr && fact->is_number_integer(); };
    if (is_number(p50) && is_number(p95) && is_number(writes)) record_.dual_write = migrate::Latency{writes->get<uint64_t>(), p50->get<int64_t>(), p95->get<int64_t>(), 0};
  }

  const History& history_;
  MigrationRecord record_;
};

}  // namespace

const Json* MigrationRecord::fact(const std::string& step, const char* name) const {
  const auto found = facts.find(step);
  if (found == facts.end() || !found->second.is_object() || !found->second.contains(name)) return nullptr;
  return &found->second.at(name);
}

MigrationRecord record_of(const History& history, const Migration& migration) { return Reading(history, migration).take(); }

Result<const Migration*> find_migration(const History& history, const std::string& id) {
  if (id.empty() && !history.migrations.empty()) return &history.migrations.back();
  if (const Migration* found = history.migration(id)) return found;
  std::vector<std::string> ids;
  for (const Migration& one : history.migrations) ids.push_back(one.id);
  const std::string near = nearest(id, ids);
  return fail(Code::not_found, fmt::format("there is no migration {}", record::legal_text(id, 200, "what was typed")), "",
              near.empty() ? "`rollproof report migration` tells of the latest and names the others." : fmt::format("Did you mean {}?", near));
}

}  // namespace rollproof::report
