// The simulated disk: a file system in memory that behaves like POSIX while the machine runs, records what was done to it, and
// lets a hook break any call. What survives a power loss is worked out from the trace (harness/sim/crash.h).
//
// One thread. A disk may be used by several simulated processes in turn: kill_process() ends the present one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/sim/operation.h"
#include "lib/os/file_system.h"

namespace rollproof::sim {

// Thrown out of a call in which the process dies. Nothing that runs while it is unwound reaches the disk any more.
struct ProcessDied {
  uint64_t ordinal = 0;       // of the changing operation in flight, or the number done before a call that changes nothing
  uint64_t call_ordinal = 0;
};

// One thing that goes wrong in one call. Without a member set: the call fails with `code` and nothing has happened.
struct InjectedError {
  enum class Effect { none, part, whole };
  enum class Death {
    lives,
    throws,   // ProcessDied comes out of the call
    freezes,  // the call and all later ones of this process return errors: for code that no exception may pass through
  };

  Code code = Code::io;
  std::string message = "injected";
  Effect effect = Effect::none;  // what has happened although an error is reported; with Death: before dying
  uint64_t bytes = 0;            // with Effect::part: the first so many bytes of a write
  Death death = Death::lives;
  // Of a sync that fails: the dirty pages count as clean from now on; they stay readable until power is lost, and a later
  // sync succeeds without writing them.
  bool lose_pages = false;
  // Instead of an error: the call succeeds, but what was read has gone through `tamper`, or the write has landed elsewhere.
  std::function<void(uint64_t offset, std::span<char> bytes)> tamper;
  std::optional<uint64_t> misdirected_to;
};

class SimDisk final : public os::FileSystem {
 public:
  using FaultHook = std::function<std::optional<InjectedError>(const Operation&)>;

  // Starts with all of `start` durable. Constant time: nothing is copied before it is used.
  explicit SimDisk(Image start = {});
  ~SimDisk() override;
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // The disk as the next process finds it when the one that made `trace` died after its first k operations while the machine
  // lived: same content, and what was not synced then still is not. Its trace begins with those k operations.
  // REQUIRES: k <= trace.size().
  static std::unique_ptr<SimDisk> after_process_death(const Trace& trace, uint64_t k);
  std::unique_ptr<SimDisk> after_process_death(uint64_t k) const { return after_process_death(trace_, k); }

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<os::File>> create(const std::string& path) override;
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<os::Info> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<uint64_t> free_bytes(const std::string& path) override;
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string& holder) override;
  // No call of its own for the trace: no fault meets it.
  Result<std::optional<std::string>> lock_holder(const std::string& path) override;

  // Asked before every call, in it once. The hook may use the disk itself (a second actor); those calls are recorded, but not
  // offered to the hook.
  void set_fault_hook(FaultHook hook) { hook_ = std::move(hook); }
  uint64_t hook_fired() const { return fired_; }  // how often the hook made something go wrong: the proof

  void set_context(std::string_view label);
  void mark(std::string text) { trace_.marks.push_back(Mark{trace_.size(), std::move(text)}); }
  // Off: only changing operations are recorded. On by default.
  void record_calls(bool on) { record_calls_ = on; }
  // Growth of files uses it up, shrinking and removing give back. Without a call there is no end.
  void limit_free_bytes(uint64_t bytes) { free_ = least_free_ = bytes; }
  void lift_limit() { free_.reset(); }
  uint64_t least_free() const { return least_free_; }      // since then
  uint64_t limit_met() const { return limit_met_; }  // how often something was to grow, or somebody looked, since there is a limit: the proof that it was there

  // Another program locks the file at `path`, which is there, and keeps it so whoever of ours comes and goes.
  void lock_for_others(const std::string& path);
  void unlock_for_others() { locked_by_others_ = nothing; }
  uint64_t others_met() const { return others_met_; }  // how often that kept somebody out, or was seen: the proof

  // The present process is gone: its locks are free, its handles answer with errors. What it wrote stays as it is.
  void kill_process();
  bool process_alive() const { return process_->alive; }

  const Trace& trace() const { return trace_; }
  uint64_t operations() const { return trace_.size(); }
  uint64_t calls() const { return calls_; }
  // What a process sees now; after a clean shutdown also what the disk holds.
  Image now() const;

 private:
  friend class SimFile;
  friend class SimLock;

  struct Process {
    bool alive = true;
    std::map<uint32_t, std::string> locks;  // by file: the holder's text
  };
  struct Slot {
    NamePtr name;
    NodePtr node;  // until the file is used for the first time
    uint32_t id = nothing;
  };
  struct Inode {
    bool directory = false;
    bool own = false;  // content or slots are here; otherwise they are still those of `node`
    uint32_t parent = nothing;
    NodePtr node;
    Content content;
    std::vector<Slot> slots;
  };
  // Where a path leads: `id` if it exists, otherwise the directory in which it could be made.
  struct Place {
    int error = 0;
    uint32_t directory = nothing;
    uint32_t id = nothing;
    std::string_view name;
    NamePtr slot_name;
  };

  struct ForReplay {};
  SimDisk(const Trace& trace, uint64_t k, ForReplay);

  Place find(std::string_view path);
  bool is_locked_by_others(uint32_t file);  // counted
  uint32_t directory_of(std::string_view path, int& error);
  uint32_t use(uint32_t directory, Slot& slot);
  uint32_t born(Birth birth);
  Inode& own(uint32_t id);
  const Content& content_of(uint32_t id) const;
  Slot* slot_of(uint32_t directory, std::string_view name);
  bool is_inside(uint32_t directory, uint32_t of) const;
  void set_slot(uint32_t directory, const NamePtr& name, uint32_t id);
  void drop_slot(uint32_t directory, const NamePtr& name);
  NodePtr node_of(uint32_t id) const;

  // Resolves, asks the hook, takes effect and records. `resolve` fills in the identities and says why the call must fail.
  template <class Resolve>
  Status run(Operation& operation, Resolve&& resolve, InjectedError* softened = nullptr);
  Status inject(Operation& operation, InjectedError& error, const Status& natural, InjectedError* softened);
  void take(Operation& operation);
  void record(const Operation& operation);
  void apply(const Operation& operation);
  void account(uint64_t before, uint64_t after);

  Result<std::unique_ptr<os::File>> open(const std::string& path, bool writable, Call call, const char* what);
  Result<std::unique_ptr<os::File>> create_file(const std::string& path, bool must_be_new);
  Status resolve_rename(Operation& operation);

  Trace trace_;
  std::vector<Inode> inodes_;
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> directories_;  // by path, as callers spell it
  std::shared_ptr<Process> process_ = std::make_shared<Process>();
  FaultHook hook_;
  TextPtr context_;
  std::optional<uint64_t> free_;
  uint32_t locked_by_others_ = nothing;
  uint64_t others_met_ = 0;
  uint64_t least_free_ = 0;
  uint64_t limit_met_ = 0;
  uint64_t fired_ = 0;
  uint64_t calls_ = 0;
  uint64_t changes_ = 0;
  bool in_hook_ = false;
  bool record_calls_ = true;
};

}  // namespace rollproof::sim
