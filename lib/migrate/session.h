// One changing command at work: ledger and router together, with what the steps of all phases share.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/migrate/ledger.h"
#include "lib/migrate/router.h"

namespace rollproof::migrate {

struct Progress {
  std::string phase;
  std::string step;
  uint64_t records = 0;        // done in this step
  uint64_t records_total = 0;  // 0: not known
};

// How many calls of each kind are timed for the performance baseline and what is compared with it.
struct MeasureCounts {
  uint64_t reads = 200;
  uint64_t writes = 20;
  uint64_t queries = 3;
};

struct SessionOptions {
  LedgerOptions ledger;
  FingerprintCheck check = FingerprintCheck::changed_files;
  uint64_t copy_batch_bytes = 1 << 20;    // of one batch into the target; more is faster and takes more memory
  uint64_t reserve_bytes = 4 << 20;       // kept free for the way back (migration.md, "State")
  int64_t hold_ms_max = 10'000;            // new writes wait no longer than this for the switch of the cutover
  MeasureCounts measure;
  bool take_over_foreign_writes = false;  // of the source, while it answers; otherwise they block (lib/migrate/foreign.h)
  bool accept_ordinary_damage = false;    // what an ordinary crash of the user's own program may have left in the source
  std::function<void(const Progress&)> progress;  // may be empty; called between records, so it must be quick
  std::function<void(const std::string&)> note;   // may be empty; what the user has to know although it stops nothing, one line
  std::function<bool()> cancelled;                // may be empty; asked between batches
};

class Session {
 public:
  // As Ledger::open and Router::open. The stores are opened by need_stores().
  static Result<std::unique_ptr<Session>> open(os::World& world, const std::string& config_path, const SessionOptions& options);
  // For whoever has just read the configuration; it is read again under the lock.
  static Result<std::unique_ptr<Session>> open(os::World& world, const Config& config, const SessionOptions& options);

  os::World& world() { return ledger_->world(); }
  const Config& config() const { return ledger_->config(); }
  const State& state() const { return ledger_->state(); }
  Ledger& ledger() { return *ledger_; }
  const SessionOptions& options() const { return options_; }

  // The router, with the stores open. REQUIRES for the first call in a session: nothing else has the stores open.
  // Opens::what_answers: both if that can be, and the one that answers alone where the other is held by another program, gone, or can not be read or written
  // for a reason of the machine's. Then options().note is told, what it lacks is journaled at the close (State::behind), and close() is no failure for it.
  // Opening both after one alone closes and opens again.
  Result<Router*> need_router(Opens opens = Opens::both);
  Router* router_if_open() { return router_.get(); }  // null while the stores are closed
  // Closes the stores durably, so that files can be copied or read by others; need_router() opens them again.
  Status close_router();
  // What is reached is still there: the stores open, and are closed again. Code::refused as check_source(), of both.
  Status check_reached();
  // Every file of the source is as recorded, or holds the same records (which is then journaled). Code::refused, naming the file and what
  // to type, if it holds others. REQUIRES: no store is open.
  Status check_source();
  // The same for both stores.
  Status check_closed_stores();

  // Both stores closed, as other programs would find them; after an interruption, and where one is behind, they are opened, mended and closed first. With
  // Opens::what_answers the one that answers.
  Status settle_closed(Opens opens = Opens::both);

  // After memory has run out in anything of this session: Code::outcome_unknown, and nothing more is written; `recover` goes on from the disk.
  Status close();

  void report(const Progress& progress) const {
    if (options_.progress) options_.progress(progress);
  }
  void note(const std::string& line) const {
    if (options_.note) options_.note(line);
  }
  // Code::cancelled if a stop was asked for (by the caller, or by `rollproof cancel` through its file). A rollback that was begun, and
  // what follows the commit record of the cutover, is finished: there nothing is cancelled.
  Status check_cancelled();
  // check_cancelled, and Code::stopped while memory is above the configured share of its limit; the same exceptions. Asked where stopping costs nothing:
  // between batches and between steps.
  Status check_safe_point();

 private:
  Session(std::unique_ptr<Ledger> ledger, SessionOptions options) : ledger_(std::move(ledger)), options_(std::move(options)) {}
  Status settle_foreign_work(Error refusal);
  bool goes_back_to_source() const;
  bool has_proven_source() const;  // by the rollback that is at work
  bool must_go_on() const;
  Result<Router*> open_router(Opens opens);
  Result<std::unique_ptr<Router>> open_settling(Opens opens, const std::string& why_alone);
  bool is_done_without(const Error& why);
  void note_behind(const Error& why) const;
  Status close_all();
  std::unique_ptr<Ledger> ledger_;
  SessionOptions options_;
  std::unique_ptr<Router> router_;
  Opens opens_ = Opens::both;
  bool users_write_ = false;  // somebody has asked for what answers, and for no more
};

}  // namespace rollproof::migrate
