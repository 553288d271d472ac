#include "lib/store/leveldb/database.h"

#include <leveldb/options.h>

#include <new>

#include "lib/os/paths.h"
#include "lib/store/leveldb/boundary.h"
#include "lib/store/leveldb/damaged_file.h"

namespace rollproof::store::level {

namespace {

Background::Mode mode_of(const os::World& world, bool read_only) {
  // A database that is only read must not compact itself into the memory of its copy-on-write layer.
  if (read_only) return Background::Mode::held_back;
  return world.single_threaded ? Background::Mode::queued : Background::Mode::threaded;
}

// The last word of LevelDB's text that is the name of one of its files, or nothing.
std::string file_named_in(std::string_view text) {
  std::string found;
  while (!text.empty()) {
    const size_t end = text.find_first_of(" :;,'\"");
    const std::string_view word = text.substr(0, end);
    const std::string name = os::name_of_path(word);
    if (parse_file_name(name).kind != FileKind::foreign) found = name;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return found;
}

}  // namespace

Database::Database(os::World& world, std::unique_ptr<os::FileSystem> layer, std::string path)
    : path_(std::move(path)),
      layer_(std::move(layer)),
      files_(layer_ ? *layer_ : world.files),
      env_(files_, world, path_, mode_of(world, layer_ != nullptr)) {}

Result<std::unique_ptr<Database>> Database::open_for_writing(os::World& world, const std::string& path,
                                                             std::unique_ptr<os::FileLock> lock, bool create, const Tuning& tuning) {
  std::unique_ptr<Database> database(new Database(world, nullptr, path));
  database->env_.hand_over_lock(std::move(lock));
  ROLLPROOF_TRY(database->start(create, tuning));
  return database;
}

Result<std::unique_ptr<Database>> Database::open_for_reading(os::World& world, const std::string& path,
                                                             std::unique_ptr<os::FileSystem> layer) {
  std::unique_ptr<Database> database(new Database(world, std::move(layer), path));
  ROLLPROOF_TRY(database->start(false, Tuning{}));
  return database;
}

Status Database::start(bool create, const Tuning& tuning) {
  leveldb::Options options;
  options.env = &env_;
  options.info_log = &logger_;
  options.paranoid_checks = true;
  options.create_if_missing = create;
  options.error_if_exists = false;
  options.reuse_logs = false;
  options.compression = leveldb::kSnappyCompression;
  options.write_buffer_size = tuning.write_buffer_bytes;
  options.max_file_size = tuning.table_bytes;
  options.max_open_files = tuning.open_tables_max;
  leveldb::DB* db = nullptr;
  const leveldb::Status status = inside_leveldb([&] { return leveldb::DB::Open(options, path_, &db); });
  db_.reset(db);
  if (!status.ok()) return fail(error_of(status));
  // A failure that LevelDB does not look at (of a removal, say) still ends here.
  if (auto failure = env_.failure()) return fail(*failure);
  return {};
}

Database::~Database() {
  if (!db_) return;
  try {
    (void)end();
    return;
  } catch (const std::bad_alloc&) {
    // There is no memory for an answer that nobody listens to. What is queued must run all the same: LevelDB waits for it.
  }
  env_.drain();
  inside_leveldb([&] { db_.reset(); });
}

Status Database::end() {
  // LevelDB waits for its background work when it ends; what is only queued would be waited for in vain.
  if (layer_) env_.refuse_changes(Error{Code::refused, "opened for reading", path_});
  env_.drain();
  inside_leveldb([&] { db_.reset(); });
  if (layer_) return {};
  if (auto failure = env_.failure()) return fail(*failure);
  return {};
}

Error Database::error_of(const leveldb::Status& status) {
  const std::string text = status.ToString();
  // LevelDB says "not found" also after an error of ours that it was not told about.
  if (auto cause = env_.failure(); cause && status.IsNotFound()) return *cause;
  std::string file = file_named_in(text);
  if (file.empty() && status.IsCorruption()) file = damaged_file(files_, env_, path_);
  const std::string path = file.empty() ? path_ : os::join(path_, file);
  if (status.IsCorruption()) return {Code::corruption, "leveldb: " + text, path, "Restore the database from a verified backup."};
  if (status.IsIOError()) {
    auto cause = env_.failure();
    if (!cause) cause = env_.last_error();
    if (cause) return {cause->code, "leveldb: " + text, cause->path.empty() ? path : cause->path, cause->hint};
    // LevelDB also says "IO error" for a database that this process has open already, and for a file that is too short.
    return {Code::io, "leveldb: " + text, path};
  }
  if (status.IsNotFound()) return {Code::not_found, "leveldb: " + text, path};
  if (status.IsInvalidArgument()) return {Code::refused, "leveldb: " + text, path};
  return {Code::internal, "leveldb: " + text, path};
}

}  // namespace rollproof::store::level
