#include "lib/os/posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "lib/base/out_of_memory.h"

namespace rollproof::os {
namespace {

tl::unexpected<Error> failed(const std::string& what, const std::string& path) { return fail(error_of_errno(errno, what, path)); }

template <class Call>
auto repeated(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

std::string span_of(const char* verb, uint64_t length, uint64_t offset) {
  return std::string(verb) + " of " + std::to_string(length) + " bytes at " + std::to_string(offset);
}

// Device and inode in one number: different files collide with a probability near 2^-64.
uint64_t identity_of(const struct stat& info) {
  uint64_t mixed = static_cast<uint64_t>(info.st_dev) * 0x9e3779b97f4a7c15ULL;
  mixed ^= mixed >> 29;
  return mixed + static_cast<uint64_t>(info.st_ino);
}

// Closes on destruction.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Result<Descriptor> open_descriptor(const std::string& path, int flags, const char* what) {
  // O_NONBLOCK so that a named pipe in the place of a file is an error and not a wait for ever; files ignore it.
  Descriptor descriptor(
      repeated([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666); }));
  if (descriptor.number() == -1) return failed(what, path);
  return descriptor;
}

Status read_fully(int descriptor, uint64_t offset, std::span<char> out, size_t& done, const std::string& path) {
  for (done = 0; done < out.size();) {
    const ssize_t got = repeated(
        [&] { return ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (got == -1) return failed(span_of("read", out.size(), offset), path);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return {};
}

Status write_fully(int descriptor, uint64_t offset, std::string_view bytes, const std::string& path) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t put = repeated(
        [&] { return ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done)); });
    if (put == -1) return failed(span_of("write", bytes.size(), offset), path);
    if (put == 0) return fail(Code::io, span_of("write", bytes.size(), offset) + ": no progress", path);
    done += static_cast<size_t>(put);
  }
  return {};
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const override {
    size_t done = 0;
    ROLLPROOF_TRY(read_fully(descriptor_.number(), offset, out, done, path_));
    return done;
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    return write_fully(descriptor_.number(), offset, bytes, path_);
  }

  Status sync() override {
    if (repeated([&] { return ::fdatasync(descriptor_.number()); }) == -1) return failed("sync", path_);
    return {};
  }

  Status truncate(uint64_t size) override {
    if (repeated([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(size)); }) == -1) {
      return failed("truncate to " + std::to_string(size) + " bytes", path_);
    }
    return {};
  }

  Status preallocate(uint64_t size) override {
    if (size == 0) return {};
    if (repeated([&] { return ::fallocate(descriptor_.number(), 0, 0, static_cast<off_t>(size)); }) == 0) return {};
    if (errno != EOPNOTSUPP && errno != ENOSYS) return failed("preallocation of " + std::to_string(size) + " bytes", path_);
    return fill_with_zeros(size);
  }

  Result<uint64_t> size() const override {
    struct stat info;
    if (::fstat(descriptor_.number(), &info) == -1) return failed("size", path_);
    return static_cast<uint64_t>(info.st_size);
  }

  Status close() override {
    // Linux has given the descriptor up even when it answers EINTR; a second close could hit somebody else's file.
    if (::close(descriptor_.release()) == -1 && errno != EINTR) return failed("close", path_);
    return {};
  }

 private:
  // For file systems that can not reserve: written zeros take up the space. Holes below the old end stay holes.
  Status fill_with_zeros(uint64_t size) {
    static const std::string zeros(64 * 1024, '\0');
    ROLLPROOF_ASSIGN(uint64_t end, this->size());
    while (end < size) {
      const uint64_t length = std::min<uint64_t>(size - end, zeros.size());
      ROLLPROOF_TRY(write_at(end, std::string_view(zeros).substr(0, length)));
      end += length;
    }
    return {};
  }

  Descriptor descriptor_;
  const std::string path_;
};

Result<std::unique_ptr<File>> open_file(const std::string& path, int flags, const char* what) {
  ROLLPROOF_ASSIGN(Descriptor descriptor, open_descriptor(path, flags, what));
  struct stat info;
  if (::fstat(descriptor.number(), &info) == -1) return failed(what, path);
  if (S_ISDIR(info.st_mode)) return fail(error_of_errno(EISDIR, what, path));
  return std::make_unique<PosixFile>(std::move(descriptor), path);
}

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;
};

// What the holder wrote, for a message to people: one line at most, and never a reason to fail.
std::string holder_in(int descriptor) {
  char text[1024];
  size_t length = 0;
  if (!read_fully(descriptor, 0, text, length, "")) return "somebody whose name could not be read";
  const std::string_view line = std::string_view(text, length).substr(0, std::string_view(text, length).find('\n'));
  return line.empty() ? "somebody who has not written a name yet" : std::string(line);
}

}  // namespace

Error error_of_errno(int error_number, const std::string& what, const std::string& path) {
  Code code = Code::io;
  switch (error_number) {
    case ENOENT: code = Code::not_found; break;
    case EEXIST: code = Code::already_exists; break;
    case ENOSPC:
    case EDQUOT: code = Code::no_space; break;
    case EACCES:
    case EPERM:
    case EROFS: code = Code::no_permission; break;
    case EBUSY: code = Code::locked; break;  // the system itself has it: a file system is mounted there
    // Nothing is damaged, and no person has to mend anything: with more memory recovery goes on.
    case ENOMEM: return Error{Code::outcome_unknown, what + ": " + std::generic_category().message(error_number), path, out_of_memory().hint};
    case EMFILE:
    case ENFILE: return Error{Code::outcome_unknown, what + ": " + std::generic_category().message(error_number), path, "Allow the process more open files (`ulimit -n`), then run `rollproof recover`."};
    default: break;
  }
  return Error{code, what + ": " + std::generic_category().message(error_number), path};
}

Result<std::unique_ptr<File>> PosixFileSystem::open_read(const std::string& path) {
  return open_file(path, O_RDONLY, "open for reading");
}

Result<std::unique_ptr<File>> PosixFileSystem::open_write(const std::string& path) {
  return open_file(path, O_RDWR, "open for writing");
}

Result<std::unique_ptr<File>> PosixFileSystem::create(const std::string& path) {
  return open_file(path, O_RDWR | O_CREAT | O_TRUNC, "create");
}

Result<std::unique_ptr<File>> PosixFileSystem::create_new(const std::string& path) {
  return open_file(path, O_RDWR | O_CREAT | O_EXCL, "create");
}

Status PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == -1) return failed("rename to " + to, from);
  return {};
}

Status PosixFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) == -1) return failed("remove", path);
  return {};
}

Status PosixFileSystem::make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == -1) return failed("make directory", path);
  return {};
}

Status PosixFileSystem::remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) == -1) {
    // POSIX lets a system say EEXIST for "not empty"; to our callers that code means something else.
    return fail(error_of_errno(errno == EEXIST ? ENOTEMPTY : errno, "remove directory", path));
  }
  return {};
}

Status PosixFileSystem::sync_directory(const std::string& path) {
  ROLLPROOF_ASSIGN(Descriptor descriptor, open_descriptor(path, O_RDONLY | O_DIRECTORY, "sync directory"));
  if (repeated([&] { return ::fsync(descriptor.number()); }) == -1) return failed("sync directory", path);
  return {};
}

Result<Info> PosixFileSystem::stat(const std::string& path) {
  struct stat found;
  if (::lstat(path.c_str(), &found) == -1) return failed("stat", path);
  Info info;
  info.link = S_ISLNK(found.st_mode);
  // A link that leads nowhere keeps what lstat said of the link itself.
  if (info.link && ::stat(path.c_str(), &found) == -1 && errno != ENOENT) return failed("stat", path);
  info.kind = S_ISDIR(found.st_mode) ? Kind::directory : S_ISREG(found.st_mode) ? Kind::file : Kind::other;
  if (info.kind == Kind::file) info.size = static_cast<uint64_t>(found.st_size);
  info.identity = identity_of(found);
  info.modified_ns = int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  return info;
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), &::closedir);
  if (!stream) return failed("list", directory);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  // The end and an error look the same but for errno: half a listing must not pass for a whole one.
  if (errno != 0) return failed("list", directory);
  std::sort(names.begin(), names.end());
  return names;
}

Result<uint64_t> PosixFileSystem::free_bytes(const std::string& path) {
  struct statvfs info;
  if (repeated([&] { return ::statvfs(path.c_str(), &info); }) == -1) return failed("free space", path);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::lock(const std::string& path, const std::string& holder) {
  // Each round but the last means that the file was removed between our open and our lock.
  for (int round = 0; round < 100; ++round) {
    ROLLPROOF_ASSIGN(Descriptor descriptor, open_descriptor(path, O_RDWR | O_CREAT, "open lock"));
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (repeated([&] { return ::fcntl(descriptor.number(), F_OFD_SETLK, &whole); }) == -1) {
      if (errno != EAGAIN && errno != EACCES) return failed("lock", path);
      return fail(Code::locked, "held by " + holder_in(descriptor.number()), path,
                  "wait until the holder has ended, then repeat");
    }
    struct stat held;
    struct stat named;
    if (::fstat(descriptor.number(), &held) == -1) return failed("lock", path);
    if (::stat(path.c_str(), &named) == -1) {
      if (errno == ENOENT) continue;
      return failed("lock", path);
    }
    if (held.st_dev != named.st_dev || held.st_ino != named.st_ino) continue;
    if (holder.empty()) return std::make_unique<PosixLock>(std::move(descriptor));
    // Written over the old text before it is cut, so that on a full disk the block of an existing lock file is used again.
    ROLLPROOF_TRY(write_fully(descriptor.number(), 0, holder, path));
    if (repeated([&] { return ::ftruncate(descriptor.number(), static_cast<off_t>(holder.size())); }) == -1) {
      return failed("truncate to " + std::to_string(holder.size()) + " bytes", path);
    }
    return std::make_unique<PosixLock>(std::move(descriptor));
  }
  return fail(Code::io, "lock: the file was removed 100 times while it was being locked", path);
}

Result<std::optional<std::string>> PosixFileSystem::lock_holder(const std::string& path) {
  auto descriptor = open_descriptor(path, O_RDONLY, "open lock");
  if (!descriptor) {
    if (descriptor.error().code == Code::not_found) return std::optional<std::string>();
    return fail(std::move(descriptor).error());
  }
  struct flock probe = {};
  probe.l_type = F_WRLCK;
  probe.l_whence = SEEK_SET;
  if (repeated([&] { return ::fcntl(descriptor->number(), F_OFD_GETLK, &probe); }) == -1) return failed("look at lock", path);
  if (probe.l_type == F_UNLCK) return std::optional<std::string>();
  return std::optional<std::string>(holder_in(descriptor->number()));
}

}  // namespace rollproof::os
