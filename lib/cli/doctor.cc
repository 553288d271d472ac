#include "lib/cli/doctor.h"

#include <fmt/format.h>

#include "lib/backup/list.h"
#include "lib/backup/verify.h"
#include "lib/cli/reading.h"
#include "lib/incident/audit.h"
#include "lib/migrate/target_claim.h"
#include "lib/migrate/recorded_path.h"
#include "lib/migrate/session.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

constexpr uint64_t kSpareBytes = 64 << 20;
constexpr uint64_t kMemoryBytesMin = 256 << 20;
// Rows of the troubleshooting table (seed 003, appendix C).
constexpr const char* kStalled = "migration stalled";
constexpr const char* kInconsistent = "data inconsistency";
constexpr const char* kSlow = "performance issues";
constexpr const char* kRollback = "rollback needed";

class Examination {
 public:
  Examination(os::World& world, const std::string& config_path, const DoctorOptions& options) : world_(world), config_path_(config_path), options_(options) {}

  Findings run() {
    auto config = migrate::read_config(world_.files, config_path_);
    if (!config) {
      from_error("configuration", config.error(), config_path_);
      add(contradicting_environment(migrate::State{}, options_));
      return std::move(findings_);
    }
    config_ = std::move(*config);
    look_at_the_lock();
    const bool journal_read = look_at_the_journal();
    const migrate::State& state = view_.state;
    add(contradicting_environment(state, options_));
    if (!holder_) {
      // While somebody is at work nothing of this says anything.
      if (journal_read) look_at_operations();
      if (journal_read) look_at_ids();
      // What is left over, and what is needed, only the journal tells.
      if (journal_read) add(leftovers_of_ours(world_, config_, state));
      look_at_stores(journal_read);
      look_at_the_audit();
    }
    add(leftovers_of_the_documents(world_, config_, options_));
    look_at_seals();
    look_at_backups();
    look_at_space();
    return std::move(findings_);
  }

 private:
  void add(Findings more) { findings_.insert(findings_.end(), more.begin(), more.end()); }
  void add(std::string topic, std::string what, std::string where, std::string next) {
    findings_.push_back({std::move(topic), std::move(what), std::move(where), std::move(next)});
  }
  void from_error(const char* topic, const Error& error, const std::string& where) {
    add(topic, error.message, error.path.empty() ? where : error.path, error.hint.empty() ? "Look at what is named here." : error.hint);
  }

  void look_at_the_lock() {
    auto holder = world_.files.lock_holder(os::join(config_.state_directory(), migrate::kLockFile));
    if (!holder) return from_error("lock", holder.error(), config_.state_directory());
    holder_ = std::move(*holder);
    if (holder_) add("lock", "held by " + *holder_, os::join(config_.state_directory(), migrate::kLockFile), "rollproof status --watch, or rollproof cancel --wait 60");
  }

  bool look_at_the_journal() {
    auto view = migrate::view_ledger(world_, config_);
    if (!view) {
      from_error("journal", view.error(), os::join(config_.state_directory(), migrate::kJournalDirectory));
      return false;
    }
    view_ = std::move(*view);
    if (auto kept = migrate::check_trail_has_journal(world_, config_, view_.journal.exists); !kept) {
      from_error("journal", kept.error(), os::join(config_.state_directory(), migrate::kJournalDirectory));
      return false;
    }
    if (holder_ && view_.state.operation && world_.clock.wall_ms() - view_.state.operation->started_ms > options_.stalled_after_ms) {
      add(kStalled, fmt::format("{} {} is at work for more than {} s; a process that was stopped holds its lock", view_.state.operation->kind,
                                view_.state.operation->id, options_.stalled_after_ms / 1000),
          *holder_, "Check disk space and whether the process runs; rollproof cancel --wait 60, then rollproof migrate --execute");
    }
    return true;
  }

  void look_at_operations() {
    const migrate::State& state = view_.state;
    const std::string where = os::join(config_.state_directory(), migrate::kJournalDirectory);
    if (state.operation) {
      add("interrupted", fmt::format("{} {} (to {}) was begun and not ended", state.operation->kind, state.operation->id, state.operation->goal), where, "rollproof recover");
    } else if (view_.journal.exists && (!view_.journal.clean || state.in_session)) {
      add("interrupted", "a command was interrupted while it had the stores open", where, "rollproof recover");
    }
    if (state.behind) add("behind", fmt::format("the {} lacks what was written since it could not be opened ({}); the journal has it", state.behind->store, state.behind->why), (state.behind->store == "source" ? config_.source : config_.target).path, "rollproof recover once it is there again; if it is lost, rollproof rollback --execute");
    if (state.replacement) add("interrupted", "a restored source is not in its place yet", migrate::ready_path(config_), "rollproof recover");
    if (state.safe_stop) {
      const std::string next = state.safe_stop_event.value("next", std::string());
      add("safe stop", state.safe_stop_event.value("message", std::string()), migrate::from_recorded(config_, state.safe_stop_event.value("path", std::string())), next.empty() ? "rollproof rollback --execute" : next);
    }
  }

  void look_at_ids() {
    const migrate::State& state = view_.state;
    if (!state.active) {
      if (view_.ended_id) from_error("id", *view_.ended_id, config_.path);
      return;
    }
    if (view_.ended_id) return from_error("id", *view_.ended_id, config_.path);
    if (const auto other = migrate::names_other_stores(config_, state)) add("configuration", other->message, other->path, other->hint);
    // An operation that is under way takes the ids or gives them back, and its recovery settles them.
    if (state.operation || !state.steps_done.contains("dual-write/claim")) return;
    if (config_.migration_id != state.migration) add("id", fmt::format("the configuration does not carry migration {}", state.migration), config_.path, fmt::format("Put \"migration_id\": \"{}\" back.", state.migration));
    const auto claim = migrate::target_claim(world_.files, config_, state.migration);
    if (!claim) return from_error("id", claim.error(), migrate::marker_path(config_));
    if (claim->by == migrate::TargetClaim::By::another) add("id", fmt::format("the target belongs to another migration, {}", claim->id), migrate::marker_path(config_), "Find out whose target it is; do not go on before.");
    if (claim->by == migrate::TargetClaim::By::nobody) {
      add("id", "the target does not carry the migration's id: its marker is gone or damaged", migrate::marker_path(config_), "The journal knows the target all the same, and a rollback removes it; other migrations do not know whose it is.");
    }
  }

  void look_at_stores(bool journal_read) {
    for (const store::Where& where : {config_.source, config_.target}) {
      const auto there = store::is_there(world_, where);
      if (!there) {
        from_error("store", there.error(), where.path);
        continue;
      }
      if (!*there) {
        if (where == config_.source) add("store", "there is no source", where.path, "Correct \"source\", or rollproof rollback --execute");
        continue;
      }
      const auto inspection = store::inspect(world_, where);
      if (!inspection) {
        from_error("store", inspection.error(), where.path);
        continue;
      }
      for (const auto& problem : inspection->problems) {
        if (problem.ordinary) continue;
        add("damage", problem.what, os::join(where.path, problem.file), view_.state.active ? "rollproof can-rollback" : "rollproof backup list, then rollproof backup restore ID");
      }
    }
    if (journal_read && view_.state.active && view_.journal.clean && !view_.state.in_session) look_for_foreign_writes();
  }

  void look_for_foreign_writes() {
    ReadingWorld reading(world_);
    auto session = migrate::Session::open(reading.world(), config_path_, {});
    if (!session) return from_error("journal", session.error(), config_path_);
    for (const auto& check : {migrate::check_source_untouched, migrate::check_target_untouched}) {
      if (const auto untouched = check((*session)->ledger()); !untouched) from_error("somebody else's writes", untouched.error(), "");
    }
  }

  void look_at_seals() {
    for (const auto& [kind, seal] : view_.state.seals) {
      if (seal.passed || !view_.state.active) continue;
      add(kInconsistent, fmt::format("the {} seal says that records differ", kind), "", "rollproof verify lists them");
      add(kRollback, fmt::format("the {} seal has failed", kind), "", "rollproof can-rollback && rollproof rollback --execute");
    }
  }

  void look_at_backups() {
    const auto listed = backup::list(world_, config_.backups);
    if (!listed) return from_error("backup", listed.error(), config_.backups);
    for (const backup::Listed& item : *listed) {
      const auto report = backup::examine(world_, item.path, backup::Depth::files);
      if (!report) {
        from_error("backup", report.error(), item.path);
      } else if (!report->problems.empty()) {
        const backup::Problem& first = report->problems.front();
        add("backup", fmt::format("damaged: {} {}{}", first.file, first.what, report->problems.size() == 1 ? "" : fmt::format(", and {} more", report->problems.size() - 1)),
            item.path, "rollproof backup verify " + item.id + "; restore from another one, and take a new one");
      }
    }
  }

  void look_at_the_audit() {
    const std::string path = os::join(config_.state_directory(), migrate::kAuditFile);
    const auto there = os::exists(world_.files, path);
    if (!there || !*there) return;
    const auto verdict = incident::verify_audit(world_.files, path);
    if (!verdict) return from_error("audit", verdict.error(), path);
    if (verdict->broken_line) {
      add("audit", fmt::format("line {} breaks the chain: {}", *verdict->broken_line, verdict->why), path, "Keep a copy as evidence; the next changing command renders it anew from the journal.");
    }
  }

  void look_at_space() {
    uint64_t source_bytes = 0;
    if (const auto fingerprint = os::files_below(world_.files, config_.source.path)) {
      for (const std::string& name : *fingerprint) {
        if (const auto info = world_.files.stat(os::join(config_.source.path, name))) source_bytes += info->size;
      }
    }
    const uint64_t wanted = 2 * source_bytes + kSpareBytes;
    const auto free = world_.files.free_bytes(config_.directory);
    if (!free) return from_error("space", free.error(), config_.directory);
    if (view_.state.active && *free < wanted) add(kStalled, fmt::format("{} are free, a backup and a restoration need {}", bytes_text(*free), bytes_text(wanted)), config_.directory, "Make room there, then run the command again.");
    const uint64_t limit = world_.memory.limit_bytes();
    if (limit != 0 && limit < kMemoryBytesMin) add(kSlow, fmt::format("the memory is limited to {}", bytes_text(limit)), "", "Raise the limit: comparisons read the stores more often with less.");
  }

  os::World& world_;
  const std::string& config_path_;
  const DoctorOptions& options_;
  migrate::Config config_;
  migrate::LedgerView view_;
  std::optional<std::string> holder_;
  Findings findings_;
};

}  // namespace

Findings examine_all(os::World& world, const std::string& config_path, const DoctorOptions& options) { return Examination(world, config_path, options).run(); }

}  // namespace rollproof::cli
