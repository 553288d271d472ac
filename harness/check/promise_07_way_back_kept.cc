// Promise 7: no step deletes, overwrites or weakens the last verified backup or the only good copy.
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

}  // namespace

void check_way_back_kept(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (evidence.found != nullptr) check_backups_kept(evidence, out);
  // The trail may be missing afterwards, when recovery has not come that far.
  const Standing& standing = reading.standing().ever ? reading.standing() : reading.audit_found().standing;
  const bool wanted = standing.active || standing.rolled_back();
  if (!wanted || !reading.source_before().readable()) return;
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
