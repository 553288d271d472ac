// The one door to files. LevelDB (through our Env), the journal, backups and every other room reach the disk only through
// this interface: in production the POSIX implementation, for reading commands a copy-on-write one, in a drill a simulated disk.
//
// Paths are plain strings with '/'; an implementation never interprets "..". All calls are thread safe for different files;
// one File is used by one thread at a time, except read_at, which may run concurrently.
// Durability (what a caller may rely on, POSIX and no more):
//   - data and size of a file are durable after File::sync();
//   - a name (create, rename, remove, make_directory) is durable after sync_directory() of its directory;
//   - nothing else is ordered. A rename shows the whole old or the whole new file, never neither.
// Errors: Code::io, no_space, no_permission, not_found, already_exists, with the path and the system's reason in the message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace rollproof::os {

class File {
 public:
  virtual ~File() = default;  // closes; does no durable work and reports nothing. Use close().

  // Reads up to out.size() bytes at `offset`. Fewer are returned only at the end of the file. Never an error at the end.
  virtual Result<size_t> read_at(uint64_t offset, std::span<char> out) const = 0;
  // Writes all of `bytes` at `offset`, extending the file. On error any part of it may have been written.
  virtual Status write_at(uint64_t offset, std::string_view bytes) = 0;
  // Makes data and size durable (fdatasync). After a failure the caller must not assume that a later success covers
  // the same data: stop writing, reopen, look.
  virtual Status sync() = 0;
  // Sets the size; bytes beyond the old size read as zeros.
  virtual Status truncate(uint64_t size) = 0;
  // Extends the file with zeros up to `size` and reserves the space, so that later writes below `size` can not run out of it.
  virtual Status preallocate(uint64_t size) = 0;
  virtual Result<uint64_t> size() const = 0;
  // Reports a late error of the operating system. No call may follow.
  virtual Status close() = 0;
};

// An exclusive lock of one process, held until the object is destroyed or its process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class Kind { file, directory, other };

struct Info {
  Kind kind = Kind::file;
  uint64_t size = 0;      // bytes; 0 for directories
  uint64_t identity = 0;  // equal for two paths only if they are the same file (device and inode)
  bool link = false;      // the path itself is a symbolic link; the rest then describes what it leads to
  int64_t modified_ns = 0;  // wall clock of the last change of bytes, or of names in a directory; 0 if nobody knows. Only good for "is it another one now"
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;   // must exist
  virtual Result<std::unique_ptr<File>> open_write(const std::string& path) = 0;  // must exist; readable as well
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;      // creates, or truncates to nothing
  virtual Result<std::unique_ptr<File>> create_new(const std::string& path) = 0;  // already_exists if it is there

  virtual Status rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual Status remove(const std::string& path) = 0;                         // a file
  virtual Status make_directory(const std::string& path) = 0;                 // already_exists if it is there
  virtual Status remove_directory(const std::string& path) = 0;               // must be empty
  virtual Status sync_directory(const std::string& path) = 0;

  virtual Result<Info> stat(const std::string& path) = 0;                           // not_found if absent
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // names, sorted, without . and ..
  virtual Result<uint64_t> free_bytes(const std::string& path) = 0;                 // for an unprivileged user

  // Gives `path`, which the caller has just made and not yet filled, the mode, the owner and the group of `like`: what takes the place of a file
  // of somebody's, or is put beside it, is for the same eyes. What the process may not give away stays as it is, and then nobody may do with
  // `path` what he could not do with `like`. Nothing happens if there is no `like`, and nothing where files have no owners. It carries no
  // durability of its own: the next sync of the file takes it along.
  virtual Status take_access(const std::string& path, const std::string& like) {
    (void)path;
    (void)like;
    return {};
  }

  // Where `path` leads if it is a symbolic link, over any number of links, whether or not something is there; otherwise `path` itself. For who
  // replaces a file: a rename would replace the link. Links to folders on the way are left as they are. Where there are no links: `path`.
  virtual Result<std::string> behind_links(const std::string& path) { return path; }

  // Takes the exclusive lock of `path` (the file is created if absent) without waiting and writes `holder` into it.
  // An empty `holder` writes nothing: the file keeps its bytes.
  // Code::locked if somebody else has it; the message then carries the text that the holder wrote.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path, const std::string& holder) = 0;

  // What the holder of the lock wrote, if somebody holds it at this moment; nothing if nobody does. Takes and changes nothing.
  virtual Result<std::optional<std::string>> lock_holder(const std::string& path) {
    (void)path;
    return std::optional<std::string>();
  }
};

}  // namespace rollproof::os
