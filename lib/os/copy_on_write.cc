#include "lib/os/copy_on_write.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "lib/os/paths.h"
#include "lib/os/posix.h"

namespace rollproof::os {

// A name in a directory: what it means now.
struct CopyOnWriteFileSystem::Entry {
  enum class What { gone, file, directory, other } what = What::gone;
  bool link = false;
  std::string below_path;                // of a file that has no OverlayFile yet, or of something else
  uint64_t below_identity = 0;           // of the same
  std::shared_ptr<OverlayFile> file;
  std::shared_ptr<Directory> directory;
  bool leads_nowhere() const { return what == What::gone || (what == What::other && link); }
};

// A directory below with the changes to it, or one that only exists here.
struct CopyOnWriteFileSystem::Directory {
  bool has_below = false;
  std::string below_path;  // "" for the current directory
  uint64_t identity = 0;   // of one that only exists here
  std::map<std::string, Entry> changed;
  // Files of the disk that are open for reading: a writer who comes later must write into what they read.
  std::map<std::string, std::weak_ptr<OverlayFile>> open_for_reading;

  std::string below_path_or_dot() const { return below_path.empty() ? "." : below_path; }
};

// Where a path ends: the directory and the name in it.
struct CopyOnWriteFileSystem::Place {
  std::shared_ptr<Directory> directory;
  std::string name;
};

struct CopyOnWriteFileSystem::HeldLocks {
  std::mutex mutex;
  std::map<std::string, std::string> holders;
};

namespace {

tl::unexpected<Error> failed(int error_number, const char* what, const std::string& path) {
  return fail(error_of_errno(error_number, what, path));
}

struct Split {
  bool absolute = false;
  std::vector<std::string> parts;
};

Split split(const std::string& path) {
  Split result{path.starts_with('/'), {}};
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    std::string part = path.substr(begin, end - begin);
    if (!part.empty() && part != ".") result.parts.push_back(std::move(part));
    begin = end + 1;
  }
  return result;
}

std::string normal(const std::string& path) {
  const Split pieces = split(path);
  std::string text(pieces.absolute ? 1 : 0, '/');
  for (const std::string& part : pieces.parts) text = join(text, part);
  return text;
}

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

class OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<OverlayFile> file, bool writable, std::string path)
      : file_(std::move(file)), writable_(writable), path_(std::move(path)) {}

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const override { return file_->read_at(offset, out); }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (!writable_) return failed(EBADF, "write", path_);
    return file_->write_at(offset, bytes, path_);
  }
  Status sync() override { return {}; }
  Status truncate(uint64_t size) override {
    if (!writable_) return failed(EINVAL, "truncate", path_);
    return file_->truncate(size);
  }
  Status preallocate(uint64_t size) override {
    if (!writable_) return failed(EBADF, "preallocation", path_);
    ROLLPROOF_ASSIGN(const uint64_t now, file_->size());
    return now < size ? file_->truncate(size) : Status();
  }
  Result<uint64_t> size() const override { return file_->size(); }
  Status close() override { return {}; }

 private:
  const std::shared_ptr<OverlayFile> file_;
  const bool writable_;
  const std::string path_;
};

}  // namespace

CopyOnWriteFileSystem::CopyOnWriteFileSystem(FileSystem& below, uint64_t memory_bytes_max, std::string spill_path)
    : below_(below),
      blocks_(std::make_shared<BlockStore>(below, memory_bytes_max, std::move(spill_path))),
      locks_(std::make_shared<HeldLocks>()),
      absolute_root_(std::make_shared<Directory>()),
      relative_root_(std::make_shared<Directory>()) {
  absolute_root_->has_below = relative_root_->has_below = true;
  absolute_root_->below_path.assign(1, '/');
}

CopyOnWriteFileSystem::~CopyOnWriteFileSystem() = default;

Result<CopyOnWriteFileSystem::Entry> CopyOnWriteFileSystem::find(Directory& directory, const std::string& name) {
  if (const auto found = directory.changed.find(name); found != directory.changed.end()) return found->second;
  Entry entry;
  if (!directory.has_below) return entry;
  entry.below_path = join(directory.below_path, name);
  auto info = below_.stat(entry.below_path);
  if (!info) {
    if (info.error().code == Code::not_found) return Entry{};
    return fail(std::move(info).error());
  }
  entry.link = info->link;
  entry.below_identity = info->identity;
  switch (info->kind) {
    case Kind::file: {
      entry.what = Entry::What::file;
      if (const auto open = directory.open_for_reading.find(name); open != directory.open_for_reading.end()) {
        entry.file = open->second.lock();
        // The name below may mean another file by now; then the open one has nothing to do with it.
        if (entry.file && entry.file->identity() != info->identity) entry.file.reset();
      }
      break;
    }
    case Kind::directory:
      entry.what = Entry::What::directory;
      entry.directory = std::make_shared<Directory>();
      entry.directory->has_below = true;
      entry.directory->below_path = entry.below_path;
      break;
    case Kind::other: entry.what = Entry::What::other; break;
  }
  return entry;
}

void CopyOnWriteFileSystem::put(Directory& directory, const std::string& name, Entry entry) {
  directory.open_for_reading.erase(name);
  if (entry.what == Entry::What::gone && !directory.has_below) {
    directory.changed.erase(name);
  } else {
    directory.changed[name] = std::move(entry);
  }
}

Result<std::shared_ptr<CopyOnWriteFileSystem::Directory>> CopyOnWriteFileSystem::directory_at(
    const std::vector<std::string>& parts, bool absolute, const char* what, const std::string& path) {
  std::shared_ptr<Directory> directory = absolute ? absolute_root_ : relative_root_;
  for (const std::string& part : parts) {
    ROLLPROOF_ASSIGN(Entry entry, find(*directory, part));
    if (entry.what != Entry::What::directory) return failed(entry.leads_nowhere() ? ENOENT : ENOTDIR, what, path);
    std::shared_ptr<Directory> next = entry.directory;
    // Kept, so that changes inside are found again.
    directory->changed.try_emplace(part, std::move(entry));
    directory = std::move(next);
  }
  return directory;
}

Result<CopyOnWriteFileSystem::Place> CopyOnWriteFileSystem::place_of(const std::string& path, const char* what) {
  Split pieces = split(path);
  if (path.empty()) return failed(ENOENT, what, path);
  if (pieces.parts.empty()) return failed(EBUSY, what, path);
  Place place;
  place.name = std::move(pieces.parts.back());
  pieces.parts.pop_back();
  ROLLPROOF_ASSIGN(place.directory, directory_at(pieces.parts, pieces.absolute, what, path));
  return place;
}

// What the path means; not_found if it means nothing.
Result<CopyOnWriteFileSystem::Entry> CopyOnWriteFileSystem::entry_at(const std::string& path, const char* what) {
  if (const Split pieces = split(path); pieces.parts.empty() && !path.empty()) {
    Entry root;
    root.what = Entry::What::directory;
    root.directory = pieces.absolute ? absolute_root_ : relative_root_;
    return root;
  }
  ROLLPROOF_ASSIGN(const Place place, place_of(path, what));
  ROLLPROOF_ASSIGN(Entry entry, find(*place.directory, place.name));
  if (entry.what == Entry::What::gone) return failed(ENOENT, what, path);
  return entry;
}

Result<std::vector<std::string>> CopyOnWriteFileSystem::names_in(Directory& directory) {
  std::set<std::string> names;
  if (directory.has_below) {
    ROLLPROOF_ASSIGN(auto below, below_.list(directory.below_path_or_dot()));
    names.insert(below.begin(), below.end());
  }
  for (const auto& [name, entry] : directory.changed) {
    if (entry.what == Entry::What::gone) {
      names.erase(name);
    } else {
      names.insert(name);
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

std::shared_ptr<OverlayFile> CopyOnWriteFileSystem::file_of(Directory& directory, const std::string& name, const Entry& entry) {
  if (entry.file) return entry.file;
  auto file = std::make_shared<OverlayFile>(entry.below_path, entry.below_identity, blocks_);
  std::erase_if(directory.open_for_reading, [](const auto& item) { return item.second.expired(); });
  directory.open_for_reading[name] = file;
  return file;
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::open_entry(Place& place, const Entry& entry, bool writable,
                                                                const std::string& path) {
  const char* const what = writable ? "open for writing" : "open for reading";
  if (entry.what == Entry::What::gone) return failed(ENOENT, what, path);
  if (entry.what == Entry::What::directory) return failed(EISDIR, what, path);
  if (entry.what == Entry::What::other) {
    if (writable) return fail(Code::io, "open for writing: not a regular file", path);
    return below_.open_read(entry.below_path);
  }
  auto file = file_of(*place.directory, place.name, entry);
  ROLLPROOF_TRY(file->open(below_));
  if (writable) {
    ROLLPROOF_TRY(file->pin());
    Entry ours = entry;
    ours.file = file;
    put(*place.directory, place.name, std::move(ours));
  }
  return std::make_unique<OpenFile>(std::move(file), writable, path);
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::create_in(Place& place, const std::string& path) {
  Entry entry;
  entry.what = Entry::What::file;
  // Never 0, far from what device and inode give.
  entry.file = std::make_shared<OverlayFile>("", ++identities_given_ * 0xd1342543de82ef95ULL, blocks_);
  put(*place.directory, place.name, entry);
  return std::make_unique<OpenFile>(entry.file, true, path);
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::open_read(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (!path.empty() && split(path).parts.empty()) return failed(EISDIR, "open for reading", path);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "open for reading"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  return open_entry(place, entry, false, path);
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::open_write(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "open for writing"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  return open_entry(place, entry, true, path);
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::create(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "create"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  if (entry.what == Entry::What::gone) return create_in(place, path);
  // The same file, cut to nothing: who has it open sees that, as on a disk.
  ROLLPROOF_ASSIGN(auto file, open_entry(place, entry, true, path));
  ROLLPROOF_TRY(file->truncate(0));
  return file;
}

Result<std::unique_ptr<File>> CopyOnWriteFileSystem::create_new(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "create"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  if (entry.what != Entry::What::gone) return failed(EEXIST, "create", path);
  return create_in(place, path);
}

Status CopyOnWriteFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(mutex_);
  const std::string text = "rename to " + to;
  const char* const what = text.c_str();
  ROLLPROOF_ASSIGN(Place source, place_of(from, what));
  ROLLPROOF_ASSIGN(Place target, place_of(to, what));
  ROLLPROOF_ASSIGN(Entry moved, find(*source.directory, source.name));
  if (moved.what == Entry::What::gone) return failed(ENOENT, what, from);
  if (normal(from) == normal(to)) return {};
  ROLLPROOF_ASSIGN(const Entry replaced, find(*target.directory, target.name));
  const bool moves_directory = moved.what == Entry::What::directory && !moved.link;
  const bool replaces_directory = replaced.what == Entry::What::directory && !replaced.link;
  if (moves_directory && is_below(normal(to), normal(from))) return failed(EINVAL, what, from);
  if (replaces_directory) {
    if (!moves_directory) return failed(EISDIR, what, from);
    ROLLPROOF_ASSIGN(const auto names, names_in(*replaced.directory));
    if (!names.empty()) return failed(ENOTEMPTY, what, from);
  } else if (moves_directory && replaced.what != Entry::What::gone) {
    return failed(ENOTDIR, what, from);
  }
  if (moved.what == Entry::What::file) moved.file = file_of(*source.directory, source.name, moved);
  put(*source.directory, source.name, Entry{});
  put(*target.directory, target.name, std::move(moved));
  return {};
}

Status CopyOnWriteFileSystem::remove(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "remove"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  if (entry.what == Entry::What::gone) return failed(ENOENT, "remove", path);
  if (entry.what == Entry::What::directory && !entry.link) return failed(EISDIR, "remove", path);
  put(*place.directory, place.name, Entry{});
  return {};
}

Status CopyOnWriteFileSystem::make_directory(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (!path.empty() && split(path).parts.empty()) return failed(EEXIST, "make directory", path);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "make directory"));
  ROLLPROOF_ASSIGN(Entry entry, find(*place.directory, place.name));
  if (entry.what != Entry::What::gone) return failed(EEXIST, "make directory", path);
  entry = Entry{};
  entry.what = Entry::What::directory;
  entry.directory = std::make_shared<Directory>();
  entry.directory->identity = ++identities_given_ * 0xd1342543de82ef95ULL;
  put(*place.directory, place.name, std::move(entry));
  return {};
}

Status CopyOnWriteFileSystem::remove_directory(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(Place place, place_of(path, "remove directory"));
  ROLLPROOF_ASSIGN(const Entry entry, find(*place.directory, place.name));
  if (entry.what == Entry::What::gone) return failed(ENOENT, "remove directory", path);
  if (entry.what != Entry::What::directory || entry.link) return failed(ENOTDIR, "remove directory", path);
  ROLLPROOF_ASSIGN(const auto names, names_in(*entry.directory));
  if (!names.empty()) return failed(ENOTEMPTY, "remove directory", path);
  put(*place.directory, place.name, Entry{});
  return {};
}

Status CopyOnWriteFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(const Entry entry, entry_at(path, "sync directory"));
  if (entry.what != Entry::What::directory) return failed(ENOTDIR, "sync directory", path);
  return {};
}

Result<Info> CopyOnWriteFileSystem::stat(const std::string& path) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(const Entry entry, entry_at(path, "stat"));
  if (entry.what == Entry::What::directory && !entry.directory->has_below) return Info{Kind::directory, 0, entry.directory->identity};
  if (entry.what == Entry::What::directory) return below_.stat(entry.directory->below_path_or_dot());
  if (!entry.file) return below_.stat(entry.below_path);
  if (!entry.file->pinned()) return below_.stat(entry.file->below_path());
  ROLLPROOF_ASSIGN(const uint64_t size, entry.file->size());
  return Info{Kind::file, size, entry.file->identity(), entry.link};
}

Result<std::vector<std::string>> CopyOnWriteFileSystem::list(const std::string& directory) {
  const std::lock_guard guard(mutex_);
  ROLLPROOF_ASSIGN(const Entry entry, entry_at(directory, "list"));
  if (entry.what != Entry::What::directory) return failed(entry.leads_nowhere() ? ENOENT : ENOTDIR, "list", directory);
  return names_in(*entry.directory);
}

Result<uint64_t> CopyOnWriteFileSystem::free_bytes(const std::string& path) {
  std::string nearest;
  {
    const std::lock_guard guard(mutex_);
    ROLLPROOF_ASSIGN(const Entry entry, entry_at(path, "free space"));
    const Split pieces = split(path);
    // What only exists here has the space of the nearest directory around it that is on the disk.
    std::shared_ptr<Directory> directory = pieces.absolute ? absolute_root_ : relative_root_;
    nearest = directory->below_path_or_dot();
    for (const std::string& part : pieces.parts) {
      ROLLPROOF_ASSIGN(const Entry inner, find(*directory, part));
      if (inner.what != Entry::What::directory) break;
      directory = inner.directory;
      if (directory->has_below) nearest = directory->below_path_or_dot();
    }
  }
  return below_.free_bytes(nearest);
}

Result<std::unique_ptr<FileLock>> CopyOnWriteFileSystem::lock(const std::string& path, const std::string& holder) {
  class HeldLock final : public FileLock {
   public:
    HeldLock(std::shared_ptr<HeldLocks> locks, std::string path) : locks_(std::move(locks)), path_(std::move(path)) {}
    ~HeldLock() override {
      const std::lock_guard guard(locks_->mutex);
      locks_->holders.erase(path_);
    }

   private:
    const std::shared_ptr<HeldLocks> locks_;
    const std::string path_;
  };
  const std::string key = normal(path);
  const std::lock_guard locks_guard(locks_->mutex);
  if (const auto held = locks_->holders.find(key); held != locks_->holders.end()) {
    return fail(Code::locked, "held by " + held->second, path, "wait until the holder has ended, then repeat");
  }
  ROLLPROOF_ASSIGN(auto file, create(path));
  ROLLPROOF_TRY(file->write_at(0, holder));
  locks_->holders.emplace(key, holder);
  return std::make_unique<HeldLock>(locks_, key);
}

Result<std::optional<std::string>> CopyOnWriteFileSystem::lock_holder(const std::string& path) {
  {
    const std::lock_guard guard(locks_->mutex);
    const auto held = locks_->holders.find(normal(path));
    if (held != locks_->holders.end()) return std::optional<std::string>(held->second);
  }
  return below_.lock_holder(path);
}

}  // namespace rollproof::os
