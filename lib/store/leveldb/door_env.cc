#include "lib/store/leveldb/door_env.h"

#include <fmt/format.h>

#include <thread>

#include "lib/os/paths.h"
#include "lib/store/leveldb/door_files.h"
#include "lib/store/leveldb/file_names.h"

namespace rollproof::store::level {

namespace {

class DoorLock final : public leveldb::FileLock {
 public:
  explicit DoorLock(std::unique_ptr<os::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<os::FileLock> lock_;
};

FileKind kind_of(const std::string& path) { return parse_file_name(os::name_of_path(path)).kind; }

}  // namespace

DoorEnv::DoorEnv(os::FileSystem& files, os::World& world, std::string directory, Background::Mode mode)
    : files_(files), world_(world), directory_(std::move(directory)), background_(mode), only_in_memory_(mode == Background::Mode::held_back) {}

DoorEnv::~DoorEnv() { background_.drain(); }

std::optional<Error> DoorEnv::failure() const {
  std::lock_guard guard(mutex_);
  return failure_;
}

std::optional<Error> DoorEnv::last_error() const {
  std::lock_guard guard(mutex_);
  return last_error_;
}

void DoorEnv::refuse_changes(const Error& error) {
  std::lock_guard guard(mutex_);
  if (!failure_) failure_ = error;
}

leveldb::Status DoorEnv::refusal() const {
  std::lock_guard guard(mutex_);
  if (!failure_) return leveldb::Status::OK();
  return leveldb::Status::IOError(failure_->path, "no change after: " + failure_->message);
}

leveldb::Status DoorEnv::answer(const Status& outcome, bool change) {
  if (outcome) return leveldb::Status::OK();
  const Error& error = outcome.error();
  std::lock_guard guard(mutex_);
  last_error_ = error;
  if (change && !failure_) failure_ = error;
  return leveldb::Status::IOError(error.path, error.message);
}

std::string DoorEnv::describe_durable() const {
  std::lock_guard guard(mutex_);
  std::string text;
  if (open_log_) text = fmt::format("log {} {}", open_log_->name().number, open_log_->durable_size());
  if (open_manifest_) {
    text += fmt::format("; manifest {} {}", manifest_name(open_manifest_->name().number), open_manifest_->durable_size());
  }
  return text;
}

void DoorEnv::name_changed() {
  std::lock_guard guard(mutex_);
  ++names_changed_;
}

Status DoorEnv::sync_names() {
  uint64_t covered = 0;
  {
    std::lock_guard guard(mutex_);
    if (names_durable_ == names_changed_) return {};
    covered = names_changed_;
  }
  ROLLPROOF_TRY(files_.sync_directory(directory_));
  std::lock_guard guard(mutex_);
  if (names_durable_ < covered) names_durable_ = covered;
  return {};
}

leveldb::Status DoorEnv::NewSequentialFile(const std::string& path, leveldb::SequentialFile** result) {
  *result = nullptr;
  auto file = files_.open_read(path);
  if (!file && file.error().code == Code::not_found) return leveldb::Status::NotFound(path, file.error().message);
  if (!file) return answer(fail(file.error()), false);
  *result = new DoorSequentialFile(std::move(*file), path);
  return leveldb::Status::OK();
}

leveldb::Status DoorEnv::NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** result) {
  *result = nullptr;
  auto file = files_.open_read(path);
  // Never NotFound: Get would hand it on, and a missing table would read as a missing key.
  if (!file && file.error().code == Code::not_found) return leveldb::Status::Corruption(path, "table is missing");
  if (!file) return answer(fail(file.error()), false);
  *result = new DoorRandomAccessFile(std::move(*file), path);
  return leveldb::Status::OK();
}

Status DoorEnv::sync_open_log() {
  DoorWritableFile* log = nullptr;
  {
    std::lock_guard guard(mutex_);
    log = open_log_;
  }
  // Rotation runs on the thread that writes the log, so nobody else is using it.
  return log ? log->make_durable() : Status{};
}

leveldb::Status DoorEnv::NewWritableFile(const std::string& path, leveldb::WritableFile** result) {
  *result = nullptr;
  if (auto refused = refusal(); !refused.ok()) return refused;
  const FileKind kind = kind_of(path);
  if (kind == FileKind::log) {
    if (Status synced = sync_open_log(); !synced) return answer(synced, true);  // mend 4: the old log is durable before a newer one exists
  }
  auto file = files_.create_new(path);
  if (!file && file.error().code == Code::already_exists) {
    if (Status moved = take_out_of_the_way(path); !moved) return answer(moved, true);
    file = files_.create_new(path);
  }
  if (!file) return answer(fail(file.error()), true);
  // CURRENT stands for the whole database: there is no file of it that it could do without, and none that is older.
  if (Status taken = files_.take_access(path, os::join(directory_, "CURRENT")); !taken) return answer(taken, true);
  name_changed();
  auto* writable = new DoorWritableFile(*this, path, std::move(*file), 0, true);
  *result = writable;
  std::lock_guard guard(mutex_);
  if (kind == FileKind::log) open_log_ = writable;
  if (kind == FileKind::manifest) open_manifest_ = writable;
  return leveldb::Status::OK();
}

leveldb::Status DoorEnv::NewAppendableFile(const std::string& path, leveldb::WritableFile** result) {
  *result = nullptr;
  return leveldb::Status::NotSupported(path, "files are never appended to by a later open");
}

void DoorEnv::closed(DoorWritableFile* file) {
  std::lock_guard guard(mutex_);
  if (open_log_ == file) open_log_ = nullptr;
  if (open_manifest_ == file) open_manifest_ = nullptr;
}

bool DoorEnv::FileExists(const std::string& path) {
  auto there = os::exists(files_, path);
  // LevelDB asks this about CURRENT, and "no" would mean a fresh start: an error must not look like absence.
  if (!there) (void)answer(fail(there.error()), true);
  return !there || *there;
}

leveldb::Status DoorEnv::GetChildren(const std::string& directory, std::vector<std::string>* result) {
  result->clear();
  auto names = files_.list(directory);
  if (!names) return answer(fail(names.error()), false);
  *result = std::move(*names);
  return leveldb::Status::OK();
}

Status DoorEnv::move_to_obsolete(const std::string& path) {
  const std::string folder = os::join(directory_, kObsoleteFolder);
  if (!folder_made_) {
    if (Status made = files_.make_directory(folder); !made && made.error().code != Code::already_exists) return made;
    folder_made_ = true;
  }
  return files_.rename(path, os::join(folder, os::name_of_path(path)));
}

// Nobody needs an obsolete file of a layer in memory again: what is below it stays as it is.
Status DoorEnv::take_out_of_the_way(const std::string& path) { return only_in_memory_ ? files_.remove(path) : move_to_obsolete(path); }

leveldb::Status DoorEnv::RemoveFile(const std::string& path) {
  if (auto refused = refusal(); !refused.ok()) return refused;
  if (Status synced = sync_names(); !synced) return answer(synced, true);  // mend 2: what replaces the file is there for good
  Status moved = take_out_of_the_way(path);
  if (!moved && moved.error().code == Code::not_found) return leveldb::Status::NotFound(path, moved.error().message);
  return answer(moved, true);
}

leveldb::Status DoorEnv::CreateDir(const std::string& directory) {
  if (directory == directory_) return leveldb::Status::OK();  // made durably before the open
  return answer(files_.make_directory(directory), true);
}

leveldb::Status DoorEnv::RemoveDir(const std::string& directory) { return answer(files_.remove_directory(directory), true); }

leveldb::Status DoorEnv::GetFileSize(const std::string& path, uint64_t* size) {
  *size = 0;
  auto info = files_.stat(path);
  if (!info) return answer(fail(info.error()), false);
  *size = info->size;
  return leveldb::Status::OK();
}

leveldb::Status DoorEnv::RenameFile(const std::string& from, const std::string& to) {
  if (auto refused = refusal(); !refused.ok()) return refused;
  if (Status renamed = files_.rename(from, to); !renamed) return answer(renamed, true);
  name_changed();
  return answer(sync_names(), true);  // mend 1: the new name is durable before anything relies on it
}

leveldb::Status DoorEnv::LockFile(const std::string& path, leveldb::FileLock** lock) {
  *lock = nullptr;
  if (held_lock_) {
    *lock = new DoorLock(std::move(held_lock_));
    return leveldb::Status::OK();
  }
  // LevelDB's LOCK is empty and stays so.
  auto held = files_.lock(path, "");
  if (!held) return answer(fail(held.error()), false);
  *lock = new DoorLock(std::move(*held));
  return leveldb::Status::OK();
}

leveldb::Status DoorEnv::UnlockFile(leveldb::FileLock* lock) {
  delete lock;
  return leveldb::Status::OK();
}

void DoorEnv::Schedule(void (*function)(void*), void* argument) { background_.schedule(function, argument); }

void DoorEnv::StartThread(void (*function)(void*), void* argument) { std::thread(function, argument).detach(); }

leveldb::Status DoorEnv::GetTestDirectory(std::string* path) {
  *path = os::join(directory_, "test");
  return leveldb::Status::OK();
}

leveldb::Status DoorEnv::NewLogger(const std::string&, leveldb::Logger** result) {
  *result = new SilentLogger;
  return leveldb::Status::OK();
}

uint64_t DoorEnv::NowMicros() {
  if (!world_.single_threaded) return static_cast<uint64_t>(world_.clock.monotonic_ms()) * 1000;
  // LevelDB only measures itself with it; a drill must not depend on how often it does.
  std::lock_guard guard(mutex_);
  return ++ticks_;
}

void DoorEnv::SleepForMicroseconds(int micros) {
  // LevelDB lets a writer wait here for compactions, with its lock free.
  background_.run_pending();
  if (!world_.single_threaded) world_.clock.sleep_ms((micros + 999) / 1000);
}

}  // namespace rollproof::store::level
