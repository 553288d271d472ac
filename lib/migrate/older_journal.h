// An older copy of the journal in the place of the newer one, while the stores have stayed (lib/ASSUMPTIONS.md, 12): what it does not know would count as another
// program's. It is known by what is told of the journal elsewhere.
#pragma once

#include "lib/base/result.h"
#include "lib/journal/journal.h"
#include "lib/migrate/config.h"
#include "lib/migrate/state.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/world.h"

namespace rollproof::migrate {

// What is known beside the journal of how far it has come.
struct HeardOfJournal {
  TargetClaim claim;
  journal::Position trail = 0;  // that the last line of the audit trail tells of; 0: nothing
};

// To be asked before the journal is read: somebody may be at work. What can not be read says nothing; whoever opens the target, or writes the trail, is told why.
HeardOfJournal hear_of_journal(os::World& world, const Config& config);

// Code::needs_person, naming the journal's folder and what to do, if `state` comes from an older copy; `last` is the journal's last entry. Changes nothing.
Status check_is_no_older_journal(os::World& world, const Config& config, const State& state, journal::Position last, const HeardOfJournal& heard);

}  // namespace rollproof::migrate
