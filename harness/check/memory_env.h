// A leveldb::Env over one folder of an Image, for the checkers' stock LevelDB: reads go to the image, writes stay here. One thread.
#pragma once

#include <leveldb/env.h>

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "harness/sim/image.h"

namespace rollproof::check {

class MemoryEnv : public leveldb::Env {
 public:
  struct File {
    const sim::Content* given = nullptr;    // as in the image …
    std::shared_ptr<std::string> written;   // … or written here; exactly one of the two is set
    uint64_t size() const { return given != nullptr ? given->size() : written->size(); }
  };

  MemoryEnv() = default;
  // REQUIRES: the image that `folder` belongs to outlives this. Folders below it are left out.
  explicit MemoryEnv(const sim::Node& folder);

  // Adds the files of `folder` that are not there under the same name.
  void add_missing(const sim::Node& folder);
  // Background work is queued, because LevelDB asks for it under the mutex that the work needs. Call before the database is deleted.
  void run_queued();
  // All files, for tests that make an image.
  void put_into(sim::Image& image, const std::string& path) const;

  leveldb::Status NewSequentialFile(const std::string& path, leveldb::SequentialFile** out) override;
  leveldb::Status NewRandomAccessFile(const std::string& path, leveldb::RandomAccessFile** out) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** out) override;
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** out) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& path, std::vector<std::string>* out) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status CreateDir(const std::string&) override { return {}; }
  leveldb::Status RemoveDir(const std::string&) override { return {}; }
  leveldb::Status GetFileSize(const std::string& path, uint64_t* out) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** out) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  void Schedule(void (*function)(void*), void* argument) override { queue_.emplace_back(function, argument); }
  void StartThread(void (*function)(void*), void* argument) override { queue_.emplace_back(function, argument); }
  leveldb::Status GetTestDirectory(std::string* out) override;
  leveldb::Status NewLogger(const std::string& path, leveldb::Logger** out) override;
  uint64_t NowMicros() override { return ++now_; }
  void SleepForMicroseconds(int) override {}

 private:
  std::map<std::string, File, std::less<>> files_;
  std::deque<std::pair<void (*)(void*), void*>> queue_;
  uint64_t now_ = 0;
};

// Says nothing: LevelDB would otherwise write a LOG.
leveldb::Logger* silent_logger();

}  // namespace rollproof::check
