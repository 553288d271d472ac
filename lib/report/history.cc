#include "lib/report/history.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/incident/audit.h"
#include "lib/incident/field.h"
#include "lib/incident/incident_id.h"
#include "lib/journal/changes.h"
#include "lib/journal/journal.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/phases.h"
#include "lib/os/paths.h"

namespace rollproof::report {
namespace {

using incident::text_in;
using incident::whole_in;

constexpr uint64_t kTrailBytesMax = 1ull << 30;

// Nothing where they are no object.
Json facts_in(const Json& event) {
  const auto found = event.find("facts");
  return found != event.end() && found->is_object() ? *found : Json::object();
}
int64_t time_of(const Json& event) { return whole_in(event, "time_ms").value_or(0); }

std::string who(const Json& event) {
  const auto by = event.find("by");
  if (by == event.end() || !by->is_object()) return "";
  return fmt::format("{}@{}, pid {}", text_in(*by, "user"), text_in(*by, "host"), whole_in(*by, "pid").value_or(0));
}

}  // namespace

bool Operation::is_said_by_a_safe_stop() const {
  return std::any_of(happenings.begin(), happenings.end(), [&](const Happening& one) {
    const std::string message = text_in(one.event, "message");
    return one.type == "safe_stop" && !message.empty() && error.find(message) != std::string::npos;
  });
}

const Step* Operation::done_step(std::string_view name) const {
  const auto found = std::find_if(steps.rbegin(), steps.rend(), [&](const Step& step) { return step.name == name && step.done_ms; });
  return found == steps.rend() ? nullptr : &*found;
}

const Json* Operation::fact(std::string_view step, const char* name) const {
  const Step* found = done_step(step);
  if (found == nullptr || !found->facts.is_object() || !found->facts.contains(name)) return nullptr;
  return &found->facts.at(name);
}

const Operation* History::incident(const std::string& id) const {
  const auto found = std::find_if(operations.begin(), operations.end(), [&](const Operation& one) { return !one.incident.empty() && one.incident == id; });
  return found == operations.end() ? nullptr : &*found;
}

std::vector<std::string> History::incidents() const {
  std::vector<std::string> ids;
  for (const Operation& one : operations) {
    if (!one.incident.empty()) ids.push_back(one.incident);
  }
  return ids;
}

const Migration* History::migration(const std::string& id) const {
  const auto found = std::find_if(migrations.begin(), migrations.end(), [&](const Migration& one) { return one.id == id; });
  return found == migrations.end() ? nullptr : &*found;
}

Operation* HistoryBuilder::open() { return open_ ? &history_.operations[*open_] : nullptr; }

Status HistoryBuilder::take(uint64_t position, const Json& event) {
  try {
    fold(position, event);
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::corruption, fmt::format("entry {} is not a control event: {}", position, error.what()));
  }
  return {};
}

void HistoryBuilder::take_writes(uint64_t changes) {
  if (!history_.migrations.empty() && !history_.migrations.back().ended_ms) {
    auto& writes = history_.migrations.back().writes;
    writes = writes.value_or(0) + changes;
  }
}

void HistoryBuilder::begin_operation(uint64_t position, const Json& event) {
  Operation operation;
  operation.kind = event.at("operation").get<std::string>();
  operation.id = event.at("operation_id").get<std::string>();
  operation.goal = text_in(event, operation.kind == "rollback" ? "to" : "through");
  operation.reason = text_in(event, "reason");
  operation.migration = text_in(event, "migration");
  operation.by = who(event);
  operation.position = position;
  operation.begun_ms = time_of(event);
  operation.detected_ms = whole_in(event, "detected_ms");
  operation.route_before = operation.route_after = route_;
  if (operation.kind == "rollback") {
    const auto taken = history_.incidents();
    operation.incident = text_in(event, "incident");
    if (operation.incident.empty()) operation.incident = incident::incident_id(operation.begun_ms, {taken.begin(), taken.end()});
    if (!begun_.empty()) operation.phase = *std::max_element(begun_.begin(), begun_.end());
  }
  open_ = history_.operations.size();
  history_.operations.push_back(std::move(operation));
  if (!history_.migrations.empty()) history_.migrations.back().operations.push_back(*open_);
}

void HistoryBuilder::take_step(const std::string& type, const Json& event) {
  const std::string phase = event.at("phase").get<std::string>(), name = event.at("step").get<std::string>();
  if (type == "step_intent") {
    if (const auto begun = migrate::phase_named(phase)) begun_.push_back(*begun);
  }
  Operation* operation = open();
  if (operation == nullptr) return;
  const auto is_it = [&](const Step& step) { return step.phase == phase && step.name == name && !step.done_ms; };
  auto found = std::find_if(operation->steps.rbegin(), operation->steps.rend(), is_it);
  if (type == "step_intent" || found == operation->steps.rend()) {
    // What was begun by an operation before, or needs no intent, begins when it is first heard of.
    operation->steps.push_back({phase, name, time_of(event)});
    found = operation->steps.rbegin();
  }
  if (type == "step_done") {
    found->done_ms = time_of(event);
    found->facts = facts_in(event);
  }
}

void HistoryBuilder::fold(uint64_t position, const Json& event) {
  const std::string type = event.at("type").get<std::string>();
  history_.last_ms = time_of(event);
  Happening happening{position, time_of(event), type, event};
  if (type == "migration_begin") {
    begun_.clear();
    Migration migration;
    migration.id = text_in(event, "migration");
    migration.source = text_in(event, "source");
    migration.target = text_in(event, "target");
    migration.config_sha256 = text_in(event, "config_sha256");
    migration.begun_ms = time_of(event);
    history_.migrations.push_back(std::move(migration));
    return;
  }
  Migration* migration = history_.migrations.empty() ? nullptr : &history_.migrations.back();
  if (type == "operation_begin") return begin_operation(position, event);
  if (type == "step_intent" || type == "step_done") return take_step(type, event);
  if (type == "operation_end") {
    if (Operation* operation = open()) {
      operation->ended_ms = time_of(event);
      operation->result = text_in(event, "result");
      operation->error = text_in(event, "error");
      operation->exit_code = static_cast<int>(whole_in(event, "exit_code").value_or(0));
      if (operation->done_step("end") == nullptr && operation->kind == "rollback" && operation->succeeded()) {
        for (Step& step : operation->steps) {  // this step ends the list that it would be written into
          if (step.name == "end" && !step.done_ms) step.done_ms = operation->ended_ms;
        }
      }
      open_.reset();
    }
    return;
  }
  if (type == "phase_undone") {
    if (const auto phase = migrate::phase_named(event.at("phase").get<std::string>())) std::erase_if(begun_, [&](Phase other) { return other >= *phase; });
  } else if (type == "route") {
    route_ = text_in(event, "route");
    if (Operation* operation = open()) operation->route_after = route_;
  } else if (type == "seal" && migration != nullptr) {
    migration->seals[event.at("seal").get<std::string>()] = {event.at("passed").get<bool>(), time_of(event), facts_in(event)};
  } else if (type == "session_begin") {
    happening.interrupted_before = in_session_;
    in_session_ = true;
  } else if (type == "session_end") {
    in_session_ = false;
  } else if (type == "migration_end" && migration != nullptr) {
    migration->ended_ms = time_of(event);
    migration->outcome = event.at("outcome").get<std::string>();
    route_ = migration->outcome == "completed" ? "target_only" : "source_only";
    if (!migration->operations.empty()) history_.operations[migration->operations.back()].route_after = route_;
  }
  if (migration != nullptr) migration->route = route_;
  if (Operation* operation = open()) {
    operation->happenings.push_back(std::move(happening));
  } else if (migration != nullptr) {
    migration->outside.push_back(std::move(happening));
  }
}

History HistoryBuilder::finish() { return std::move(history_); }

Result<History> read_history(os::World& world, const migrate::Config& config) {
  HistoryBuilder builder;
  const std::string directory = os::join(config.state_directory(), migrate::kJournalDirectory);
  // A journal that nobody may rely on tells no history either.
  if (auto view = migrate::view_ledger(world, config); !view && view.error().code == Code::needs_person && view.error().path == directory) return fail(std::move(view).error());
  const std::string probe = migrate::probe_key(migrate::State{});  // what it begins with for every migration
  auto read = journal::read_only(world.files, directory, [&](const journal::Entry& entry) -> Status {
    if (entry.kind == journal::EntryKind::changes) {
      ROLLPROOF_ASSIGN(const record::Batch batch, journal::decode_changes(entry.payload));
      builder.take_writes(static_cast<uint64_t>(std::count_if(batch.begin(), batch.end(), [&](const record::Change& change) { return !change.key.starts_with(probe); })));
      return {};
    }
    const Json event = Json::parse(entry.payload, nullptr, false);
    return builder.take(entry.position, event);
  });
  if (!read) {
    const std::string trail = os::join(config.state_directory(), migrate::kAuditFile);
    if (read.error().code == Code::corruption) {
      read.error().hint = fmt::format("The audit trail tells the same: add `--from-audit {}`. Then `rollproof doctor`.", trail);
    }
    return fail(std::move(read).error());
  }
  ROLLPROOF_TRY(migrate::check_trail_has_journal(world, config, read->exists));
  History history = builder.finish();
  if (!read->exists || history.migrations.empty()) return fail(Code::not_found, "no migration was ever begun here", config.path, "`rollproof validate` begins one.");
  for (Migration& migration : history.migrations) migration.writes = migration.writes.value_or(0);
  history.read_from = "the journal";
  history.clean = read->clean;
  return history;
}

Result<History> read_history_of_trail(os::FileSystem& files, const std::string& path) {
  auto verdict = incident::verify_audit(files, path);
  if (!verdict) {
    if (verdict.error().code == Code::not_found) verdict.error().code = Code::invalid;
    if (verdict.error().hint.empty()) verdict.error().hint = "Name the file audit.jsonl of the state folder, or a copy of it.";
    return fail(std::move(verdict).error());
  }
  if (verdict->broken_line) {
    return fail(Code::corruption, fmt::format("line {} breaks the chain of the audit trail: {}", *verdict->broken_line, verdict->why), path,
                "Nothing is told from a trail that was changed. Compare it with the journal, or take another copy.");
  }
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, kTrailBytesMax));
  HistoryBuilder builder;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const Json document = Json::parse(line, nullptr, false);
    auto taken = builder.take(document.at("position").get<uint64_t>(), document.at("event"));
    if (!taken) {
      taken.error().path = path;
      return fail(std::move(taken).error());
    }
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  History history = builder.finish();
  if (history.migrations.empty()) return fail(Code::not_found, "the audit trail tells of no migration", path);
  history.read_from = fmt::format("the audit trail {}, {} lines, whose hash chain holds", path, verdict->lines);
  return history;
}

}  // namespace rollproof::report
