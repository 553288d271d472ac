// The files that DoorEnv hands to LevelDB.
#pragma once

#include <leveldb/env.h>

#include <atomic>
#include <memory>
#include <string>

#include "lib/os/file_system.h"
#include "lib/store/leveldb/door_env.h"
#include "lib/store/leveldb/file_names.h"

namespace rollproof::store::level {

// Buffers up to 64 KiB like LevelDB's own. Used by one thread at a time.
class DoorWritableFile final : public leveldb::WritableFile {
 public:
  // `name_is_new`: the file was just created, its name is not durable yet.
  DoorWritableFile(DoorEnv& env, std::string path, std::unique_ptr<os::File> file, uint64_t size, bool name_is_new);
  ~DoorWritableFile() override;

  leveldb::Status Append(const leveldb::Slice& data) override;
  leveldb::Status Close() override;
  leveldb::Status Flush() override;
  leveldb::Status Sync() override;

  // Writes the buffer and makes everything durable.
  Status make_durable();

  const FileName& name() const { return name_; }
  uint64_t durable_size() const { return durable_size_; }

 private:
  Status flush();

  DoorEnv& env_;
  const std::string path_;
  const FileName name_;
  std::unique_ptr<os::File> file_;
  bool name_is_new_;
  uint64_t offset_;  // where the buffer begins in the file
  std::atomic<uint64_t> durable_size_;
  std::string buffer_;
};

// Reads from the front to the back: CURRENT, manifests and logs, while a database is opened. There LevelDB takes a bad length in the last record for a
// torn tail, opens what came before, and removes the files that only the rest had named. So what one read alone has seen is not passed on.
class DoorSequentialFile final : public leveldb::SequentialFile {
 public:
  DoorSequentialFile(std::unique_ptr<os::File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  leveldb::Status Read(size_t count, leveldb::Slice* result, char* scratch) override;
  leveldb::Status Skip(uint64_t count) override;

 private:
  Result<size_t> read_same_twice(std::span<char> out);

  std::unique_ptr<os::File> file_;
  const std::string path_;
  uint64_t offset_ = 0;
  std::string again_;
};

// pread; several threads at once.
class DoorRandomAccessFile final : public leveldb::RandomAccessFile {
 public:
  DoorRandomAccessFile(std::unique_ptr<os::File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  leveldb::Status Read(uint64_t offset, size_t count, leveldb::Slice* result, char* scratch) const override;

 private:
  std::unique_ptr<os::File> file_;
  const std::string path_;
};

// Keeps nothing: LOG and LOG.old would be two more renames at every open.
class SilentLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

}  // namespace rollproof::store::level
