// What is looked at for the sixteen lines. Every change that is tried happens in a throw-away view; only the timed writes go to a scratch store
// on the disk, which is removed again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "lib/backup/list.h"
#include "lib/base/digest.h"
#include "lib/base/time_text.h"
#include "lib/journal/changes.h"
#include "lib/migrate/expected.h"
#include "lib/migrate/trial.h"
#include "lib/os/copy_on_write.h"
#include "lib/os/paths.h"
#include "lib/record/space.h"
#include "lib/rollback/processes.h"
#include "lib/rollback/verification.h"

namespace rollproof::rollback {
namespace {

using migrate::Json;

constexpr int kRuns = 5;
constexpr const char* kMissingKey = "56-rollproof-verification-no-such-key";

// The events since the migration began that is looked at, and since its rollback did.
struct Since {
  std::vector<const Json*> migration;
  std::vector<const Json*> rollback;
};

class Measuring {
 public:
  Measuring(os::World& world, std::string config_path, const MeasuringOptions& options) : world_(world), config_path_(std::move(config_path)), options_(options) {}

  Result<Measured> run() {
    ROLLPROOF_ASSIGN(config_, migrate::read_config(world_.files, config_path_));
    // All else is decided under the lock: beside somebody at work a rollback may just not have ended yet.
    if (const auto past = last_rollback(world_, config_); past && !*past) return no_rollback();
    const std::string lock_path = os::join(config_.state_directory(), migrate::kLockFile);
    ROLLPROOF_ASSIGN(const bool lock_was_there, os::exists(world_.files, lock_path));
    ROLLPROOF_ASSIGN(auto lock, world_.files.lock(lock_path, fmt::format("pid {} (rollproof report validation by {}@{})", world_.identity.pid(), world_.identity.user(), world_.identity.host())));
    auto looked = look_at_the_journal();
    if (looked) measure();
    // As at the end of every command: a lock file stays only while a migration runs; where the journal does not tell, it is left as it was found.
    if (looked ? !found_.state.active : !lock_was_there) {
      auto removed = world_.files.remove(lock_path);
      if (removed) removed = world_.files.sync_directory(config_.state_directory());
      if (looked) looked = std::move(removed);
    }
    lock.reset();
    if (!looked) return fail(std::move(looked).error());
    return std::move(found_);
  }

 private:
  void say(const char* what) const {
    if (options_.progress) options_.progress(what);
  }
  std::string in_state(const char* name) const { return os::join(config_.state_directory(), name); }

  tl::unexpected<Error> no_rollback() const { return fail(Code::not_found, "no rollback was ever begun here", config_.path, "`rollproof status` shows where things stand."); }

  Status look_at_the_journal() {
    ROLLPROOF_ASSIGN(view_, migrate::view_ledger(world_, config_));
    ROLLPROOF_ASSIGN(auto past, last_rollback(world_, config_));
    if (!past) return no_rollback();
    if (!past->succeeded) {
      return fail(Code::refused, fmt::format("the last rollback ({}) has {}: there is no result to validate", past->operation_id, past->ended_ms ? "failed" : "not ended"), config_.path,
                  past->ended_ms ? "`rollproof status` says what a person has to do first." : "Run `rollproof recover` first.");
    }
    since_ = events_since();
    const auto later = [](const Json* event, const char* type, const char* operation) {
      return event->value("type", std::string()) == type && (*operation == '\0' || event->value("operation", std::string()) == operation);
    };
    for (const Json* event : since_.rollback) {
      if (!later(event, "migration_begin", "") && !later(event, "operation_begin", "migrate")) continue;
      return fail(Code::refused, "a migration has gone on since the last rollback: its result is not what is there now", config_.path, "`rollproof report incident` tells how it ended; `rollproof status` where things stand.");
    }
    found_.past = std::move(*past);
    found_.state = view_.state;
    found_.journal_clean = view_.journal.clean;
    return {};
  }

  Since events_since() {
    Since since;
    parsed_.clear();
    for (const auto& event : view_.events) {
      parsed_.push_back((event.read ? event.read : incident::read_event(event.json))->document);
    }
    for (const Json& event : parsed_) {
      const std::string type = event.value("type", std::string());
      if (type == "migration_begin") since.migration.clear();
      if (type == "operation_begin" && event.value("operation", std::string()) == "rollback") since.rollback.clear();
      since.migration.push_back(&event);
      since.rollback.push_back(&event);
    }
    return since;
  }

  void measure() {
    found_.now_ms = world_.clock.wall_ms();
    found_.config_sha256 = sha256_hex(config_.sealed_text);
    found_.migration_id = config_.migration_id;
    if (options_.look_around) {
      Surroundings around = options_.look_around(found_.state);
      found_.contradicting = std::move(around.contradicting);
      found_.leftovers = std::move(around.leftovers);
    }
    for (const Json* event : since_.rollback) {
      const std::string type = event->value("type", std::string());
      if (type == "safe_stop") found_.errors_since.push_back("safe stop: " + event->value("message", std::string()));
      if (type == "operation_end" && event->value("result", std::string()) != "success") found_.errors_since.push_back(event->value("error", std::string("an operation failed")));
    }
    find_processes();
    find_written_keys();
    const auto before = store::take_fingerprint(world_, config_.source, nullptr);
    found_.written_since = later_writes(before);
    say("scanning the files of the source");
    found_.inspection = store::inspect(world_, config_.source);
    say("reading every record");
    found_.inventory = migrate::take_inventory(world_, config_.source, config_.known_exceptions);
    say("comparing every record with the best copy");
    found_.held = hold_against();
    say("reading every record singly, trying every operation");
    found_.trial = try_store(world_, config_.source, in_state(migrate::kSpillFile));
    say("opening the backups");
    examine_backups();
    say("trying a missing key and damaged files");
    found_.missing_key = ask_for_a_missing_key();
    found_.damaged_file = damage_a_file();
    say("timing");
    time();
    if (options_.use_at_once) {
      say("using it by several threads at once");
      found_.concurrent_use = in_view<std::string>([&](migrate::Session& session) { return options_.use_at_once(session); });
    }
    const auto after = store::take_fingerprint(world_, config_.source, nullptr);
    found_.source_unchanged = before && after && *before == *after;
  }

  // The rollback has recorded the files that it left. Behind the end of the migration only these tell whether somebody has written.
  std::optional<std::string> later_writes(const Result<store::Fingerprint>& now) const {
    if (found_.state.active) return std::nullopt;
    std::string by;
    bool replaced = false;
    for (const Json* event : since_.rollback) {
      const std::string type = event->value("type", std::string());
      if (type == "operation_end") by.clear();  // what opened the source before that was the rollback
      if (type == "session_begin") by = fmt::format("`{}` at {}", event->value("command", std::string()), time_text(event->value("time_ms", int64_t{0})));
      if (type == "source_replaced") replaced = replaced || found_.past.ended_ms < event->value("time_ms", int64_t{0});
    }
    const std::string since = "the source was written to since the rollback ended";
    if (replaced) return since + " (a backup was put in its place)";
    const std::string last = fmt::format("{} (last by {})", since, by);
    const store::Fingerprint& left = found_.state.source_follower.fingerprint;
    if (left.files.empty()) return by.empty() ? std::nullopt : std::optional(last);
    const auto different = now ? store::differences(left, *now) : std::vector<store::FileDifference>();
    if (different.empty()) return std::nullopt;
    if (!by.empty()) return last;
    return fmt::format("{} (by another program: {} {}{})", since, different.front().name, different.front().what, different.size() == 1 ? "" : fmt::format(", and {} more files", different.size() - 1));
  }

  void find_processes() {
    found_.processes.clear();
    std::set<int64_t> seen;
    for (const Json* event : since_.migration) {
      const auto by = event->find("by");
      if (by == event->end() || !by->is_object()) continue;
      ProcessFound process{by->value("pid", int64_t{0}), by->value("host", std::string()), event->value("time_ms", int64_t{0})};
      if (!seen.insert(process.pid).second) continue;
      if (process.host == world_.identity.host() && process.pid == world_.identity.pid()) continue;  // it is us, and we only look
      if (process.host == world_.identity.host()) process.alive = is_still_there(world_.files, options_.processes, process.pid, process.seen_ms);
      found_.processes.push_back(std::move(process));
    }
  }

  // Only names an example: what can not be read any more is not missed here.
  void find_written_keys() {
    const auto read = journal::read_only(world_.files, in_state(migrate::kJournalDirectory), [&](const journal::Entry& entry) -> Status {
      if (entry.kind != journal::EntryKind::changes || entry.position <= found_.state.begun_at) return {};
      ROLLPROOF_ASSIGN(const record::Batch batch, journal::decode_changes(entry.payload));
      for (const record::Change& change : batch) {
        if (found_.written.size() < kWrittenKept) found_.written.insert(change.key);
      }
      return {};
    });
    if (!read) found_.errors_since.push_back(read.error().to_string());
  }

  template <class T>
  Result<T> in_view(const std::function<Result<T>(migrate::Session&)>& work) {
    os::CopyOnWriteFileSystem files(world_.files, migrate::kTrialMemoryBytes, in_state(migrate::kSpillFile));
    os::World view{files, world_.clock, world_.memory, world_.identity, true};
    ROLLPROOF_ASSIGN(auto session, migrate::Session::open(view, config_path_, {}));
    return work(*session);
  }

  Result<HeldAgainst> hold_against() {
    std::vector<std::string> why_not;
    auto with_copy = in_view<std::optional<HeldAgainst>>([&](migrate::Session& session) -> Result<std::optional<HeldAgainst>> {
      ROLLPROOF_ASSIGN(const auto expected, migrate::Expected::best(session, why_not));
      if (!expected) return std::optional<HeldAgainst>();
      HeldAgainst held{.copy = expected->name()};
      ROLLPROOF_ASSIGN(auto cursor, expected->scan());
      record::Record record;
      for (;;) {
        ROLLPROOF_ASSIGN(const bool more, cursor->next(record));
        if (!more) break;
        ++held.per_space[record::space_of(record.key).name];
      }
      cursor.reset();
      ROLLPROOF_ASSIGN(auto source, store::open_read_only(session.world(), config_.source, {}));
      ROLLPROOF_ASSIGN(held.comparison, record::compare([&] { return expected->scan(); }, [&] { return source->scan(); }));
      return std::optional(std::move(held));
    });
    if (!with_copy) return fail(std::move(with_copy).error());
    if (*with_copy) return **std::move(with_copy);
    const auto sealed = found_.state.seals.find("inventory");
    if (sealed == found_.state.seals.end() || found_.state.last_change != 0 || !found_.inventory) {
      return fail(Code::refused, fmt::format("there is nothing to hold the records against: {}", fmt::join(why_not, "; ")));
    }
    // Before the first backup the seal of validate is what the source has to be; nothing was written since.
    const std::string digest = sealed->second.facts.at("digest").get<std::string>();
    if (digest != found_.inventory->digest.hex()) return fail(Code::differs, fmt::format("the source's digest is {}, validate sealed {}", found_.inventory->digest.hex(), digest), config_.source.path);
    HeldAgainst held{.copy = "the inventory that validate sealed"};
    held.comparison.left = held.comparison.right = found_.inventory->digest;
    for (const auto& [space, count] : sealed->second.facts.at("spaces").items()) held.per_space[space] = count.get<uint64_t>();
    return held;
  }

  void examine_backups() {
    found_.backups.clear();
    const auto listed = backup::list(world_, config_.backups);
    if (!listed) {
      found_.backups.push_back({config_.backups, fail(listed.error())});
      return;
    }
    for (const backup::Listed& item : *listed) found_.backups.push_back({item.path, backup::examine(world_, item.path, backup::Depth::records)});
  }

  Result<std::string> ask_for_a_missing_key() {
    ROLLPROOF_ASSIGN(auto source, store::open_read_only(world_, config_.source, {}));
    ROLLPROOF_ASSIGN(const auto value, source->get(kMissingKey));
    if (value) return fail(Code::differs, fmt::format("{} has a value", kMissingKey), config_.source.path);
    return std::string("a key that is not there is answered as such");
  }

  Result<std::string> damage_a_file() {
    Json facts = Json::object();
    ROLLPROOF_TRY(migrate::try_damaged_file(world_, config_.source, in_state(migrate::kSpillFile), facts));
    const size_t files = facts.contains("damaged_files") ? facts.at("damaged_files").size() : 0;
    return fmt::format("one byte changed in each of {} files of a view was noticed", files);
  }

  void time() {
    const auto baseline = found_.state.facts.find("validate/baseline");
    if (baseline != found_.state.facts.end() && baseline->second.contains("performance")) found_.baseline = migrate::performance_from(baseline->second.at("performance"));
    std::vector<migrate::Performance> runs;
    found_.runs = runs;
    if (!found_.baseline) return;
    for (int n = 0; n < kRuns; ++n) {
      auto run = migrate::measure(world_, config_.source, {.reads = found_.baseline->read.count, .writes = found_.baseline->write.count, .queries = found_.baseline->query.count, .scratch = in_state("scratch")});
      if (!run) {
        found_.runs = fail(std::move(run).error());
        return;
      }
      runs.push_back(*run);
    }
    found_.runs = std::move(runs);
    found_.memory_used = world_.memory.used_bytes();
    found_.memory_limit = config_.memory_limit_bytes != 0 ? config_.memory_limit_bytes : world_.memory.limit_bytes();
  }

  os::World& world_;
  const std::string config_path_;
  const MeasuringOptions& options_;
  migrate::Config config_;
  migrate::LedgerView view_;
  std::vector<Json> parsed_;
  Since since_;
  Measured found_;
};

}  // namespace

Result<Measured> measure_after_rollback(os::World& world, const std::string& config_path, const MeasuringOptions& options) { return Measuring(world, config_path, options).run(); }

}  // namespace rollproof::rollback
