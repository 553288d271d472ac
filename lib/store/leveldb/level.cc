#include "lib/store/leveldb/level.h"

#include <fmt/format.h>
#include <leveldb/iterator.h>
#include <leveldb/write_batch.h>

#include "lib/os/paths.h"
#include "lib/store/leveldb/database.h"
#include "lib/store/leveldb/file_names.h"

namespace rollproof::store::level {

namespace {

class LevelCursor final : public record::Cursor {
 public:
  LevelCursor(std::shared_ptr<Database> database, leveldb::Iterator* iterator)
      : database_(std::move(database)), iterator_(iterator) {}

  Result<bool> next(record::Record& out) override {
    if (error_) return fail(*error_);
    if (ended_) return false;
    started_ ? iterator_->Next() : iterator_->SeekToFirst();
    started_ = true;
    if (iterator_->Valid()) {
      out.key.assign(iterator_->key().data(), iterator_->key().size());
      out.value.assign(iterator_->value().data(), iterator_->value().size());
      ++count_;
      return true;
    }
    // LevelDB skips what it can not read and goes on: only the status at the end tells.
    const leveldb::Status status = iterator_->status();
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
  LevelStore(os::FileSystem& files, std::shared_ptr<Database> database, bool read_only)
      : files_(files), database_(std::move(database)), read_only_(read_only) {}

  Result<std::optional<std::string>> get(std::string_view key) override {
    ROLLPROOF_TRY(ready());
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    std::string value;
    const leveldb::Status status = database_->db().Get(options, leveldb::Slice(key.data(), key.size()), &value);
    if (status.IsNotFound()) return std::optional<std::string>{};
    if (!status.ok()) return fail(database_->error_of(status));
    return std::optional<std::string>(std::move(value));
  }

  Result<std::unique_ptr<record::Cursor>> scan() override {
    ROLLPROOF_TRY(ready());
    leveldb::ReadOptions options;
    options.verify_checksums = true;
    options.fill_cache = false;
    std::unique_ptr<record::Cursor> cursor = std::make_unique<LevelCursor>(database_, database_->db().NewIterator(options));
    return cursor;
  }

  Status apply(const record::Batch& batch) override {
    ROLLPROOF_TRY(ready());
    if (read_only_) return refuse_write();
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
    if (ended) ended = files_.sync_directory(path);
    database_.reset();
    if (!ended) return fail(ended.error());
    return mark;
  }

  std::string why_not_representable(const record::Record&) const override { return {}; }

 private:
  // Runs LevelDB's queued work, and says whether the store may still answer.
  Status ready() {
    if (!database_) return fail(Code::internal, "the store is closed");
    database_->env().run_pending();
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
    const leveldb::Status status = database_->db().Write(options, batch);
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
  std::optional<Error> failure_;
};

}  // namespace

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

Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning) {
  ROLLPROOF_ASSIGN(const bool there, level::is_there(world, where));
  if (!there && !options.create) return fail(Code::not_found, "no LevelDB database", where.path);
  if (!there) ROLLPROOF_TRY(os::make_directories(world.files, where.path));
  ROLLPROOF_ASSIGN(std::shared_ptr<Database> database,
                   Database::open(world, world.files, where.path, Database::Use::write, !there, tuning));
  return std::make_unique<LevelStore>(world.files, std::move(database), false);
}

Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions&) {
  ROLLPROOF_ASSIGN(const bool there, level::is_there(world, where));
  if (!there) return fail(Code::not_found, "no LevelDB database", where.path);
  return fail(Code::refused, "opening for reading needs the copy-on-write door", where.path);
}

Result<Inspection> inspect(os::World&, const Where&) { return Inspection{}; }

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
  ROLLPROOF_TRY(world.files.remove_directory(where.path));
  return world.files.sync_directory(os::parent_of(where.path));
}

}  // namespace rollproof::store::level
