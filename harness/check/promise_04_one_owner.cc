// Promise 4: never two processes writing one route, never two migrations or rollbacks at once.
#include <fmt/format.h>

#include "harness/check/checkers.h"

namespace rollproof::check {

namespace {

// Then two would have written one route: users by the target, which answered, and by the source whoever knew nothing of the migration.
void check_source_is_not_taken_over(Reading& reading, Violations& out) {
  for (const Write& write : reading.evidence().writes) {
    if (write.store != "source") continue;
    Standing then;
    bool replaced = false;
    for (const AuditEvent& event : reading.audit().events) {
      if (event.position <= write.behind) {
        fold(then, event);
        continue;
      }
      if (then.answers_from_source() || event.type == "migration_end") break;
      replaced |= event.type == "source_replaced";
      if (event.type != "foreign_taken_over" || event.store != "source" || replaced) continue;
      out.push_back({4, fmt::format("{}, which another program wrote to the source while the target answered, was taken over at position {}", write.key, event.position)});
    }
  }
}

}  // namespace

void check_one_owner(Reading& reading, Violations& out) {
  const Evidence& evidence = reading.evidence();
  if (evidence.intruder) {
    if (evidence.intruder->ok) {
      out.push_back({4, "a second actor was let in while the first was at work"});
    } else if (evidence.intruder->code != evidence.intruder_expects) {
      out.push_back({4, fmt::format("a second actor was answered \"{}\" and not \"{}\": {}", name_of(evidence.intruder->code), name_of(evidence.intruder_expects), evidence.intruder->message)});
    }
    if (evidence.intruder_changes != 0) out.push_back({4, fmt::format("a second actor made {} changes to files", evidence.intruder_changes)});
  }
  uint64_t epoch = 0;
  bool ended = true;
  for (const AuditEvent& event : reading.audit().events) {
    if (event.type == "migration_begin") {
      if (!ended) out.push_back({4, fmt::format("a migration began at position {} while another one was active", event.position)});
      ended = false;
    }
    if (event.type == "migration_end") ended = true;
    if (event.type != "route") continue;
    if (event.epoch <= epoch) out.push_back({4, fmt::format("the route at position {} has epoch {}, after {}", event.position, event.epoch, epoch)});
    if (ended) out.push_back({4, fmt::format("the route was switched at position {} without a migration", event.position)});
    epoch = event.epoch;
  }
  check_source_is_not_taken_over(reading, out);
}

}  // namespace rollproof::check
