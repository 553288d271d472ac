#include "lib/migrate/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lib/base/digest.h"
#include "lib/base/out_of_memory.h"
#include "lib/base/time_text.h"
#include "lib/incident/audit.h"
#include "lib/incident/notify.h"
#include "lib/journal/changes.h"
#include "lib/journal/scan.h"
#include "lib/migrate/cancel.h"
#include "lib/migrate/events.h"
#include "lib/migrate/older_journal.h"
#include "lib/migrate/target_claim.h"
#include "lib/migrate/trial.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

std::string in_state(const Config& config, const char* name) { return os::join(config.state_directory(), name); }

std::string holder_text(os::World& world, const std::string& command) {
  return fmt::format("pid {} ({} by {}@{}, since {} ms)", world.identity.pid(), command, world.identity.user(), world.identity.host(),
                     world.clock.wall_ms());
}

Result<std::vector<std::string>> temporaries_of(os::FileSystem& files, const Config& config) {
  ROLLPROOF_ASSIGN(std::string of_config, os::temporary_of(files, config.path));
  std::vector<std::string> paths = {std::move(of_config)};
  for (const char* name : {kAuditFile, kNotificationsFile, kCancelFile, kProgressFile}) paths.push_back(in_state(config, name) + ".tmp");
  paths.push_back(in_state(config, kProgressFile));
  paths.push_back(in_state(config, kSpillFile));
  return paths;
}

// `empty`: there is no journal, or nothing is in it.
Error unknown_migration(const Config& config, bool empty) {
  return Error{Code::needs_person, fmt::format("the configuration carries migration {}, but its journal does not know it{}", config.migration_id,
                                               empty ? ": " + journal::segment_name(1) + " is missing" : ""),
               in_state(config, kJournalDirectory),
               "Put the journal folder back from where it went; without it nobody knows which store holds the newest writes."};
}

// Whether the history tells the end of this migration. Asked only of an id that the running migration does not have.
bool has_ended(const std::vector<incident::Event>& events, const std::string& id) {
  incident::ReadEvents reading;
  return std::any_of(events.begin(), events.end(), [&](const incident::Event& event) {
    const auto read = event.read ? event.read : reading.of(event.json);
    return is_end_of(read->document, id);
  });
}

// Of a migration that has ended, which another one may have followed since; nothing for the id of the running one, and for none.
std::optional<Error> ended_id(const Config& config, const State& state, const std::vector<incident::Event>& events) {
  const std::string& id = config.migration_id;
  if (id.empty() || (state.active && id == state.migration)) return std::nullopt;
  if (id != state.migration && !has_ended(events, id)) return std::nullopt;
  return Error{Code::refused, fmt::format("the configuration carries migration {}, which has ended", id), config.path, "Run `rollproof recover`: it takes the id out, and leaves the rest of the file as it is."};
}

// Where a journal says that nothing is under way, and the target carries the id of a migration that it does not know and that began behind its last word, it is
// older than the target: somebody has put it back, and which store holds the newest writes nobody knows. An older id is another folder's.
Status check_target_is_known(os::World& world, const Config& config, const State& state, const std::vector<incident::Event>& events) {
  if (state.active || events.empty()) return {};
  ROLLPROOF_ASSIGN(const TargetClaim claim, target_claim(world.files, config, ""));
  if (claim.by == TargetClaim::By::nobody || has_ended(events, claim.id)) return {};
  const auto last = events.back().read ? events.back().read : incident::read_event(events.back().json);
  const auto time = last->document.is_object() ? last->document.find("time_ms") : last->document.end();
  if (time == last->document.end() || !time->is_number_integer() || claim.id < "mig-" + file_time_text(time->get<int64_t>())) return {};
  return fail(Code::needs_person, fmt::format("the target carries migration {}, and the journal here does not know it", claim.id), marker_path(config),
              "Put the journal folder back that knows it. If it is the migration of another folder, name another target here.");
}

constexpr size_t kReadingsKept = 4096;

// Folds the journal's entries into a state and keeps the control entries, each read once.
class Folding {
 public:
  Folding(State& state, std::vector<incident::Event>& events, incident::ReadEvents& read) : state_(state), events_(events), read_(read) {
    state_ = State{};
    events_.clear();
  }
  Status see(const journal::Entry& entry) {
    if (entry.kind != journal::EntryKind::control) return state_.apply(entry);
    const auto reading = read_.of(entry.payload);
    // Of a long history only the text is kept.
    events_.push_back({entry.position, entry.payload, events_.size() < kReadingsKept ? reading : nullptr});
    return state_.apply(entry.position, reading->document);
  }

 private:
  State& state_;
  std::vector<incident::Event>& events_;
  incident::ReadEvents& read_;
};

}  // namespace

struct Ledger::Renderings {
  std::optional<incident::AuditFile> audit;
  std::optional<incident::NotificationFile> notifications;
};

Ledger::Ledger(os::World& world, Config config, LedgerOptions options)
    : world_(world),
      config_(std::move(config)),
      options_(std::move(options)),
      read_(options_.read ? options_.read : std::make_shared<incident::ReadEvents>()),
      renderings_(std::make_unique<Renderings>()) {}
Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(os::World& world, const Config& config, const LedgerOptions& options) {
  std::unique_ptr<Ledger> ledger(new Ledger(world, config, options));
  const std::string journal_directory = in_state(config, kJournalDirectory);
  ROLLPROOF_ASSIGN(const bool journal_there, os::exists(world.files, journal_directory));
  if (!journal_there && !config.migration_id.empty()) return fail(unknown_migration(config, true));
  ROLLPROOF_TRY(os::make_directories(world.files, config.state_directory()));
  ledger->holder_ = holder_text(world, options.command);
  ROLLPROOF_ASSIGN(ledger->lock_, world.files.lock(in_state(config, kLockFile), ledger->holder_));
  bool segments_there = false;
  ROLLPROOF_ASSIGN(const bool folder_there, os::exists(world.files, journal_directory));
  if (folder_there) {
    ROLLPROOF_ASSIGN(const auto names, world.files.list(journal_directory));
    segments_there = std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(".rpj"); });
  }
  ROLLPROOF_TRY(check_trail_has_journal(world, config, segments_there));
  ROLLPROOF_TRY(check_target_has_journal(world, config, segments_there));
  const HeardOfJournal heard = hear_of_journal(world, config);
  // The configuration may have been read before the lock was ours.
  ROLLPROOF_ASSIGN(ledger->config_, read_config(world.files, config.path));
  ROLLPROOF_TRY(ledger->open_journal(journal_directory));
  ledger->unclean_ = !ledger->journal_->was_clean();
  ledger->interrupted_ = ledger->state_.in_session;
  ledger->found_operation_ = ledger->state_.operation.has_value();
  ledger->target_interrupted_ = ledger->interrupted_ && ledger->state_.target_in_session;
  ROLLPROOF_TRY(check_is_no_older_journal(world, ledger->config_, ledger->state_, ledger->last(), heard));
  if (options.take_out_ended_id) ROLLPROOF_TRY(ledger->take_out_ended_id());
  ROLLPROOF_TRY(ledger->check_identity());
  ROLLPROOF_TRY(ledger->clear_temporaries());
  // An operation that was left open may have failed at the very sync of a name, and its session have been closed in order.
  if (ledger->unclean_ || ledger->state_.operation) ROLLPROOF_TRY(ledger->settle_names());
  return ledger;
}

// What os::replace_file leaves when it is interrupted. The journal clears its own.
Status Ledger::clear_temporaries() {
  ROLLPROOF_ASSIGN(const auto temporaries, temporaries_of(world_.files, config_));
  for (const std::string& path : temporaries) {
    ROLLPROOF_ASSIGN(const bool there, os::exists(world_.files, path));
    if (!there) continue;
    ROLLPROOF_TRY(world_.files.remove(path));
    ROLLPROOF_TRY(world_.files.sync_directory(os::parent_of(path)));
  }
  // A request that was made while we opened is ours already, and one to the process whose operation is still to be carried on stays until that has ended.
  if (found_operation_) return {};
  ROLLPROOF_ASSIGN(const bool ours, cancel_requested());
  if (ours) return {};
  return clear_request();
}

Status Ledger::clear_request() {
  const std::string path = in_state(config_, kCancelFile);
  ROLLPROOF_ASSIGN(const bool there, os::exists(world_.files, path));
  if (!there) return {};
  auto removed = world_.files.remove(path);
  if (!removed && removed.error().code != Code::not_found) return removed;  // who asked may take it back
  return world_.files.sync_directory(config_.state_directory());
}

Result<bool> Ledger::cancel_requested() const {
  if (options_.keeps_request && found_operation_) return os::exists(world_.files, in_state(config_, kCancelFile));
  return is_cancel_requested(world_.files, config_, holder_);
}

Status Ledger::open_journal(const std::string& directory) {
  const auto open = [&] {
    Folding folding(state_, events_, *read_);
    return journal::Journal::open(world_, directory, options_.journal, [&](const journal::Entry& entry) { return folding.see(entry); });
  };
  auto opened = open();
  if (!opened && opened.error().code == Code::no_space) {
    // Recovering an unclean tail takes a new segment. That is what the reserve is for.
    const std::string reserve = in_state(config_, kReserveFile);
    ROLLPROOF_ASSIGN(const bool reserved, os::exists(world_.files, reserve));
    if (!reserved) return fail(std::move(opened).error());
    ROLLPROOF_TRY(world_.files.remove(reserve));
    opened = open();
  }
  ROLLPROOF_ASSIGN(journal_, std::move(opened));
  return {};
}

// What a process that died has left may be seen without being durable: a file that is gone may come back with the next power loss, one
// that is there may vanish. From here on every name that recovery looks at is what it looks like.
Status Ledger::settle_names() {
  for (const std::string& directory : {config_.directory, config_.state_directory(), os::parent_of(config_.backups), config_.backups,
                                       os::parent_of(config_.source.path), config_.source.path, os::parent_of(config_.target.path),
                                       config_.target.path}) {
    ROLLPROOF_ASSIGN(const bool there, os::is_folder(world_.files, directory));
    if (there) ROLLPROOF_TRY(world_.files.sync_directory(directory));
  }
  // A configuration that is a link is replaced where it leads to.
  ROLLPROOF_ASSIGN(const std::string configuration, world_.files.behind_links(config_.path));
  if (configuration == config_.path) return {};
  return world_.files.sync_directory(os::parent_of(configuration));
}

// Its owner has saved what he had read while it ran. The running one gets its own id back, if it had put it there.
Status Ledger::take_out_ended_id() {
  if (!ended_id(config_, state_, events_)) return {};
  const bool claimed = state_.active && state_.steps_done.contains("dual-write/claim");
  ROLLPROOF_TRY(claimed ? write_migration_id(world_.files, config_.path, state_.migration) : remove_migration_id(world_.files, config_.path));
  ROLLPROOF_ASSIGN(config_, read_config(world_.files, config_.path));
  return {};
}

// Without a journal nobody knows which store holds the newest writes, and the target may be the one that answers.
Status check_target_has_journal(os::World& world, const Config& config, bool journal_exists) {
  if (journal_exists) return {};
  ROLLPROOF_ASSIGN(const TargetClaim claim, target_claim(world.files, config, ""));
  if (claim.by == TargetClaim::By::nobody) return {};
  return fail(Code::needs_person, fmt::format("the target carries migration {}, and there is no journal of it here: {} is missing", claim.id, journal::segment_name(1)), marker_path(config),
              "Put the journal folder back from where it went: without it nobody knows which store holds the newest writes. If it is the migration of another folder, name another target here.");
}

Status Ledger::check_identity() const {
  ROLLPROOF_TRY(check_target_is_known(world_, config_, state_, events_));
  if (auto ended = ended_id(config_, state_, events_)) return fail(std::move(*ended));
  if (!config_.migration_id.empty() && config_.migration_id != state_.migration) return fail(unknown_migration(config_, state_.migration.empty()));
  auto other = names_other_stores(config_, state_);
  return other ? Status(fail(std::move(*other))) : Status();
}

std::optional<Error> names_other_stores(const Config& config, const State& state) {
  if (!state.active || (state.source == config.source_text && state.target == config.target_text)) return std::nullopt;
  std::string lines;
  for (const auto& [key, begun_with, now] : {std::tuple{"source", state.source, config.source_text}, std::tuple{"target", state.target, config.target_text}}) {
    if (begun_with != now) lines += fmt::format("{}\"{}\": {}", lines.empty() ? "" : " and ", key, Json(begun_with).dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return Error{Code::refused, fmt::format("migration {} runs from {} to {}, the configuration names other stores", state.migration, state.source, state.target), config.path,
               fmt::format("Nothing was changed. Write {} into it again: then the migration goes on, or back with `rollproof rollback --execute`.", lines)};
}

Status Ledger::begin_session(const SessionBegin& begin) {
  if (session_begun_) return {};
  session_begun_ = true;
  Json event{{"type", "session_begin"}, {"command", options_.command}};
  if (!begin.settled.empty()) event["mark"] = begin.settled;
  if (!begin.opens_target) event["opens"] = "source";
  return record({std::move(event)});
}

Status Ledger::end_session() {
  ROLLPROOF_TRY(record({Json{{"type", "session_end"}}}));
  session_begun_ = false;
  interrupted_ = target_interrupted_ = false;
  return {};
}

Status Ledger::record(std::vector<Json> events) {
  if (abandoned_) return fail(out_of_memory());
  std::vector<journal::NewEntry> entries;
  const int64_t now = world_.clock.wall_ms();
  for (Json& event : events) {
    event["time_ms"] = now;
    if (!event.contains("migration")) event["migration"] = state_.migration;
    // As text: comparing a JSON document with a literal makes another document of it, in a function that may not throw.
    const std::string& type = event.at("type").get_ref<const std::string&>();
    if (type == "session_begin" || type == "operation_begin") {
      event["by"] = Json{{"user", world_.identity.user()}, {"host", world_.identity.host()}, {"pid", world_.identity.pid()}};
    }
    entries.push_back(control(event));
  }
  const std::vector<journal::NewEntry> written = entries;
  ROLLPROOF_ASSIGN(const journal::Position last, journal_->append(std::move(entries)));
  journal::Position position = last - written.size();
  std::vector<incident::Event> rendered;
  for (const journal::NewEntry& entry : written) {
    // Read from its text, so that the state is what a reader of the journal will make of it.
    rendered.push_back({++position, entry.payload, read_->of(entry.payload)});
    ROLLPROOF_TRY(state_.apply(position, rendered.back().read->document));
  }
  if (!renderings_->audit && !events_.empty()) events_.insert(events_.end(), rendered.begin(), rendered.end());
  auto shown = render(rendered);
  if (!shown) {
    // The journal has it. A line that was written in part is not continued: the next rendering compares the whole file with the journal.
    renderings_ = std::make_unique<Renderings>();
    render_failed_ = true;
    events_.clear();
  }
  return shown;
}

Result<journal::Position> Ledger::record_changes(const record::Batch& batch) {
  if (abandoned_) return fail(out_of_memory());
  std::vector<journal::NewEntry> entries;
  entries.push_back({journal::EntryKind::changes, journal::encode_changes(batch)});
  ROLLPROOF_ASSIGN(const journal::Position position, journal_->append(std::move(entries)));
  state_.last_change = position;
  return position;
}

Status Ledger::read_changes(journal::Position after,
                            const std::function<Status(journal::Position, record::Batch)>& visit) const {
  return journal_->read(after, [&](const journal::Entry& entry) -> Status {
    if (entry.kind != journal::EntryKind::changes) return {};
    ROLLPROOF_ASSIGN(record::Batch batch, journal::decode_changes(entry.payload));
    return visit(entry.position, std::move(batch));
  });
}

Status Ledger::read_controls(journal::Position after, const std::function<Status(journal::Position, const Json&)>& visit) const {
  return journal_->read(after, [&](const journal::Entry& entry) -> Status {
    if (entry.kind != journal::EntryKind::control) return {};
    return visit(entry.position, read_->of(entry.payload)->document);
  });
}

Status Ledger::read_events() {
  return journal_->read(0, [&](const journal::Entry& entry) -> Status {
    if (entry.kind == journal::EntryKind::control) events_.push_back({entry.position, entry.payload});
    return {};
  });
}

// Brings audit trail and notifications up to the journal. What is missing, torn or damaged there is rendered anew from it.
Status Ledger::render(const std::vector<incident::Event>& fresh) {
  if (!renderings_->audit) {
    if (events_.empty()) ROLLPROOF_TRY(read_events());
    ROLLPROOF_ASSIGN(renderings_->audit, incident::AuditFile::catch_up(world_.files, in_state(config_, kAuditFile), events_, 0, unclean_));
    ROLLPROOF_ASSIGN(renderings_->notifications,
                     incident::NotificationFile::catch_up(world_.files, in_state(config_, kNotificationsFile), events_, 0, unclean_));
    events_ = {};
    return {};
  }
  ROLLPROOF_TRY(renderings_->audit->append(fresh));
  return renderings_->notifications->append(fresh);
}

Status Ledger::render_if_due() {
  bool due = unclean_ || render_failed_;
  if (!due) {
    ROLLPROOF_ASSIGN(due, renderings_differ(world_, config_, events_));
  }
  return due ? render({}) : Status();
}

Status Ledger::sync_renderings() {
  // A session that recorded nothing may still have to render what the one before it could not, or what was damaged since.
  if (!renderings_->audit) ROLLPROOF_TRY(render_if_due());
  if (renderings_->audit) ROLLPROOF_TRY(renderings_->audit->sync());
  return renderings_->notifications ? renderings_->notifications->sync() : Status();
}

Status Ledger::leave() {
  ROLLPROOF_TRY(sync_renderings());
  lock_.reset();
  return {};
}

Status Ledger::close() {
  ROLLPROOF_TRY(sync_renderings());
  ROLLPROOF_TRY(journal_->close());
  if (state_.active && !state_.operation) ROLLPROOF_TRY(clear_request());
  const std::string progress = in_state(config_, kProgressFile);
  ROLLPROOF_ASSIGN(const bool progress_there, os::exists(world_.files, progress));
  if (progress_there) ROLLPROOF_TRY(world_.files.remove(progress));
  if (!state_.active) {
    const std::string lock_path = in_state(config_, kLockFile);
    ROLLPROOF_TRY(world_.files.remove(lock_path));
    // Nobody finds us any more, and what was asked of us until now is gone for good; a request to whoever comes next is not ours.
    ROLLPROOF_ASSIGN(const bool asked, cancel_requested());
    if (asked) ROLLPROOF_TRY(clear_request());
    ROLLPROOF_TRY(world_.files.sync_directory(config_.state_directory()));
  }
  lock_.reset();
  return {};
}

Result<bool> has_leftovers(os::World& world, const Config& config, const State& state) {
  ROLLPROOF_ASSIGN(std::vector<std::string> paths, temporaries_of(world.files, config));
  paths.push_back(in_state(config, kCancelFile));
  if (!state.active) paths.push_back(in_state(config, kLockFile));
  for (const std::string& path : paths) {
    ROLLPROOF_ASSIGN(const bool there, os::exists(world.files, path));
    if (there) return true;
  }
  auto segments = world.files.list(in_state(config, kJournalDirectory));
  if (!segments) {
    if (segments.error().code == Code::not_found) return false;
    return fail(std::move(segments).error());
  }
  for (const std::string& name : *segments) {
    if (name.ends_with(".tmp")) return true;
  }
  return false;
}

Result<bool> renderings_differ(os::World& world, const Config& config, const std::vector<incident::Event>& events) {
  ROLLPROOF_ASSIGN(const bool trail, incident::AuditFile::is_current(world.files, in_state(config, kAuditFile), events));
  if (!trail) return true;
  ROLLPROOF_ASSIGN(const bool notifications, incident::NotificationFile::is_current(world.files, in_state(config, kNotificationsFile), events));
  return !notifications;
}

Status check_trail_has_journal(os::World& world, const Config& config, bool journal_exists) {
  if (journal_exists) return {};
  const std::string trail = in_state(config, kAuditFile);
  ROLLPROOF_ASSIGN(const bool trail_there, os::exists(world.files, trail));
  if (!trail_there) return {};
  return fail(Code::needs_person, fmt::format("the audit trail tells of a journal, and there is none: {} is missing", journal::segment_name(1)), trail,
              "Bring the journal's folder back from a copy; if nothing is to be kept of it, move the state folder aside. `rollproof report migration --from-audit " + trail + "` tells what was done.");
}

Result<LedgerView> view_ledger(os::World& world, const Config& config, incident::ReadEvents* read) {
  LedgerView view;
  const HeardOfJournal heard = hear_of_journal(world, config);
  incident::ReadEvents own;
  Folding folding(view.state, view.events, read != nullptr ? *read : own);
  ROLLPROOF_ASSIGN(view.journal, journal::read_only(world.files, in_state(config, kJournalDirectory),
                                                    [&](const journal::Entry& entry) { return folding.see(entry); }));
  view.ended_id = ended_id(config, view.state, view.events);
  if (!view.ended_id && !config.migration_id.empty() && config.migration_id != view.state.migration) return fail(unknown_migration(config, !view.journal.exists));
  ROLLPROOF_TRY(check_target_has_journal(world, config, view.journal.exists));
  ROLLPROOF_TRY(check_target_is_known(world, config, view.state, view.events));
  if (view.journal.exists) ROLLPROOF_TRY(check_is_no_older_journal(world, config, view.state, view.journal.last, heard));
  return view;
}

}  // namespace rollproof::migrate
