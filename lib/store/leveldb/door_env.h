// LevelDB's way to the disk: a leveldb::Env over the one door, in production as in a drill.
//
// Stock LevelDB leaves gaps in its durability; this Env closes them in four places ("mend" in door_env.cc and door_files.cc):
//   1. after a rename the directory is synced (CURRENT points to the new manifest for good);
//   2. before a file goes away the directory is synced (what replaces it is there for good);
//   3. the first sync of a new file also makes its name durable (a log that rotation created);
//   4. a log is synced before a newer log is created, and an error of that sync keeps the newer log from being created
//      (stock LevelDB closes the old log unsynced, so that a later synced write makes nothing before it durable).
// With them: an empty synced batch makes every earlier batch durable, wherever it went. Records are in the open log (just
// synced, 3), in an older log (4), or in a table that a synced manifest names (LevelDB syncs both, 3 makes the names durable).
//
// Nothing is ever unlinked: RemoveFile moves the file to the folder rollproof-obsolete below the database.
// After the first failed write, sync or change of a name every further change is refused with that error.
// Reads go through pread; files are never mapped. The info log is discarded.
#pragma once

#include <leveldb/env.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/leveldb/background.h"

namespace rollproof::store::level {

class DoorWritableFile;

class DoorEnv final : public leveldb::Env {
 public:
  // `files` and the world outlive the Env; the Env outlives the database. `directory`: of the database, which must exist.
  DoorEnv(os::FileSystem& files, os::World& world, std::string directory, Background::Mode mode);
  ~DoorEnv() override;

  // LevelDB gets this lock when it asks for LOCK, instead of taking it.
  void hand_over_lock(std::unique_ptr<os::FileLock> lock) { held_lock_ = std::move(lock); }

  // The first failed change; nothing is accepted after it.
  std::optional<Error> failure() const;
  // Makes `error` the first failure unless there is one, and refuses all further changes.
  void refuse_changes(const Error& error);
  // The newest error of any call, also of a read: what LevelDB's text about an I/O error was made of.
  std::optional<Error> last_error() const;

  // How much of the open log and the open manifest is durable: "log 12 3456; manifest MANIFEST-000010 789".
  std::string describe_durable() const;

  // Runs queued background work (Mode::queued only). REQUIRES: no call of LevelDB is on the stack.
  void run_pending() { background_.run_pending(); }
  // Waits for the end of all background work. REQUIRES: as above.
  void drain() { background_.drain(); }

  leveldb::Status NewSequentialFile(const std::string& path, leveldb::SequentialFile** result) override;
  leveldb::Status NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** result) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** result) override;
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** result) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& directory, std::vector<std::string>* result) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status CreateDir(const std::string& directory) override;
  leveldb::Status RemoveDir(const std::string& directory) override;
  leveldb::Status GetFileSize(const std::string& path, uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  void Schedule(void (*function)(void*), void* argument) override;
  void StartThread(void (*function)(void*), void* argument) override;
  leveldb::Status GetTestDirectory(std::string* path) override;
  leveldb::Status NewLogger(const std::string& path, leveldb::Logger** result) override;
  uint64_t NowMicros() override;
  void SleepForMicroseconds(int micros) override;

 private:
  friend class DoorWritableFile;

  // Turns an outcome into LevelDB's words; `change`: a failure is the end of all changes.
  leveldb::Status answer(const Status& outcome, bool change);
  leveldb::Status refusal() const;  // OK while changes are accepted
  // Makes every name that was created or renamed so far durable; does nothing if they are.
  Status sync_names();
  void name_changed();
  Status sync_open_log();
  Status move_to_obsolete(const std::string& path);
  Status take_out_of_the_way(const std::string& path);
  void closed(DoorWritableFile* file);

  os::FileSystem& files_;
  os::World& world_;
  const std::string directory_;
  std::unique_ptr<os::FileLock> held_lock_;
  Background background_;
  const bool only_in_memory_;  // what is read without being written: `files` is a layer that ends with it

  mutable std::mutex mutex_;
  std::optional<Error> failure_;
  mutable std::optional<Error> last_error_;
  uint64_t names_changed_ = 0;  // names created or renamed
  uint64_t names_durable_ = 0;  // how many of them the last directory sync covered
  std::atomic<bool> folder_made_ = false;
  DoorWritableFile* open_log_ = nullptr;
  DoorWritableFile* open_manifest_ = nullptr;
  uint64_t ticks_ = 0;
};

}  // namespace rollproof::store::level
