// Promise 3: after a rollback down to the source, its records are those from before with the writes since, target and configuration are
// as they were. After a rollback to the end of a phase the source answers.
#include <fmt/format.h>

#include <algorithm>

#include "harness/check/checkers.h"
#include "harness/check/read_network.h"

namespace rollproof::check {
namespace {

void check_target_as_before(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  // Records of other programs that are nowhere else: it stays (promise 1 looks for them).
  if (std::any_of(evidence.writes.begin(), evidence.writes.end(), [](const Write& write) { return write.store == "target"; })) return;
  // A flipped bit that leaves sound JSON looks like another program's edit: the target is left for that, and the trail says so.
  const auto& events = reading.audit().events;
  const bool left = std::any_of(events.begin(), events.end(), [](const AuditEvent& event) { return event.type == "target_left"; });
  if (left && evidence.places.target_kind == "network-json" && may_be_damaged(evidence, evidence.places.target)) return;
  const Records& target = reading.target_after();
  if (!target.sorted.empty()) out.push_back({3, fmt::format("{} migrated records are left in the target", target.sorted.size())});
  const sim::Node* before = evidence.before->find(evidence.places.target);
  const sim::Node* after = evidence.after->find(evidence.places.target);
  if (before == nullptr && after != nullptr) {
    out.push_back({3, "the target's folder was not there before: " + evidence.places.target});
  } else if (before != nullptr && (after == nullptr || before->digest() != after->digest())) {
    out.push_back({3, "the target's folder is not as it was before: " + evidence.places.target});
  }
}

void check_configuration(const Evidence& evidence, Violations& out) {
  const auto before = evidence.before->read(evidence.places.config);
  const auto after = evidence.after->read(evidence.places.config);
  if (before && (!after || *before != *after)) out.push_back({3, "the configuration is not what it was before: " + evidence.places.config});
}

// Nothing can tell another program's edit around the records from damage there, and an edit must not be taken back. So a file that the
// fault damaged may stay as the fault left it, if the audit trail names it as changed by another program.
bool noted_as_foreign(Reading& reading, const std::string& path) {
  const Evidence& evidence = reading.evidence();
  if (!evidence.fault_corrupts || evidence.damaged != path) return false;
  const std::string quoted = "\"" + path.substr(evidence.places.source.size() + 1) + "\"";
  return std::any_of(reading.audit().events.begin(), reading.audit().events.end(), [&](const AuditEvent& event) {
    return event.type == "foreign_open" && event.store == "source" && event.files.find(quoted) != std::string::npos;
  });
}

// A file without a written record has its bytes; of one with such a record, what is around the contracts.
void check_file_of_others(Reading& reading, const sim::Entry& entry, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const std::string path = below(evidence.places.source, entry.name->text);
  const bool foreign = noted_as_foreign(reading, path);
  const sim::Node* before = foreign ? evidence.found->find(path) : entry.node.get();
  const sim::Node* after = evidence.after->find(path);
  if (before == nullptr ? after == nullptr : after != nullptr && after->digest() == before->digest()) return;
  const std::string old_text = before == nullptr || before->directory ? "" : before->content.text();
  const std::string text = after == nullptr || after->directory ? "" : after->content.text();
  const auto old_parts = network_parts(old_text), parts = network_parts(text);
  const bool written = old_parts && std::any_of(evidence.writes.begin(), evidence.writes.end(), [&](const Write& write) {
    return write.key.starts_with(fmt::format("{}-", old_parts->chain));
  });
  if (written && parts && parts->front == old_parts->front && parts->back == old_parts->back) return;
  out.push_back({3, fmt::format("{} is not what it was, {}", path, written ? "around its contracts" : "and nothing in it was written")});
}

// Other programs read these files, and nothing was written: not one byte may differ.
void check_files(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const sim::Node* before = evidence.before->find(evidence.places.source);
  const sim::Node* after = evidence.after->find(evidence.places.source);
  if (evidence.places.source_kind == "leveldb" || before == nullptr) return;
  if (evidence.places.source_kind == "network-json" && !evidence.writes.empty()) {
    for (const sim::Entry& entry : before->entries) check_file_of_others(reading, entry, out);
    return;
  }
  if (!evidence.writes.empty() || (after != nullptr && before->digest() == after->digest())) return;
  for (size_t i = 0; after != nullptr && i < after->entries.size(); ++i) {
    const std::string& name = after->entries[i].name->text;
    if (before->find(name) == nullptr) out.push_back({3, below(evidence.places.source, name) + " was not in the source before"});
  }
  for (const sim::Entry& entry : before->entries) check_file_of_others(reading, entry, out);
}

}  // namespace

void check_rollback_restores(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (!evidence.last.ok) return;
  const Standing& standing = reading.standing();
  const bool acknowledged = evidence.goal == Goal::rollback && evidence.goal_acknowledged && evidence.goal_begun;
  if (acknowledged && evidence.goal_phase == "source" && !standing.rolled_back()) {
    out.push_back({3, "a rollback to the source had succeeded, and the audit trail shows the migration as not rolled back"});
  }
  if (acknowledged && evidence.goal_phase != "source" && !standing.answers_from_source()) {
    out.push_back({3, "a rollback to " + evidence.goal_phase + " had succeeded, and the route is " + standing.route});
  }
  if (!standing.rolled_back()) return;
  report_findings(reading.findings_of_source(), 1, 3, out);
  report_findings(reading.findings_of_source(), 2, 3, out);
  check_target_as_before(reading, out);
  check_configuration(evidence, out);
  check_files(reading, out);
}

}  // namespace rollproof::check
