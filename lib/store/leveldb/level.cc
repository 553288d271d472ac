#include "lib/store/leveldb/level.h"

#include <fmt/format.h>
#include <leveldb/iterator.h>
#include <leveldb/write_batch.h>

#include <algorithm>

#include "lib/os/copy_on_write.h"
#include "lib/os/paths.h"
#include "lib/store/leveldb/boundary.h"
#include "lib/store/leveldb/database.h"
#include "lib/store/leveldb/file_names.h"
#include "lib/store/leveldb/mend.h"
#include "lib/store/leveldb/scan.h"

namespace rollproof::store::level {

namespace {

// More than what LevelDB's memory table adds to a key and a value.
constexpr size_t kEntryOverheadBytes = 160;

class LevelCursor final : public record::Cursor {
 public:
  LevelCursor(std::shared_ptr<Database> database, std::unique_ptr<leveldb::Iterator> iterator)
      : database_(std::move(database)), iterator_(std::move(iterator)) {}

  Result<bool> next(record::Record& out) override {
    if (error_) return fail(*error_);
    if (ended_) return false;
    inside_leveldb([&] { started_ ? iterator_->Next() : iterator_->SeekToFirst(); });
    started_ = true;
    // LevelDB skips what it can not read and goes on with what lies behind or below it: an older value, a record that was deleted. So
    // nothing is delivered behind the first trouble.
    const leveldb::Status status = inside_leveldb([&] { return iterator_->status(); });
    if (status.ok() && iterator_->Valid()) {
      out.key.assign(iterator_->key().data(), iterator_->key().size());
      out.value.assign(iterator_->value().data(), iterator_->value().size());
      ++count_;
      return true;
    }
    if (!status.ok()) {
      error_ = database_->error_of(status);
      error_->message = fmt::format("scan broke, {} records delivered: {}", count_, error_->message);
      return fail(*error_);
    }
    ended_ = true;
    return false;
  }

 private:
  std::shared_ptr<Database> database_;
  std::unique_ptr<leveldb::Iterator> iterator_;  // goes before the database
  uint64_t count_ = 0;
  bool started_ = false;
  bool ended_ = false;
  std::optional<Error> error_;
};

class LevelStore final : public Store {
 public:
  LevelStore(os::FileSystem& files, std::shared_ptr<Database> database, bool read_only, const Tuning& tuning)
      : files_(files),
        database_(std::move(database)),
        read_only_(read_only),
        behind_bytes_max_(std::max<size_t>(tuning.write_buffer_bytes, 64 * 1024) / 4) {}

  Result<std::optional<std::string>> get(std::string_view key) override {
    ROLLPROOF_TRY(ready());
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    std::string value;
    const leveldb::Status status = inside_leveldb([&] { return database_->db().Get(options, leveldb::Slice(key.data(), key.size()), &value); });
    if (status.IsNotFound()) return std::optional<std::string>{};
    if (!status.ok()) return fail(database_->error_of(status));
    return std::optional<std::string>(std::move(value));
  }

  Result<std::unique_ptr<record::Cursor>> scan() override {
    ROLLPROOF_TRY(ready());
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    std::unique_ptr<leveldb::Iterator> iterator(inside_leveldb([&] { return database_->db().NewIterator(options); }));
    std::unique_ptr<record::Cursor> cursor = std::make_unique<LevelCursor>(database_, std::move(iterator));
    return cursor;
  }

  Status apply(const record::Batch& batch) override {
    ROLLPROOF_TRY(ready());
    if (read_only_) return refuse_write();
    size_t bytes = 0;
    for (const record::Change& change : batch) bytes += change.key.size() + change.value.size() + kEntryOverheadBytes;
    let_background_work_run(bytes);
    leveldb::WriteBatch writes;
    for (const record::Change& change : batch) {
      if (change.kind == record::Change::Kind::put) {
        writes.Put(change.key, change.value);
      } else {
        writes.Delete(change.key);
      }
    }
    return write(&writes, false);
  }

  Result<Mark> checkpoint() override {
    ROLLPROOF_TRY(ready());
    if (read_only_) return refuse_write();
    // What was moved aside before this point is not needed after it; what a compaction moves aside meanwhile stays for the next one.
    ROLLPROOF_ASSIGN(const auto obsolete, obsolete_files());
    // With the mends of DoorEnv one synced batch, even an empty one, makes everything before it durable.
    let_background_work_run(0);
    leveldb::WriteBatch nothing;
    ROLLPROOF_TRY(write(&nothing, true));
    Mark mark = database_->env().describe_durable();
    for (const std::string& path : obsolete) ROLLPROOF_TRY(sticky(files_.remove(path)));
    return mark;
  }

  Result<Mark> close() override {
    ROLLPROOF_TRY(ready());
    if (database_.use_count() > 1) return fail(Code::internal, "closed while a cursor is open", database_->path());
    if (read_only_) {
      database_.reset();
      return Mark{};
    }
    // A compaction that LevelDB breaks off at its end would leave tables that nothing refers to.
    database_->env().drain();
    ROLLPROOF_TRY(checkpoint());
    database_->env().drain();
    const Mark mark = database_->env().describe_durable();
    const std::string path = database_->path();
    Status ended = database_->end();
    // The folder goes only with everything known to be durable.
    if (ended) ended = os::remove_tree(files_, os::join(path, kObsoleteFolder));
    if (ended) ended = remove_unreferenced(path);
    if (ended) ended = files_.sync_directory(path);
    database_.reset();
    if (!ended) return fail(ended.error());
    return mark;
  }

  std::string why_not_representable(const record::Record&) const override { return {}; }

 private:
  // Queued work runs as late as is safe, so that in a drill a log that was rotated away is not at once in a table, as little as it is
  // with a thread. It must have run before a second rotation, for which LevelDB would wait: at most one rotation can come
  // within a quarter of the write buffer, if a batch that is larger than that comes alone.
  void let_background_work_run(size_t bytes) {
    behind_bytes_ += bytes;
    if (behind_bytes_ < behind_bytes_max_) return;
    database_->env().run_pending();
    behind_bytes_ = bytes;
  }

  // What a cursor was reading while a compaction replaced it stays behind: LevelDB looks for such tables at the next open only, and a
  // reader would take them for the traces of a crash.
  Status remove_unreferenced(const std::string& path) {
    ROLLPROOF_ASSIGN(const std::vector<std::string> names, unreferenced(path));
    if (names.empty()) return {};
    // A manifest that was read wrong once refers to too little: only what two looks agree on goes.
    ROLLPROOF_ASSIGN(const std::vector<std::string> again, unreferenced(path));
    for (const std::string& name : names) {
      if (std::find(again.begin(), again.end(), name) != again.end()) ROLLPROOF_TRY(files_.remove(os::join(path, name)));
    }
    return {};
  }

  Result<std::vector<std::string>> unreferenced(const std::string& path) {
    ROLLPROOF_ASSIGN(const Scan found, level::scan(files_, path));
    std::vector<std::string> names;
    for (const Finding& finding : found.findings) {
      if (finding.trouble == Trouble::unreferenced) names.push_back(finding.file);
    }
    return names;
  }

  // Whether the store may still answer.
  Status ready() {
    if (!database_) return fail(Code::internal, "the store is closed");
    if (failure_) return fail(*failure_);
    if (read_only_) return {};
    if (auto failure = database_->env().failure()) return sticky(fail(*failure));
    return {};
  }

  Status sticky(Status status) {
    if (!status && !failure_) {
      failure_ = status.error();
      database_->env().refuse_changes(*failure_);
    }
    return status;
  }

  tl::unexpected<Error> refuse_write() const { return fail(Code::refused, "opened for reading", database_->path()); }

  Status write(leveldb::WriteBatch* batch, bool sync) {
    leveldb::WriteOptions options;
    options.sync = sync;
    const leveldb::Status status = inside_leveldb([&] { return database_->db().Write(options, batch); });
    if (!status.ok()) return sticky(fail(database_->error_of(status)));
    if (auto failure = database_->env().failure()) return sticky(fail(*failure));
    return {};
  }

  Result<std::vector<std::string>> obsolete_files() {
    const std::string folder = os::join(database_->path(), kObsoleteFolder);
    auto names = files_.list(folder);
    if (!names && names.error().code == Code::not_found) return std::vector<std::string>{};
    if (!names) return fail(names.error());
    for (std::string& name : *names) name = os::join(folder, name);
    return std::move(*names);
  }

  os::FileSystem& files_;
  std::shared_ptr<Database> database_;
  const bool read_only_;
  const size_t behind_bytes_max_;
  size_t behind_bytes_ = 0;  // written since queued work last ran
  std::optional<Error> failure_;
};

}  // namespace

Result<Mark> mark_of(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const Scan found, scan(world.files, where.path));
  if (!found.has_current || found.manifest_file.empty() || found.logs.empty()) return Mark();
  const LogFile& log = found.logs.back();
  if (log.framing.broken || found.manifest_framing.broken) return Mark();
  return fmt::format("log {} {}; manifest {} {}", log.number, log.framing.valid_end, found.manifest_file, found.manifest_framing.valid_end);
}

Result<bool> is_there(os::World& world, const Where& where) {
  auto names = world.files.list(where.path);
  if (!names && names.error().code == Code::not_found) return false;
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const FileKind kind = parse_file_name(name).kind;
    if (kind != FileKind::foreign && kind != FileKind::lock && kind != FileKind::info_log) return true;
  }
  return false;
}

namespace {

// Code::corruption for the first thing that nothing explains, Code::refused for what a crash of another program explains.
Status judge(const Scan& found, const std::string& path) {
  for (const Finding& finding : found.findings) {
    if (finding.ordinary) continue;
    return fail(Code::corruption, finding.what, os::join(path, finding.file), "Restore the database from a verified backup.");
  }
  if (found.findings.empty()) return {};
  const Finding& first = found.findings.front();
  return fail(Code::refused, fmt::format("{} (and {} more findings): the program that wrote it did not close it, or closed it in the middle of a compaction", first.what, found.findings.size() - 1),
              os::join(path, first.file),
              "Look at it with `rollproof validate`; with --yes it is backed up as it is and then mended like an interruption.");
}

Error open_elsewhere(const std::string& path) { return {Code::locked, "another program has the database open", path, "Close that program, then repeat."}; }

Result<std::unique_ptr<os::FileLock>> take_lock(os::FileSystem& files, const std::string& path) {
  const std::string name = os::join(path, "LOCK");
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, name));
  auto lock = files.lock(name, "");
  // A restored database has none; its own program must be able to take the one that is made here.
  if (lock && !there) ROLLPROOF_TRY(files.take_access(name, os::join(path, "CURRENT")));
  if (!lock && lock.error().code == Code::locked) return fail(open_elsewhere(lock.error().path));
  return lock;
}

}  // namespace

Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning) {
  ROLLPROOF_ASSIGN(const bool there, level::is_there(world, where));
  if (!there && !options.mark.empty()) {
    return fail(Code::corruption, fmt::format("no LevelDB database, and the last checkpoint left one: {}", options.mark), where.path,
                "Restore the database from a verified backup.");
  }
  if (!there && !options.create) return fail(Code::not_found, "no LevelDB database", where.path);
  if (!there) options.touch();
  if (!there) ROLLPROOF_TRY(os::make_directories(world.files, where.path));
  // From the first look to the end nobody else may have it open; LevelDB takes this lock over.
  ROLLPROOF_ASSIGN(auto lock, take_lock(world.files, where.path));
  if (options.interrupted) options.touch();
  if (there && options.interrupted) ROLLPROOF_TRY(mend(world.files, where.path, options.mark, options.create));
  if (there && !options.interrupted) {
    ROLLPROOF_ASSIGN(const Scan found, level::scan(world.files, where.path));
    ROLLPROOF_TRY(judge(found, where.path));
  }
  options.touch();
  const bool may_create = options.create && (!there || options.interrupted);
  ROLLPROOF_ASSIGN(std::shared_ptr<Database> database,
                   Database::open_for_writing(world, where.path, std::move(lock), may_create, tuning));
  return std::make_unique<LevelStore>(world.files, std::move(database), false, tuning);
}

Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options) {
  ROLLPROOF_ASSIGN(const bool there, level::is_there(world, where));
  if (!there) return fail(Code::not_found, "no LevelDB database", where.path);
  auto layer = std::make_unique<os::CopyOnWriteFileSystem>(world.files);
  if (!options.interrupted) {
    ROLLPROOF_ASSIGN(const Scan found, level::scan(*layer, where.path));
    if (Status judged = judge(found, where.path); !judged && judged.error().code == Code::corruption) return fail(judged.error());
  }
  // In memory only. What another program left by a crash is mended like an interruption of ours that had no checkpoint.
  ROLLPROOF_TRY(mend(*layer, where.path, options.interrupted ? options.mark : Mark{}, options.interrupted && options.create));
  ROLLPROOF_ASSIGN(const bool created, os::exists(*layer, os::join(where.path, "CURRENT")));
  if (!created) return fail(Code::not_found, "the database was not made to its end", where.path);
  ROLLPROOF_ASSIGN(std::shared_ptr<Database> database, Database::open_for_reading(world, where.path, std::move(layer)));
  return std::make_unique<LevelStore>(world.files, std::move(database), true, Tuning{});
}

Result<Inspection> inspect(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const Scan found, level::scan(world.files, where.path));
  return found.inspection();
}

Status check_not_in_use(os::World& world, const Where& where) {
  const std::string lock = os::join(where.path, "LOCK");
  ROLLPROOF_ASSIGN(const bool there, os::exists(world.files, lock));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const auto holder, world.files.lock_holder(lock));
  return holder ? Status(fail(open_elsewhere(lock))) : Status();
}

Status destroy(os::World& world, const Where& where) {
  auto names = world.files.list(where.path);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return fail(names.error());
  // CURRENT goes first: a half destroyed database must not open.
  const std::string current = os::join(where.path, "CURRENT");
  if (Status removed = world.files.remove(current); !removed && removed.error().code != Code::not_found) return removed;
  ROLLPROOF_TRY(world.files.sync_directory(where.path));
  ROLLPROOF_TRY(os::remove_tree(world.files, os::join(where.path, kObsoleteFolder)));
  bool foreign = false;
  for (const std::string& name : *names) {
    if (name == "CURRENT" || name == kObsoleteFolder) continue;
    if (parse_file_name(name).kind == FileKind::foreign) {
      foreign = true;
      continue;
    }
    ROLLPROOF_TRY(world.files.remove(os::join(where.path, name)));
  }
  ROLLPROOF_TRY(world.files.sync_directory(where.path));
  if (foreign) return {};
  return os::remove_empty_folder(world.files, where.path);
}

}  // namespace rollproof::store::level
