// The sixteen lines of verification after a rollback (seed 000, "Post-Rollback Verification Checklist"), measured on the real stores now.
// What a line wants is in the table "000, after a rollback" of the design; a line is met only if all of it was looked at and found good.
//
// Measuring and judging are two things: measure_after_rollback() looks and changes nothing, judge() is a pure function of what it found.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/backup/verify.h"
#include "lib/base/result.h"
#include "lib/migrate/inventory.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/performance.h"
#include "lib/record/equivalence.h"
#include "lib/rollback/criteria.h"
#include "lib/rollback/past.h"
#include "lib/rollback/trial.h"

namespace rollproof::rollback {

// The source beside what it has to hold: the records of the best copy with every journaled write on top.
struct HeldAgainst {
  std::string copy;         // "backup …", "the sealed inventory"
  record::Comparison comparison;
  std::map<std::string, uint64_t> per_space;  // that it has to hold
};

// Of a process that worked on this migration.
struct ProcessFound {
  int64_t pid = 0;
  std::string host;
  int64_t seen_ms = 0;      // when the journal heard of it
  std::optional<bool> alive;  // nothing: nobody can tell from here
};

inline constexpr size_t kWrittenKept = 10'000;

struct BackupFound {
  std::string path;
  Result<backup::Report> report;
};

struct Measured {
  int64_t now_ms = 0;
  Past past;
  migrate::State state;
  bool journal_clean = false;
  std::vector<std::string> errors_since;   // of the journal, since the rollback began to verify
  std::string config_sha256;               // of the text without a migration's id
  std::string migration_id;                // that the configuration carries
  std::vector<ProcessFound> processes;
  std::set<std::string> written;           // keys that were written through the route since the migration began, at most kWrittenKept
  std::optional<std::vector<std::string>> contradicting;  // variables; nothing: nobody looked
  std::optional<std::vector<std::string>> leftovers;      // files; nothing: nobody looked
  Result<store::Inspection> inspection;
  Result<migrate::Inventory> inventory;
  Result<Trial> trial;
  // Why what the rollback has left can not be told from what was written since: writes behind the end of a migration are in no journal. Nothing: the
  // source's files are as the rollback left them, or a migration is active and journals every write.
  std::optional<std::string> written_since;
  Result<HeldAgainst> held;                // an error: there is nothing to hold it against, or the comparison did not come to its end
  std::vector<BackupFound> backups;
  std::optional<migrate::Performance> baseline;
  Result<std::vector<migrate::Performance>> runs;
  uint64_t memory_used = 0, memory_limit = 0;  // of this process; limit 0: none
  Result<std::string> missing_key;         // evidence
  Result<std::string> damaged_file;
  std::optional<Result<std::string>> concurrent_use;  // nothing: nobody tried
  bool source_unchanged = false;           // by all this looking
};

// What only the caller knows how to look for; nothing: nobody looked.
struct Surroundings {
  std::optional<std::vector<std::string>> contradicting;
  std::optional<std::vector<std::string>> leftovers;
};

struct MeasuringOptions {
  // Called once, while the lock is held (whose file is then no leftover). Empty: nobody looks.
  std::function<Surroundings(const migrate::State& state)> look_around;
  std::string processes = "/proc";
  // Uses a throw-away view of the stores by several threads at once; the evidence in words. Empty: not tried.
  std::function<Result<std::string>(migrate::Session& session)> use_at_once;
  std::function<void(const std::string& what)> progress;  // may be empty
};

// Holds the lock meanwhile, so that nobody writes; the files of both stores stay as they are. Code::not_found if there was no rollback,
// Code::refused if the last one has not ended with success, Code::locked if somebody is at work. Trouble with one thing is in its field.
Result<Measured> measure_after_rollback(os::World& world, const std::string& config_path, const MeasuringOptions& options);

struct VerificationLine {
  std::string_view part;   // "System health"
  std::string_view text;   // "Processes stopped"
  Verdict verdict = Verdict::not_measured;
  std::string evidence;
};

// Always all sixteen, in the order of the document.
std::vector<VerificationLine> judge(const Measured& measured);

// The four parts of it, four lines each.
std::vector<VerificationLine> judge_health(const Measured& measured);
std::vector<VerificationLine> judge_data(const Measured& measured);
std::vector<VerificationLine> judge_function(const Measured& measured);
std::vector<VerificationLine> judge_speed(const Measured& measured);

// A look that failed: not met if the store is what it says is wrong, not measured if it is the machine.
VerificationLine line_of(std::string_view part, std::string_view text, const Error& error);

}  // namespace rollproof::rollback
