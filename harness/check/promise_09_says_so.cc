// Promise 9: every transition is in the hash-chained audit trail, every rollback is an incident of its own, notifications went out exactly once, all
// agree with the answer given.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

void check_operations(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const auto& operations = reading.standing().operations;
  for (const Operation& operation : operations) {
    if (!operation.ended_at) out.push_back({9, fmt::format("{} {} was begun at position {} and its end is not in the audit trail", operation.kind, operation.id, operation.begun_at)});
  }
  const bool undisturbed = !evidence.fault_fails_calls && !evidence.fault_corrupts && !evidence.command_failed;
  const auto failures = static_cast<size_t>(std::count_if(operations.begin(), operations.end(), [](const Operation& operation) { return operation.ended_at && operation.result != "success"; }));
  if (undisturbed && evidence.goal_begun && !operations.empty() && operations.back().ended_at && operations.back().result != "success" && failures > evidence.failures_told) {
    out.push_back({9, fmt::format("success was answered, and the audit trail says \"{}\" of {}", operations.back().result, operations.back().id)});
  }
  if (!evidence.goal_acknowledged || !evidence.goal_begun || evidence.goal == Goal::none) return;
  const char* kind = evidence.goal == Goal::rollback ? "rollback" : "migrate";
  for (const Operation& operation : operations) {
    if (operation.kind == kind && operation.goal == evidence.goal_phase && operation.ended_at && operation.result == "success") return;
  }
  out.push_back({9, fmt::format("{} {} had succeeded and is not in the audit trail", kind, evidence.goal_phase)});
}

// Every attempt to go back is an incident of its own, by whose id people speak of it.
void check_incidents(Reading& reading, Violations& out) {
  std::map<std::string, std::string> taken;  // by which operation
  for (const Operation& operation : reading.standing().operations) {
    if (operation.kind != "rollback") continue;
    if (operation.incident.empty()) {
      out.push_back({9, fmt::format("rollback {} opened no incident", operation.id)});
      continue;
    }
    const auto [other, fresh] = taken.emplace(operation.incident, operation.id);
    if (!fresh) out.push_back({9, fmt::format("rollbacks {} and {} are the same incident, {}", other->second, operation.id, operation.incident)});
  }
}

// What each event of the trail has to have been announced as; the id of a notification is the event's position.
std::map<uint64_t, std::string> announcements_of(const Audit& audit) {
  std::map<uint64_t, std::string> wanted;
  for (const AuditEvent& event : audit.events) {
    if (event.type == "operation_begin") wanted[event.position] = "START";
    if (event.type == "operation_end") wanted[event.position] = event.result == "success" ? "SUCCESS" : event.result == "stopped" ? "STOPPED" : "FAILED";
    if (event.type == "safe_stop") wanted[event.position] = "SAFE_STOP";
    if (event.type == "foreign_open" || event.type == "foreign_taken_over") wanted[event.position] = "FOREIGN_CHANGE";
    if (event.type == "store_behind") wanted[event.position] = "STORE_BEHIND";
  }
  return wanted;
}

// As what one line announces: the result where there is one.
std::string announced(const Notification& line) { return line.result.empty() ? line.type : line.result; }

void check_notifications(Reading& reading, Violations& out) {
  const Notifications& notifications = reading.notifications();
  if (!notifications.broken.empty()) return out.push_back({9, "notifications.jsonl, " + notifications.broken});
  auto wanted = announcements_of(reading.audit());
  std::map<uint64_t, int> times;
  for (const Notification& line : notifications.lines) {
    if (++times[line.id] == 2) out.push_back({9, fmt::format("notification {} went out twice", line.id)});
    const auto found = wanted.find(line.id);
    if (found == wanted.end()) {
      out.push_back({9, fmt::format("notification {} ({}) belongs to no event of the audit trail", line.id, announced(line))});
    } else if (found->second != announced(line)) {
      out.push_back({9, fmt::format("notification {} says {}, the audit trail {}", line.id, announced(line), found->second)});
    }
  }
  for (const auto& [id, what] : wanted) {
    if (!times.contains(id)) out.push_back({9, fmt::format("nobody was notified of {} at position {}", what, id)});
  }
}

}  // namespace

void check_says_so(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (!evidence.last.ok) return;
  const Audit& audit = reading.audit();
  if (!audit.broken.empty()) return out.push_back({9, "audit.jsonl, " + audit.broken});
  check_operations(reading, out);
  check_incidents(reading, out);
  check_notifications(reading, out);
  const auto config = evidence.after->read(evidence.places.config);
  if (!audit.standing.active && config && config->find("\"migration_id\"") != std::string::npos) {
    out.push_back({9, "the configuration names a running migration, and the audit trail has none"});
  }
}

}  // namespace rollproof::check
