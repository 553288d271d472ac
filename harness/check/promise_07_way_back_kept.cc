// Promise 7: no step deletes, overwrites or weakens the last verified backup or the only good copy.
#include <fmt/format.h>

#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

void check_backups_kept(const Evidence& evidence, Violations& out) {
  const sim::Node* found = evidence.found->find(evidence.places.backups);
  if (found == nullptr || !found->directory) return;
  for (const sim::Entry& entry : found->entries) {
    if (!entry.node->directory || entry.name->text.starts_with('.')) continue;
    const sim::Node* left = evidence.after->find(below(evidence.places.backups, entry.name->text));
    if (left == nullptr) {
      out.push_back({7, "backup " + entry.name->text + " was deleted"});
    } else if (left->digest() != entry.node->digest()) {
      out.push_back({7, "backup " + entry.name->text + " was changed"});
    }
  }
}

// What the journal calls a proven backup is one whenever somebody looks, whatever happened: it opens, and it is the sealed source.
std::string wrong_with_backup(Reading& reading, const sim::Image& image, const Standing& standing) {
  const std::string wrong = reading.wrong_with_sealed_backup(image, standing);
  return wrong.empty() ? "" : fmt::format("the backup that the journal calls proven is none, {}: {}", standing.backup, wrong);
}

// Until the way back has proven the source nobody can say that the target is not the only good copy: it stays.
std::string wrong_with_target(Reading& reading, const sim::Image& image, const Standing& standing) {
  if (!standing.target_is_copy || reading.target_holds(image)) return "";
  return "the target does not hold every sealed record any more, and the source has not been proven since it did";
}

void check_copies(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const auto check = [&](auto& wrong_with, const std::string& folder) {
    // Damage at rest may have taken it; that is the fault's doing.
    const bool damaged = may_be_damaged(evidence, folder);
    const std::optional<Standing>& then = reading.standing_found();
    std::string found;
    if (evidence.found != nullptr && (damaged || then)) found = wrong_with(reading, *evidence.found, damaged ? reading.standing() : *then);
    if (!found.empty() && damaged) return;
    if (!found.empty()) out.push_back({7, "at the fault " + found});
    const std::string after = wrong_with(reading, *evidence.after, reading.standing());
    if (!after.empty()) out.push_back({7, "afterwards " + after});
  };
  check(wrong_with_backup, evidence.places.backups);
  check(wrong_with_target, evidence.places.target);
}

// Before there is a proven backup the user's source is only read, by whoever is at work on the migration. A user's own write is not: it opens the source.
void check_source_only_read(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const Standing& standing = reading.standing();
  const std::string& source = evidence.places.source;
  if (evidence.found == nullptr || evidence.goal != Goal::migrate || !standing.active || !standing.backup.empty() || !evidence.writes.empty() || may_be_damaged(evidence, source)) return;
  const sim::Node *found = evidence.found->find(source), *left = evidence.after->find(source);
  if (found != nullptr && (left == nullptr || left->digest() != found->digest())) out.push_back({7, "the source was changed, and there is no proven backup of it yet"});
}

// A source that was replaced is evidence, and may hold what nothing else does: it lies where the decision says, for good.
void check_set_aside(Reading& reading, Violations& out) {
  const AuditEvent* decided = nullptr;
  for (const AuditEvent& event : reading.audit().events) {
    if (event.type == "source_replacing") decided = &event;
    if (event.type != "source_replaced" || decided == nullptr) continue;
    const std::string& aside = decided->aside;
    const std::string path = aside.starts_with("./") ? aside.substr(2) : aside;
    // A source that was gone leaves nothing to be set aside.
    const sim::Image& found = *reading.evidence().found;
    const bool was_there = found.exists(path) || found.exists(reading.evidence().places.source);
    const sim::Node* kept = reading.evidence().after->find(path);
    if (was_there && kept == nullptr) out.push_back({7, "the source that was replaced is not where it was set aside, and may be gone for good: " + path});
    // A database has files, whatever is wrong with them; of JSON the only one may be what is lost.
    const bool empty = kept != nullptr && kept->directory && kept->entries.empty();
    if (empty && reading.evidence().places.source_kind == "leveldb") out.push_back({7, "nothing is left in the folder in which the source that was replaced was set aside: " + path});
  }
}

}  // namespace

void check_way_back_kept(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (evidence.found != nullptr) check_backups_kept(evidence, out);
  // The trail may be missing afterwards, when recovery has not come that far.
  const Standing& standing = reading.standing().ever ? reading.standing() : reading.audit_found().standing;
  const bool wanted = standing.active || standing.rolled_back();
  if (!wanted || !reading.source_before().readable()) return;
  check_copies(reading, out);
  check_source_only_read(reading, out);
  if (evidence.found != nullptr) check_set_aside(reading, out);
  bool found_had_one = true;
  if (evidence.found != nullptr) {
    found_had_one = reading.has_way_back(*evidence.found);
    // Damage at rest may have taken it; that is the fault's doing.
    if (!found_had_one && !evidence.fault_corrupts) out.push_back({7, "at the fault, neither the source nor a backup held every sealed record"});
  }
  if ((found_had_one || !evidence.fault_corrupts) && !reading.has_way_back(*evidence.after)) {
    out.push_back({7, "afterwards neither the source nor a backup holds every sealed record"});
  }
}

}  // namespace rollproof::check
