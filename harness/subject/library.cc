#include "harness/subject/library.h"

#include <fmt/format.h>

#include "harness/check/reading.h"
#include "harness/sim/allocations.h"
#include "harness/subject/foreign.h"
#include "lib/backup/list.h"
#include "lib/base/digest.h"
#include "lib/base/out_of_memory.h"
#include "lib/journal/journal.h"
#include "lib/migrate/ledger.h"
#include "lib/migrate/manual_backup.h"
#include "lib/migrate/migrate.h"
#include "lib/os/paths.h"
#include "lib/rollback/recover.h"
#include "lib/rollback/restore_backup.h"
#include "lib/rollback/rollback.h"

namespace rollproof::subject {
namespace {

class Run {
 public:
  Run(sim::SimDisk& disk, sim::SimWorld& world, const LibraryOptions& options, WriteLog& log)
      : disk_(disk), world_(world), options_(options), log_(log) {}

  Status command(const Command& command) {
    disk_.set_context("open");
    if (command.kind == Command::Kind::recover) return recover();
    if (command.kind == Command::Kind::damage) return damage(command.argument);
    if (command.kind == Command::Kind::foreign) return foreign(command);
    auto options = session_options(command.writes_inside);
    // As the command line does.
    options.take_over_foreign_writes = command.yes && (command.kind == Command::Kind::rollback || command.argument == "dual-write" || command.argument == "copy");
    const sim::CountedAllocations counted;
    auto opened = migrate::Session::open(world_.world, options_.places.config, options);
    if (!opened) return fail(std::move(opened).error());
    session_ = opened->get();
    epoch_ = session_->state().epoch;
    auto outcome = in_session(command);
    set_context("close");
    auto closed = session_->close();
    session_ = nullptr;
    return outcome ? closed : outcome;
  }

  std::string damaged;  // by the last command, if it was damage

 private:
  migrate::SessionOptions session_options(uint64_t writes_inside) {
    migrate::SessionOptions options;
    options.ledger.journal.segment_bytes = options_.segment_bytes;
    options.ledger.command = "drill";
    options.ledger.read = options_.read;
    options.check = migrate::FingerprintCheck::everything;
    options.copy_batch_bytes = options_.copy_batch_bytes;
    options.accept_ordinary_damage = options_.accept_ordinary_damage;
    options.reserve_bytes = 96 << 10;  // in proportion to the segments, as the command line has it
    options.hold_ms_max = options_.hold_ms_max;
    options.measure = {.reads = 1, .writes = 1, .queries = 1};
    writes_left_ = writes_inside;
    options.progress = [this](const migrate::Progress& progress) { on_progress(progress); };
    return options;
  }

  // A user's write while the migration is at work. Only where a step reports from inside: the router is open then.
  void on_progress(const migrate::Progress& progress) {
    const sim::UncountedAllocations ours;
    log_.hold_began_ms.reset();
    if (progress.step == "hold") {  // a moment within the step that is at work
      log_.hold_began_ms = world_.clock.passed_ms();
      return;
    }
    const std::string step = progress.phase + "/" + progress.step;
    disk_.set_context(step);
    if (log_.steps.empty() || log_.steps.back().first != step) log_.steps.emplace_back(step, world_.clock.passed_ms());
    old_writer();
    if (session_ == nullptr || writes_left_ == 0 || progress.records == 0) return;
    --writes_left_;
    auto router = session_->need_router();
    if (!router) return;
    const uint64_t n = log_.writes.size();
    const std::string key = n % 3 == 2 ? options_.keys.existing : fmt::format("{}{}", options_.keys.inside, n % 2);
    disk_.set_context("write");
    (void)write(**router, {{record::Change::Kind::put, key, generated_value(options_.seed, key, n, 90)}});
    disk_.set_context(progress.phase + "/" + progress.step);
  }

  // A writer of the user's program that has not looked at the route since the command began.
  void old_writer() {
    if (session_ == nullptr || session_->router_if_open() == nullptr || session_->state().epoch == epoch_) return;
    const uint64_t now = disk_.operations();
    log_.old_writer_points.push_back(now);
    if (log_.old_writer || log_.old_writer_at != now) return;
    const auto outcome = session_->router_if_open()->write({{record::Change::Kind::put, "56-OldRoute", "{}"}}, epoch_);
    log_.old_writer = check::Answer{.ok = outcome.has_value()};
    if (!outcome) log_.old_writer = check::Answer{false, outcome.error().code, outcome.error().message, outcome.error().path};
    log_.old_writer_changes = disk_.operations() - now;
  }

  Status in_session(const Command& command) {
    switch (command.kind) {
      case Command::Kind::migrate: return migrate::migrate(*session_, {*migrate::phase_named(command.argument), "drill"});
      case Command::Kind::rollback: {
        rollback::RollbackOptions options{.reason = command.bytes == 0 ? "drill" : std::string(command.bytes, 'r')};
        if (command.argument != "source") options.to = migrate::phase_named(command.argument);
        return rollback::rollback(*session_, options);
      }
      case Command::Kind::backup: {
        ROLLPROOF_ASSIGN(const auto made, migrate::create_backup(*session_));
        return {};
      }
      case Command::Kind::restore: return restore();
      default: break;
    }
    ROLLPROOF_ASSIGN(migrate::Router * router, session_->need_router(migrate::Opens::what_answers));
    set_context("write");
    return write(*router, batch_of(command));
  }

  // As a person does who takes the first that `backup list` names.
  Status restore() {
    ROLLPROOF_ASSIGN(const auto listed, within_memory([&] { return backup::list(world_.world, session_->config().backups); }));
    if (listed.empty()) return fail(Code::not_found, "there is no backup", session_->config().backups);
    ROLLPROOF_ASSIGN(const rollback::Exchange exchange, rollback::plan_exchange(*session_, listed.front().path));
    return rollback::exchange_source(*session_, exchange);
  }

  record::Batch batch_of(const Command& command) const {
    const sim::UncountedAllocations ours;
    const uint64_t n = log_.writes.size();
    if (command.kind == Command::Kind::remove) return {{record::Change::Kind::remove, command.argument, ""}};
    if (command.kind == Command::Kind::put || command.kind == Command::Kind::put_text) {
      std::string value = generated_value(options_.seed, command.argument, n, command.bytes);
      if (command.kind == Command::Kind::put_text) value.front() = '(';  // and no JSON begins so
      return {{record::Change::Kind::put, command.argument, std::move(value)}};
    }
    record::Batch batch;
    for (uint64_t i = 0; i < command.count; ++i) {
      const std::string key = fmt::format("{}{}", options_.keys.batch[i % options_.keys.batch.size()], i);
      batch.push_back({record::Change::Kind::put, key, generated_value(options_.seed, key, n + i, command.bytes)});
    }
    return batch;
  }

  void set_context(const char* label) {
    const sim::UncountedAllocations ours;
    disk_.set_context(label);
  }

  Status write(migrate::Router& router, const record::Batch& batch) {
    const sim::UncountedAllocations ours;
    const size_t first = log_.writes.size();
    const uint64_t number = first;
    for (const record::Change& change : batch) {
      const bool put = change.kind == record::Change::Kind::put;
      log_.writes.push_back({{change.key, put ? std::optional(change.value) : std::nullopt, number, false}, disk_.operations(), kNever});
    }
    auto outcome = [&] {
      const sim::CountedAllocations counted;
      return router.write(batch);
    }();
    if (!outcome) return outcome;
    for (size_t i = first; i < log_.writes.size(); ++i) {
      log_.writes[i].acknowledged_at = disk_.operations();
      log_.writes[i].write.acknowledged = true;
    }
    return outcome;
  }

  // The disk's doing, as far as the library can tell: durable at once, and no process of ours was at work.
  Status damage(const std::string& what) {
    const check::Places& places = options_.places;
    ROLLPROOF_ASSIGN(damaged, damage_largest_file(disk_, what == "source" ? places.source : what == "target" ? places.target : places.backups));
    return {};
  }

  // It closes what it opened: there is nothing of it in flight.
  Status foreign(const Command& command) {
    const check::Places& places = options_.places;
    const bool source = command.store == "source";
    const uint64_t number = log_.writes.size();
    const auto value = command.bytes == 0 ? std::nullopt : std::optional(generated_value(options_.seed, command.argument, number, command.bytes));
    log_.writes.push_back({{command.argument, value, number, false, command.store, last_position()}, disk_.operations(), kNever});
    ROLLPROOF_TRY(foreign_change(world_.world, {source ? places.source_kind : places.target_kind, source ? places.source : places.target}, command.argument, value));
    log_.writes[number].acknowledged_at = disk_.operations();
    log_.writes[number].write.acknowledged = true;
    return {};
  }

  // Of the journal, as somebody sees it who only looks: its trail is written behind it.
  uint64_t last_position() const {
    sim::SimDisk seen(disk_.now());
    seen.record_calls(false);
    const auto journal = journal::read_only(seen, os::join(options_.places.state, migrate::kJournalDirectory), [](const journal::Entry&) { return Status(); });
    return std::max<uint64_t>(check::last_position(disk_.now(), options_.places), journal ? journal->last : 0);
  }

  Status recover() {
    const auto options = session_options(0);
    const sim::CountedAllocations counted;
    auto recovered = rollback::recover(world_.world, options_.places.config, options);
    if (!recovered) return fail(std::move(recovered).error());
    return {};
  }

  sim::SimDisk& disk_;
  sim::SimWorld& world_;
  const LibraryOptions& options_;
  WriteLog& log_;
  migrate::Session* session_ = nullptr;
  uint64_t writes_left_ = 0;
  uint64_t epoch_ = 0;  // of the route when the command began
};

}  // namespace

Result<std::string> damage_largest_file(os::FileSystem& files, const std::string& folder) {
  ROLLPROOF_ASSIGN(const auto names, os::files_below(files, folder));
  std::string largest;
  uint64_t size = 0;
  for (const std::string& name : names) {
    ROLLPROOF_ASSIGN(const os::Info info, files.stat(os::join(folder, name)));
    if (info.size <= size || os::name_of_path(name).starts_with("LOG")) continue;
    largest = os::join(folder, name);
    size = info.size;
  }
  if (largest.empty()) return fail(Code::not_found, "there is nothing to damage", folder);
  ROLLPROOF_ASSIGN(auto file, files.open_write(largest));
  char byte = 0;
  ROLLPROOF_TRY(file->read_at(size / 2, std::span(&byte, 1)));
  byte = static_cast<char>(byte ^ 1);
  ROLLPROOF_TRY(file->write_at(size / 2, std::string_view(&byte, 1)));
  ROLLPROOF_TRY(file->sync());
  return largest;
}

std::string generated_value(uint64_t seed, std::string_view key, uint64_t n, uint64_t bytes) {
  std::string name(key);
  for (char& c : name) c = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
  std::string text = fmt::format(R"({{"name":"{}","n":{},"fill":")", name, n);
  uint64_t state = seed * 0x9e3779b97f4a7c15ull + n;
  while (text.size() + 2 < bytes) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    text += static_cast<char>('a' + (state >> 33) % 26);
  }
  return text + "\"}";
}

std::string wrong_with_answer(const Command& command, const check::Answer& answer) {
  if (!command.refused) return answer.ok ? "" : fmt::format("answered {}: {}", name_of(answer.code), answer.message);
  if (answer.ok) return "was not refused";
  const bool refused = answer.code == Code::refused || answer.code == Code::differs || answer.code == Code::needs_person;
  return refused ? "" : fmt::format("was refused for another reason, {}: {}", name_of(answer.code), answer.message);
}

check::Answer run(sim::SimDisk& disk, sim::SimWorld& world, const LibraryOptions& options, const Command& command, WriteLog& log) {
  log.commands.push_back({command, disk.operations(), kNever, {}, world.clock.on_the_wall_ms()});
  log.steps.clear();
  Run at_work(disk, world, options, log);
  const Status outcome = at_work.command(command);
  LoggedCommand& logged = log.commands.back();
  logged.ended_at = disk.operations();
  logged.answer.ok = outcome.has_value();
  logged.answer.path = at_work.damaged;
  if (!outcome) logged.answer = {false, outcome.error().code, outcome.error().message, outcome.error().path};
  return logged.answer;
}

}  // namespace rollproof::subject
