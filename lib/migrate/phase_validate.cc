// Phase 1 (seed 003): look, count, seal. Nothing is written but the journal.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/migrate/inventory.h"
#include "lib/migrate/phases.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

constexpr uint64_t kSpareBytes = 16 << 20;  // journal, audit, room to breathe

// Our own scan of the files, before anything is opened: LevelDB opens damaged databases with status OK.
Status inspect_source(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(const store::Inspection inspection, store::inspect(session.world(), session.config().source));
  Json ordinary = Json::array();
  for (const auto& problem : inspection.problems) {
    if (!problem.ordinary) {
      return fail(Code::corruption, fmt::format("source file {}: {}", problem.file, problem.what), session.config().source.path,
                  "Restore the file from a copy of your own; nothing was changed.");
    }
    ordinary.push_back(problem.file + ": " + problem.what);
  }
  if (!ordinary.empty() && !session.options().accept_ordinary_damage) {
    return fail(Code::refused, fmt::format("the source's last writer did not close it: {}", ordinary[0].get<std::string>()),
                session.config().source.path,
                "Open and close it with your own program, or accept what LevelDB recovers with --yes (the files go into the backup as they are).");
  }
  facts["left_by_last_writer"] = std::move(ordinary);
  return {};
}

Status seal_inventory(Session& session, Json& facts) {
  ROLLPROOF_ASSIGN(const store::Fingerprint fingerprint, store::take_fingerprint(session.world(), session.config().source, nullptr));
  ROLLPROOF_ASSIGN(const store::Mark mark, store::mark_of(session.world(), session.config().source));
  ROLLPROOF_ASSIGN(const Inventory inventory,
                   take_inventory(session.world(), session.config().source, session.config().known_exceptions));
  uint64_t file_bytes = 0;
  for (const auto& file : fingerprint.files) file_bytes += file.size;
  facts["records"] = inventory.records;
  facts["value_bytes"] = inventory.value_bytes;
  facts["file_bytes"] = file_bytes;
  facts["digest"] = inventory.digest.hex();
  facts["spaces"] = inventory.per_space;
  facts["excepted_records"] = inventory.excepted_records;
  facts["account"] = to_json(inventory.account);
  facts["oddities"] = inventory.expected_oddities + inventory.unexpected_oddities;
  facts["oddities_expected"] = inventory.expected_oddities;
  const journal::Position now = session.ledger().last();
  const bool as_left = !session.state().facts.at("validate/inspect").at("left_by_last_writer").empty();
  Json follower{{"position", now}, {"mark", as_left ? store::Mark() : mark}, {"fingerprint", to_json(fingerprint)}};
  // Opening it for writing will mend what its own program left, as that program would.
  if (as_left) follower["as_left"] = true;
  return session.ledger().record({Json{{"type", "seal"}, {"seal", "inventory"}, {"passed", true}, {"position", now}, {"facts", facts}},
                                  Json{{"type", "checkpoint"}, {"source", std::move(follower)}}});
}

// The nearest folder that exists, at or above `path`.
Result<std::string> existing_folder(Session& session, std::string path) {
  for (;;) {
    ROLLPROOF_ASSIGN(const bool there, os::exists(session.world().files, path));
    const std::string parent = os::parent_of(path);
    if (there || parent == path) return path;
    path = parent;
  }
}

Status need_space(Session& session, const std::string& path, uint64_t bytes, const char* purpose) {
  ROLLPROOF_ASSIGN(const std::string folder, existing_folder(session, path));
  ROLLPROOF_ASSIGN(const uint64_t free, session.world().files.free_bytes(folder));
  if (free >= bytes) return {};
  return fail(Code::no_space, fmt::format("{} needs about {} bytes, {} are free", purpose, bytes, free), folder, "Make room there and run the command again.");
}

Status check_readiness(Session& session, Json& facts) {
  const Json& inventory = session.state().seals.at("inventory").facts;
  ROLLPROOF_TRY(check_target_is_free(session.ledger()));
  const uint64_t source_bytes = inventory.at("file_bytes").get<uint64_t>();
  const uint64_t value_bytes = inventory.at("value_bytes").get<uint64_t>();
  ROLLPROOF_TRY(need_space(session, session.config().backups, source_bytes + kSpareBytes, "the backup"));
  // A file is replaced by writing it anew beside the old one.
  ROLLPROOF_TRY(need_space(session, session.config().target.path, 2 * value_bytes + kSpareBytes, "the target"));
  facts["free_space_checked"] = true;
  return {};
}

// Before anything is changed: what the target will be compared with (seed 003, step 1.3).
Status measure_baseline(Session& session, Json& facts) {
  ROLLPROOF_TRY(session.settle_closed());
  ROLLPROOF_TRY(measure_store(session, session.config().source, facts));
  return {};
}

}  // namespace

Result<Performance> measure_store(Session& session, const store::Where& where, Json& facts) {
  const MeasureCounts& counts = session.options().measure;
  ROLLPROOF_ASSIGN(Performance performance, measure(session.world(), where, {.reads = counts.reads,
                                                                             .writes = counts.writes,
                                                                             .queries = counts.queries,
                                                                             .scratch = os::join(session.config().state_directory(), "scratch")}));
  facts["performance"] = to_json(performance);
  return performance;
}

Status judge_performance(const Session& session, const std::vector<std::string>& missed, Json& facts) {
  facts["limits_missed"] = missed;
  if (missed.empty() || !session.config().enforce_performance) return {};
  return fail(Code::refused, fmt::format("slower than allowed: {}", fmt::join(missed, "; ")), session.config().target.path,
              "The source still answers and nothing is lost. Run it again on a quiet machine, go back with `rollproof rollback --execute`, or accept "
              "it with \"enforce_performance\": false.");
}

std::vector<Step> validate_steps() {
  return {
      {"inspect", "scan the files of the source without opening it", inspect_source, {}},
      {"inventory", "count and digest every record, seal the result and the files' fingerprint", seal_inventory, {}},
      {"baseline", "time reads, queries and durable writes of the source for later comparison", measure_baseline, {}},
      {"readiness", "check that the target is empty and that there is room for backup and target", check_readiness, {}},
  };
}

}  // namespace rollproof::migrate
