// Promise 5: recovery reaches done, or a safe stop that the fault justifies, and has nothing left to do the next time.
#include <fmt/format.h>

#include "harness/check/checkers.h"

namespace rollproof::check {
namespace {

// Answers that damage at rest justifies: all of them leave everything as it is. "No such thing" is none: nobody mistyped a name.
bool stops_for_damage(Code code) {
  switch (code) {
    case Code::stopped:
    case Code::needs_person:
    case Code::backup_damaged:
    case Code::corruption:
    case Code::differs:
    case Code::refused:
    case Code::invalid: return true;
    default: return false;
  }
}

// Another program has written to a store behind our back: whether that was meant a person has to say, and is told how.
bool stops_for_others(Reading& reading, Code code) { return (code == Code::refused || code == Code::stopped || code == Code::needs_person || code == Code::differs) && reading.waits_for_a_person(); }

}  // namespace

void check_always_ends(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  const Answer& last = evidence.last;
  const Answer& second = evidence.second;
  if (!last.ok) {
    const bool justified = evidence.fault_fails_calls || (evidence.fault_corrupts && !evidence.repairable && stops_for_damage(last.code)) || stops_for_others(reading, last.code);
    if (last.code == Code::internal) {
      out.push_back({5, "a bug answered: " + last.message});
    } else if (!justified) {
      out.push_back({5, fmt::format("it ended with \"{}\" where nothing stands in the way: {} ({})", name_of(last.code), last.message, last.path)});
    }
    const Standing& stands = reading.standing();
    if (last.code == Code::cancelled && stands.active && !stands.answers_from_source()) out.push_back({5, "it stopped on request behind the record that had made the target answer"});
    // The calls work again: what they interrupted has to come to its end, or stop for a person.
    if (was_given(second) && !second.ok && !evidence.fault_corrupts && second.code != Code::needs_person && second.code != Code::stopped && !stops_for_others(reading, second.code)) {
      out.push_back({5, fmt::format("one more recovery ended with \"{}\": {} ({})", name_of(second.code), second.message, second.path)});
    }
    return;
  }
  if (evidence.stop_due) out.push_back({5, "it went on to its end where it had to stop at a safe point"});
  // One decision, and so one record: nobody comes back for a migration whose way back has ended.
  const Standing& standing = reading.standing();
  if (standing.active && !standing.operations.empty()) {
    const Operation& operation = standing.operations.back();
    if (operation.begun_at > standing.begun_at && operation.kind == "rollback" && operation.goal == "source" && operation.result == "success") {
      out.push_back({5, fmt::format("rollback {} has ended, and the migration that it took back has not", operation.id)});
    }
  }
  // A write has passed over a follower that damage has taken away, and the trail says so: who brings that one up to date names what is gone.
  const bool names_follower = reading.follower_may_lack() && evidence.fault_corrupts && stops_for_damage(second.code);
  if (!second.ok && !names_follower) {
    out.push_back({5, fmt::format("a second recovery ended with \"{}\" after a first that had succeeded: {} ({})", name_of(second.code), second.message, second.path)});
  }
  if (evidence.second_changes != 0 && !reading.follower_may_lack()) out.push_back({5, fmt::format("a second recovery made {} changes after a first that had succeeded", evidence.second_changes)});
}

}  // namespace rollproof::check
