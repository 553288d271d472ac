#include "harness/check/read_audit.h"

#include <fmt/format.h>

#include "harness/check/json_scan.h"
#include "harness/check/sha256.h"

namespace rollproof::check {
namespace {

// Calls `line` with each whole line; a last one without its end is an error like any other. Returns what is wrong, or nothing.
template <class Visit>
std::string for_each_line(std::string_view text, Visit&& line) {
  for (uint64_t number = 1; !text.empty(); ++number) {
    const size_t newline = text.find('\n');
    const std::string wrong = newline == std::string_view::npos ? "it has no end" : line(text.substr(0, newline));
    if (!wrong.empty()) return fmt::format("line {}: {}", number, wrong);
    text.remove_prefix(newline + 1);
  }
  return "";
}

// Members of a seal's facts that say which copy it is about; facts of other events are none of ours.
bool read_facts(std::string_view text, AuditEvent& event) {
  return for_each_member(text, [&](const std::string& name, std::string_view value) {
    if (name == "path") event.path = decode_string(value).value_or("");
    if (name == "records") event.records = decode_number(value);
    return true;
  });
}

bool read_event(std::string_view text, AuditEvent& event) {
  return for_each_member(text, [&](const std::string& name, std::string_view value) {
    const auto take = [&](std::string& field) {
      const auto decoded = decode_string(value);
      if (decoded) field = *decoded;
      return decoded.has_value();
    };
    if (name == "type") return take(event.type);
    if (name == "route") return take(event.route);
    if (name == "outcome") return take(event.outcome);
    if (name == "following") return take(event.following);
    if (name == "phase") return take(event.phase);
    if (name == "step") return take(event.step);
    if (name == "operation") return take(event.operation);
    if (name == "operation_id") return take(event.operation_id);
    if (name == "incident") return take(event.incident);
    if (name == "through" || name == "to") return take(event.goal);
    if (name == "result") return take(event.result);
    if (name == "store") return take(event.store);
    if (name == "files") event.files = value;
    if (name == "source") event.of_source = value.starts_with("{");
    if (name == "target") event.of_target = value.starts_with("{");
    if (name == "aside") return take(event.aside);
    if (name == "seal") return take(event.seal);
    if (name == "passed") event.passed = value == "true";
    if (name == "facts") return read_facts(value, event);
    if (name == "time_ms") event.time_ms = static_cast<int64_t>(decode_number(value).value_or(0));
    if (name == "epoch") {
      const auto number = decode_number(value);
      if (number) event.epoch = *number;
      return number.has_value();
    }
    return true;
  });
}

// The next link of the chain; `previous` moves on.
std::string read_audit_line(std::string_view line, std::string& previous, std::vector<AuditEvent>& events) {
  std::optional<uint64_t> position;
  std::string named, hash;
  std::string_view text;
  int members = 0;
  const bool whole = for_each_member(line, [&](const std::string& name, std::string_view value) {
    ++members;
    if (name == "position") position = decode_number(value);
    if (name == "previous") named = decode_string(value).value_or("");
    if (name == "event") text = value;
    if (name == "hash") hash = decode_string(value).value_or("");
    return true;
  });
  if (!whole) return "not a JSON object";
  if (members != 4 || !position || text.empty()) return "other members than position, previous, event and hash";
  if (named != previous) return "it does not follow the line before";
  if (!events.empty() && *position <= events.back().position) return fmt::format("position {} after {}", *position, events.back().position);
  // The text is hashed as it stands in the line: what a reader would print after parsing is not evidence.
  if (hash != sha256_of(fmt::format("{}\n{}\n{}", *position, previous, text))) return "its hash does not fit its content";
  AuditEvent event{.position = *position};
  if (!read_event(text, event) || event.type.empty()) return "its event is not one of ours";
  events.push_back(std::move(event));
  previous = std::move(hash);
  return "";
}

void fold_follow(Standing& standing, const AuditEvent& event) {
  standing.following = event.following == "live";
  if (!standing.following && standing.behind == "target") standing.behind.clear();
  if (!standing.following) standing.target_complete = false;
}

std::string read_notification(std::string_view line, std::vector<Notification>& lines) {
  Notification notification;
  std::optional<uint64_t> id;
  const bool whole = for_each_member(line, [&](const std::string& name, std::string_view value) {
    if (name == "id") id = decode_number(value);
    if (name == "type") notification.type = decode_string(value).value_or("");
    if (name == "result") notification.result = decode_string(value).value_or("");
    if (name == "operation_id") notification.operation_id = decode_string(value).value_or("");
    return true;
  });
  if (!whole || !id) return "not a notification";
  notification.id = *id;
  lines.push_back(std::move(notification));
  return "";
}

}  // namespace

void fold(Standing& standing, const AuditEvent& event) {
  if (event.type == "migration_begin") {
    standing.ever = standing.active = true;
    standing.begun_at = event.position;
    standing.outcome.clear();
    standing.route = "source_only";
    standing.following = standing.target_complete = standing.target_is_copy = false;
    standing.behind.clear();
    standing.backup.clear();
    standing.backup_records.reset();
  } else if (event.type == "migration_end") {
    standing.active = standing.following = standing.target_complete = standing.target_is_copy = false;
    standing.outcome = event.outcome;
    standing.route = event.outcome == "completed" ? "target_only" : "source_only";
  } else if (event.type == "route") {
    standing.route = event.route;
    standing.epoch = event.epoch;
  } else if (event.type == "follow") {
    fold_follow(standing, event);
  } else if (event.type == "session_begin" || event.type == "session_end") {
    standing.in_session = event.type == "session_begin";
  } else if (event.type == "store_behind") {
    standing.behind = event.store;
  } else if (event.type == "checkpoint" || event.type == "source_replaced") {
    if (standing.behind == "source" ? event.of_source : event.of_target) standing.behind.clear();
  } else if (event.type == "step_intent" && event.phase == "copy" && event.step == "begin") {
    standing.target_complete = standing.target_is_copy = false;
  } else if (event.type == "step_done" && event.phase == "copy" && event.step == "drain") {
    standing.target_complete = standing.following;
    standing.target_is_copy = true;
  } else if (event.type == "step_done" && event.phase == "rollback" && event.step == "prove-source") {
    standing.target_is_copy = false;
  } else if (event.type == "seal" && event.passed && (event.seal == "backup" || event.seal.starts_with("backup:"))) {
    standing.backup = event.path;
    standing.backup_records = event.records;
  } else if (event.type == "operation_begin") {
    standing.operations.push_back({event.position, event.operation_id, event.operation, event.goal, {}, "", event.incident});
  } else if (event.type == "operation_end") {
    for (Operation& operation : standing.operations) {
      if (operation.id != event.operation_id || operation.ended_at) continue;
      operation.ended_at = event.position;
      operation.result = event.result;
    }
  }
}

Standing standing_after(const std::vector<AuditEvent>& events) {
  Standing standing;
  for (const AuditEvent& event : events) fold(standing, event);
  return standing;
}

Audit read_audit(const sim::Node* file) {
  Audit audit;
  if (file == nullptr || file->directory) return audit;
  audit.there = true;
  const std::string text = file->content.text();
  std::string previous(64, '0');
  audit.broken = for_each_line(text, [&](std::string_view line) { return read_audit_line(line, previous, audit.events); });
  audit.standing = standing_after(audit.events);
  return audit;
}

Notifications read_notifications(const sim::Node* file) {
  Notifications notifications;
  if (file == nullptr || file->directory) return notifications;
  notifications.there = true;
  const std::string text = file->content.text();
  notifications.broken = for_each_line(text, [&](std::string_view line) { return read_notification(line, notifications.lines); });
  return notifications;
}

}  // namespace rollproof::check
