// Promise 3: after a rollback down to the source, its records are those from before with the writes since, target and configuration are
// as they were. After a rollback to the end of a phase the source answers.
#include <fmt/format.h>

#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

void check_target_as_before(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
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

// Other programs read these files, and nothing was written: not one byte may differ.
void check_files(const Evidence& evidence, Violations& out) {
  if (evidence.places.source_kind != "unified-json" || !evidence.writes.empty()) return;
  const sim::Node* before = evidence.before->find(evidence.places.source);
  const sim::Node* after = evidence.after->find(evidence.places.source);
  if (before != nullptr && (after == nullptr || before->digest() != after->digest())) out.push_back({3, "the source's files are not byte for byte what they were"});
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
  check_files(evidence, out);
}

}  // namespace rollproof::check
