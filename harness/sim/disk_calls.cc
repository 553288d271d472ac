// The calls of os::FileSystem and os::File on the simulated disk: what Linux checks, in the order in which it does.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/sim/disk_run.h"
#include "harness/sim/mounted.h"
#include "lib/os/posix.h"

namespace rollproof::sim {
namespace {

constexpr const char* kOthers = "another program";

// Behind this a real disk would say "file too large"; here it keeps a wrong offset from eating the machine's memory.
constexpr uint64_t file_bytes_max = 4ull << 30;

Status answer(int error_number, const char* what, const std::string& path) {
  if (error_number == 0) return {};
  return fail(os::error_of_errno(error_number, what, path));
}

Operation operation_on(Call call, const std::string& path) {
  Operation operation;
  operation.call = call;
  operation.path = std::make_shared<const std::string>(path);
  return operation;
}

}  // namespace

class SimFile final : public os::File {
 public:
  SimFile(SimDisk& disk, uint32_t id, TextPtr path, bool writable)
      : disk_(disk), process_(disk.process_), id_(id), path_(std::move(path)), writable_(writable) {}

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const override {
    Operation operation = operation_here(Call::read);
    operation.offset = offset;
    operation.length = out.size();
    InjectedError softened;
    ROLLPROOF_TRY(run(operation, [] { return Status(); }, &softened));
    const size_t got = disk_.content_of(id_).read(offset, out);
    if (softened.tamper) softened.tamper(offset, out.first(got));
    return got;
  }

  Status write_at(uint64_t offset, std::string_view bytes) override {
    if (bytes.empty()) return {};
    Operation operation = operation_here(Call::write);
    operation.offset = offset;
    operation.length = bytes.size();
    operation.data = std::make_shared<const std::string>(bytes);
    const uint64_t size = disk_.content_of(id_).size();
    operation.grows = offset + bytes.size() > size ? offset + bytes.size() - size : 0;
    return run(operation, [&]() -> Status {
      if (!writable_) return answer(EBADF, "write", *path_);
      if (offset > file_bytes_max || bytes.size() > file_bytes_max - offset) return answer(EFBIG, "write", *path_);
      return room_for(offset + bytes.size(), "write");
    });
  }

  Status sync() override {
    Operation operation = operation_here(Call::sync);
    return run(operation, [] { return Status(); });
  }

  Status truncate(uint64_t size) override {
    Operation operation = operation_here(Call::truncate);
    operation.length = size;
    return run(operation, [&]() -> Status {
      if (!writable_) return answer(EINVAL, "truncate", *path_);
      return size > file_bytes_max ? answer(EFBIG, "truncate", *path_) : Status();
    });
  }

  Status preallocate(uint64_t size) override {
    if (size == 0) return {};
    Operation operation = operation_here(Call::preallocate);
    operation.length = size;
    return run(operation, [&]() -> Status {
      if (!writable_) return answer(EBADF, "preallocation", *path_);
      if (size > file_bytes_max) return answer(EFBIG, "preallocation", *path_);
      return room_for(size, "preallocation");
    });
  }

  Result<uint64_t> size() const override {
    Operation operation = operation_here(Call::size);
    ROLLPROOF_TRY(run(operation, [] { return Status(); }));
    return disk_.content_of(id_).size();
  }

  Status close() override {
    Operation operation = operation_here(Call::close);
    return run(operation, [] { return Status(); });
  }

 private:
  Operation operation_here(Call call) const {
    Operation operation;
    operation.call = call;
    operation.path = path_;
    operation.file = id_;
    return operation;
  }

  template <class Resolve>
  Status run(Operation& operation, Resolve&& resolve, InjectedError* softened = nullptr) const {
    // The disk may have gone together with the process.
    if (!process_->alive) return process_is_dead(*path_);
    return disk_.run(operation, resolve, softened);
  }

  Status room_for(uint64_t end, const char* what) const {
    const uint64_t size = disk_.content_of(id_).size();
    if (!disk_.free_ || end <= size) return {};
    ++disk_.limit_met_;
    if (end - size <= *disk_.free_) return {};
    return answer(ENOSPC, what, *path_);
  }

  SimDisk& disk_;
  const std::shared_ptr<SimDisk::Process> process_;
  const uint32_t id_;
  const TextPtr path_;
  const bool writable_;
};

class SimLock final : public os::FileLock {
 public:
  SimLock(std::shared_ptr<SimDisk::Process> process, uint32_t id) : process_(std::move(process)), id_(id) {}
  ~SimLock() override { process_->locks.erase(id_); }

 private:
  const std::shared_ptr<SimDisk::Process> process_;
  const uint32_t id_;
};

Result<std::unique_ptr<os::File>> SimDisk::open(const std::string& path, bool writable, Call call, const char* what) {
  Operation operation = operation_on(call, path);
  ROLLPROOF_TRY(run(operation, [&] {
    const Place place = find(path);
    operation.file = place.id;
    const int error = place.error != 0 ? place.error : place.id == nothing ? ENOENT : inodes_[place.id].directory ? EISDIR : 0;
    return answer(error, what, path);
  }));
  return std::make_unique<SimFile>(*this, operation.file, operation.path, writable);
}

Result<std::unique_ptr<os::File>> SimDisk::open_read(const std::string& path) {
  return open(path, false, Call::open_read, "open for reading");
}

Result<std::unique_ptr<os::File>> SimDisk::open_write(const std::string& path) {
  return open(path, true, Call::open_write, "open for writing");
}

Result<std::unique_ptr<os::File>> SimDisk::create_file(const std::string& path, bool must_be_new) {
  Operation operation = operation_on(Call::create, path);
  ROLLPROOF_TRY(run(operation, [&]() -> Status {
    const Place place = find(path);
    operation.file = place.id;
    operation.directory = place.directory;
    operation.created = place.id == nothing;
    operation.name = place.slot_name;
    if (place.error != 0) return answer(place.error, "create", path);
    if (place.id != nothing) return answer(must_be_new ? EEXIST : inodes_[place.id].directory ? EISDIR : 0, "create", path);
    operation.name = std::make_shared<EntryName>(place.name);
    return {};
  }));
  return std::make_unique<SimFile>(*this, operation.file, operation.path, true);
}

Result<std::unique_ptr<os::File>> SimDisk::create(const std::string& path) { return create_file(path, false); }
Result<std::unique_ptr<os::File>> SimDisk::create_new(const std::string& path) { return create_file(path, true); }

namespace {

bool is_mounted(std::string_view name) { return name.ends_with(kMountedSuffix); }

}  // namespace

Status SimDisk::resolve_rename(Operation& operation) {
  const Place from = find(*operation.path);
  const Place to = find(*operation.to);
  const std::string what = "rename to " + *operation.to;
  const auto no = [&](int error) { return answer(error, what.c_str(), *operation.path); };
  if (from.error != 0) return no(from.error);
  if (to.error != 0) return no(to.error);
  if (from.id == 0 || to.id == 0) return no(EBUSY);
  if (from.id == nothing) return no(ENOENT);
  if (is_mounted(from.name) || (to.id != nothing && is_mounted(to.name))) return no(EBUSY);
  operation.file = from.id;
  operation.directory = from.directory;
  operation.name = from.slot_name;
  operation.replaced = to.id;
  operation.to_directory = to.directory;
  if (is_inside(to.directory, from.id)) return no(EINVAL);
  if (to.id != nothing && is_inside(from.directory, to.id)) return no(ENOTEMPTY);
  operation.to_name = to.id != nothing ? to.slot_name : std::make_shared<EntryName>(to.name);
  if (to.id == nothing || to.id == from.id) return {};
  if (inodes_[from.id].directory != inodes_[to.id].directory) return no(inodes_[to.id].directory ? EISDIR : ENOTDIR);
  if (inodes_[to.id].directory && !own(to.id).slots.empty()) return no(ENOTEMPTY);
  return {};
}

Status SimDisk::rename(const std::string& from, const std::string& to) {
  Operation operation = operation_on(Call::rename, from);
  operation.to = std::make_shared<const std::string>(to);
  return run(operation, [&] { return resolve_rename(operation); });
}

Status SimDisk::remove(const std::string& path) {
  Operation operation = operation_on(Call::remove, path);
  return run(operation, [&] {
    const Place place = find(path);
    operation.file = place.id;
    operation.directory = place.directory;
    operation.name = place.slot_name;
    const int error = place.error != 0 ? place.error : place.id == nothing ? ENOENT : inodes_[place.id].directory ? EISDIR : 0;
    return answer(error, "remove", path);
  });
}

Status SimDisk::make_directory(const std::string& path) {
  Operation operation = operation_on(Call::make_directory, path);
  return run(operation, [&] {
    const Place place = find(path);
    operation.directory = place.directory;
    if (place.id == nothing && place.error == 0) operation.name = std::make_shared<EntryName>(place.name);
    return answer(place.error != 0 ? place.error : place.id != nothing ? EEXIST : 0, "make directory", path);
  });
}

Status SimDisk::remove_directory(const std::string& path) {
  Operation operation = operation_on(Call::remove_directory, path);
  return run(operation, [&] {
    const Place place = find(path);
    operation.file = place.id;
    operation.directory = place.directory;
    operation.name = place.slot_name;
    int error = place.error;
    if (error == 0 && place.id == nothing) error = ENOENT;
    if (error == 0 && (place.id == 0 || is_mounted(place.name))) error = EBUSY;
    if (error == 0 && !inodes_[place.id].directory) error = ENOTDIR;
    if (error == 0 && !own(place.id).slots.empty()) error = ENOTEMPTY;
    return answer(error, "remove directory", path);
  });
}

Status SimDisk::sync_directory(const std::string& path) {
  Operation operation = operation_on(Call::sync_directory, path);
  return run(operation, [&] {
    const Place place = find(path);
    operation.file = place.id;
    const int error = place.error != 0 ? place.error : place.id == nothing ? ENOENT : inodes_[place.id].directory ? 0 : ENOTDIR;
    return answer(error, "sync directory", path);
  });
}

Result<os::Info> SimDisk::stat(const std::string& path) {
  Operation operation = operation_on(Call::stat, path);
  ROLLPROOF_TRY(run(operation, [&] {
    const Place place = find(path);
    operation.file = place.id;
    return answer(place.error != 0 ? place.error : place.id == nothing ? ENOENT : 0, "stat", path);
  }));
  os::Info info;
  info.kind = inodes_[operation.file].directory ? os::Kind::directory : os::Kind::file;
  if (info.kind == os::Kind::file) info.size = content_of(operation.file).size();
  info.identity = operation.file + 1;
  return info;
}

Result<std::vector<std::string>> SimDisk::list(const std::string& directory) {
  Operation operation = operation_on(Call::list, directory);
  ROLLPROOF_TRY(run(operation, [&] {
    const Place place = find(directory);
    operation.file = place.id;
    const int error = place.error != 0 ? place.error : place.id == nothing ? ENOENT : inodes_[place.id].directory ? 0 : ENOTDIR;
    return answer(error, "list", directory);
  }));
  std::vector<std::string> names;
  for (const Slot& slot : own(operation.file).slots) names.push_back(slot.name->text);
  return names;
}

Result<uint64_t> SimDisk::free_bytes(const std::string& path) {
  Operation operation = operation_on(Call::free_bytes, path);
  ROLLPROOF_TRY(run(operation, [&] {
    const Place place = find(path);
    return answer(place.error != 0 ? place.error : place.id == nothing ? ENOENT : 0, "free space", path);
  }));
  limit_met_ += free_.has_value();
  return free_.value_or(1ull << 40);
}

void SimDisk::lock_for_others(const std::string& path) { locked_by_others_ = find(path).id; }

bool SimDisk::is_locked_by_others(uint32_t file) {
  const bool locked = file != nothing && file == locked_by_others_;
  others_met_ += locked;
  return locked;
}

Result<std::optional<std::string>> SimDisk::lock_holder(const std::string& path) {
  if (!process_->alive) return fail(Code::io, "the process has died", path);
  const Place place = find(path);
  if (is_locked_by_others(place.id)) return kOthers;
  const auto held = place.error == 0 ? process_->locks.find(place.id) : process_->locks.end();
  return held == process_->locks.end() ? std::optional<std::string>() : std::optional(held->second);
}

Result<std::unique_ptr<os::FileLock>> SimDisk::lock(const std::string& path, const std::string& holder) {
  // As on the real disk several calls, so that a fault may come between any two of them.
  ROLLPROOF_ASSIGN(const bool there, [&]() -> Result<bool> {
    if (!process_->alive) return fail(Code::io, "the process has died", path);
    return find(path).id != nothing;
  }());
  std::unique_ptr<os::File> file;
  if (there) {
    ROLLPROOF_ASSIGN(file, open(path, true, Call::open_write, "open lock"));
  } else {
    ROLLPROOF_ASSIGN(file, create(path));
  }
  const uint32_t opened = find(path).id;
  Operation operation = operation_on(Call::lock, path);
  const Status locked = run(operation, [&]() -> Status {
    operation.file = find(path).id;
    if (operation.file == nothing) return answer(ENOENT, "lock", path);
    const auto held = process_->locks.find(operation.file);
    const bool by_others = is_locked_by_others(operation.file);
    if (!by_others && held == process_->locks.end()) return {};
    return fail(Code::locked, "held by " + (by_others ? std::string(kOthers) : held->second), path, "wait until the holder has ended, then repeat");
  });
  // Its last holder has removed it in between: what was opened is nobody's lock any more.
  if (process_->alive && find(path).id != opened) return lock(path, holder);
  ROLLPROOF_TRY(locked);
  process_->locks[operation.file] = holder;
  auto taken = std::make_unique<SimLock>(process_, operation.file);
  ROLLPROOF_TRY(file->write_at(0, holder));
  ROLLPROOF_TRY(file->truncate(holder.size()));
  return taken;
}

}  // namespace rollproof::sim
