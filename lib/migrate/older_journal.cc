#include "lib/migrate/older_journal.h"

#include <fmt/format.h>

#include "lib/incident/audit.h"
#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"
#include "lib/store/store.h"

namespace rollproof::migrate {
namespace {

// Whether the source is as the journal says that we left it. Not known while a session is interrupted: then it is taken for another one.
Result<bool> source_is_as_left(os::World& world, const Config& config, const State& state) {
  const store::Fingerprint& left = state.source_follower.fingerprint;
  if (state.in_session || left.files.empty()) return false;
  const auto found = store::take_fingerprint(world, config.source, &left);
  if (!found && (found.error().code == Code::not_found || found.error().code == Code::corruption)) return false;
  if (!found) return fail(found.error());
  return store::differences(left, *found).empty();
}

}  // namespace

HeardOfJournal hear_of_journal(os::World& world, const Config& config) {
  HeardOfJournal heard;
  if (auto claim = target_claim(world.files, config, "")) heard.claim = std::move(*claim);
  heard.trail = incident::end_of_audit(world.files, os::join(config.state_directory(), kAuditFile)).value_or(0);
  return heard;
}

Status check_is_no_older_journal(os::World& world, const Config& config, const State& state, journal::Position last, const HeardOfJournal& heard) {
  const std::string journal = os::join(config.state_directory(), kJournalDirectory);
  const std::string put_back = "No store was changed. Put the newer journal in the place of this one: without it nobody knows which store holds the newest writes. If it is lost for good, keep copies of both stores and ";
  if (heard.trail > last) {
    return fail(Code::needs_person, fmt::format("the audit trail tells of entry {} of the journal, and the journal ends with entry {}: it is an older copy, or its end is lost", heard.trail, last), journal,
                put_back + fmt::format("move {} away: what the journal does not know counts as another program's then.", os::join(config.state_directory(), kAuditFile)));
  }
  if (!state.active || names_other_stores(config, state)) return {};
  const bool carried = heard.claim.id == state.migration;
  if (carried && heard.claim.known_to > last) {
    return fail(Code::needs_person, fmt::format("the target tells of entry {} of the journal, and the journal ends with entry {}: it is an older copy, or its end is lost", heard.claim.known_to, last), journal,
                put_back + fmt::format("remove {}: what the journal does not know counts as another program's then.", marker_path(config)));
  }
  // A rollback that has removed the target takes the id out of the configuration behind that.
  if (carried || !config.migration_id.empty() || state.target_removed || !state.steps_done.contains("dual-write/claim")) return {};
  ROLLPROOF_ASSIGN(const bool as_left, source_is_as_left(world, config, state));
  if (as_left) return {};  // nothing was written that this journal does not know, whatever became of the configuration and of the target's disk
  return fail(Code::needs_person, fmt::format("migration {} is running, says the journal, and neither the configuration nor the target carries it, and the source is another: the journal is an older copy, from before that migration ended", state.migration), journal,
              fmt::format("No store was changed. If the migration has ended, put the newer journal in the place of this one. If it runs, and the id was taken out of the configuration, write \"migration_id\": \"{}\" into it again.", state.migration));
}

}  // namespace rollproof::migrate
