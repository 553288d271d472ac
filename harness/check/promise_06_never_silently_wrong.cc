// Promise 6: damage is repaired to exact data or named; what is no damage is not called so.
#include <fmt/format.h>

#include <algorithm>

#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

// The file, by its name, in the message or in the path.
bool names(const Answer& answer, const std::string& damaged) {
  const std::string name = damaged.substr(damaged.rfind('/') + 1);
  return answer.message.find(name) != std::string::npos || answer.path.find(name) != std::string::npos;
}

void check_answer(const Evidence& evidence, const Answer& answer, const char* whose, Violations& out) {
  if (answer.ok || !was_given(answer)) return;
  if (answer.message.empty()) out.push_back({6, fmt::format("{} failed with \"{}\" and says nothing about it", whose, name_of(answer.code))});
  const bool damage = answer.code == Code::corruption || answer.code == Code::backup_damaged;
  if (damage && answer.path.empty()) out.push_back({6, fmt::format("{} calls something damaged and does not name it: {}", whose, answer.message)});
  // Who is refused because somebody else is at work has looked at nothing.
  const bool looked = answer.code != Code::locked;
  if (looked && evidence.fault_corrupts && !evidence.fault_fails_calls && !evidence.damaged.empty() && !names(answer, evidence.damaged)) {
    out.push_back({6, fmt::format("{} stops with \"{}\" and does not name what is damaged, {}: {} ({})", whose, name_of(answer.code), evidence.damaged, answer.message, answer.path)});
  }
  if (damage && !evidence.fault_corrupts) {
    out.push_back({6, fmt::format("{} calls it \"{}\", and nothing was damaged: {} ({})", whose, name_of(answer.code), answer.message, answer.path)});
  }
}

void check_backups_untouched(const Evidence& evidence, Violations& out) {
  if (evidence.found == nullptr) return;
  const sim::Node* found = evidence.found->find(evidence.places.backups);
  if (found == nullptr || !found->directory) return;
  for (const sim::Entry& entry : found->entries) {
    if (!entry.node->directory || entry.name->text.starts_with('.')) continue;
    const sim::Node* left = evidence.after->find(below(evidence.places.backups, entry.name->text));
    if (left == nullptr || left->digest() != entry.node->digest()) out.push_back({6, "success was answered, and backup " + entry.name->text + " is not what it was"});
  }
}

// Success says that every condition of a cutover was met when the target was made to answer: the backup that the journal calls proven among them.
// One that is damaged is found when it is needed otherwise, and that is too late.
void check_switched_with_a_way_back(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const Standing& standing = reading.standing();
  if (!evidence.last.ok || !evidence.last_began_ms || !standing.active || standing.answers_from_source()) return;
  const auto& events = reading.audit().events;
  const bool switched = std::any_of(events.begin(), events.end(), [&](const AuditEvent& event) {
    return event.type == "route" && event.route == standing.route && event.epoch == standing.epoch && event.time_ms >= *evidence.last_began_ms;
  });
  if (!switched) return;
  if (standing.backup.empty()) return out.push_back({6, "the target was made to answer, and no backup had been proven"});
  const std::string wrong = reading.wrong_with_sealed_backup(*evidence.after, standing);
  if (!wrong.empty()) out.push_back({6, fmt::format("the target was made to answer without a word over a backup that is no way back, {}: {}", standing.backup, wrong)});
}

// A way back that has found the source to be another one than backup and journal say, and stops for that: the target, which is right, answers again.
void check_unproven_source_answers_not(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const Standing& standing = reading.standing();
  if (evidence.last.ok || evidence.last.code != Code::needs_person || !standing.active || !standing.following || !standing.answers_from_source()) return;
  bool target_answered = false, differs = false;
  for (const AuditEvent& event : reading.audit().events) {
    if (event.position < standing.begun_at) continue;
    if (event.type == "route") target_answered |= event.route == "dual_target_first";
    if (event.type == "phase_undone" && event.phase == "cutover") target_answered = false;
    if (event.type == "seal" && event.seal == "source") differs = !event.passed;
    if (event.type == "source_replaced" || event.type == "foreign_taken_over") differs = false;
  }
  if (target_answered && differs) out.push_back({6, "the source answers, and was found to differ from backup and journal: " + evidence.last.message});
}

}  // namespace

void check_never_silently_wrong(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  check_answer(evidence, evidence.last, "recovery", out);
  check_switched_with_a_way_back(reading, out);
  check_unproven_source_answers_not(reading, out);
  check_answer(evidence, evidence.second, "the second recovery", out);
  if (evidence.intruder) check_answer(evidence, *evidence.intruder, "the second actor", out);
  if (!evidence.fault_corrupts || !evidence.last.ok) return;
  for (const int of : {1, 2}) {
    report_findings(reading.findings_of_answering(), of, 6, out);
    report_findings(reading.findings_of_follower(), of, 6, out);
  }
  check_backups_untouched(evidence, out);
}

}  // namespace rollproof::check
