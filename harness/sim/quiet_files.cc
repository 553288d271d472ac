#include "harness/sim/quiet_files.h"

#include "harness/sim/allocations.h"

namespace rollproof::sim {
namespace {

class QuietFile final : public os::File {
 public:
  explicit QuietFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}
  ~QuietFile() override {
    const UncountedAllocations ours;
    file_.reset();
  }

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const override {
    const UncountedAllocations ours;
    return file_->read_at(offset, out);
  }
  Status write_at(uint64_t offset, std::string_view bytes) override {
    const UncountedAllocations ours;
    return file_->write_at(offset, bytes);
  }
  Status sync() override {
    const UncountedAllocations ours;
    return file_->sync();
  }
  Status truncate(uint64_t size) override {
    const UncountedAllocations ours;
    return file_->truncate(size);
  }
  Status preallocate(uint64_t size) override {
    const UncountedAllocations ours;
    return file_->preallocate(size);
  }
  Result<uint64_t> size() const override {
    const UncountedAllocations ours;
    return file_->size();
  }
  Status close() override {
    const UncountedAllocations ours;
    return file_->close();
  }

 private:
  std::unique_ptr<os::File> file_;
};

// REQUIRES: allocations are not counted.
Result<std::unique_ptr<os::File>> quiet(Result<std::unique_ptr<os::File>> opened) {
  if (!opened) return opened;
  return std::unique_ptr<os::File>(std::make_unique<QuietFile>(std::move(*opened)));
}

}  // namespace

Result<std::unique_ptr<os::File>> QuietFiles::open_read(const std::string& path) {
  const UncountedAllocations ours;
  return quiet(files_.open_read(path));
}
Result<std::unique_ptr<os::File>> QuietFiles::open_write(const std::string& path) {
  const UncountedAllocations ours;
  return quiet(files_.open_write(path));
}
Result<std::unique_ptr<os::File>> QuietFiles::create(const std::string& path) {
  const UncountedAllocations ours;
  return quiet(files_.create(path));
}
Result<std::unique_ptr<os::File>> QuietFiles::create_new(const std::string& path) {
  const UncountedAllocations ours;
  return quiet(files_.create_new(path));
}
Status QuietFiles::rename(const std::string& from, const std::string& to) {
  const UncountedAllocations ours;
  return files_.rename(from, to);
}
Status QuietFiles::remove(const std::string& path) {
  const UncountedAllocations ours;
  return files_.remove(path);
}
Status QuietFiles::make_directory(const std::string& path) {
  const UncountedAllocations ours;
  return files_.make_directory(path);
}
Status QuietFiles::remove_directory(const std::string& path) {
  const UncountedAllocations ours;
  return files_.remove_directory(path);
}
Status QuietFiles::sync_directory(const std::string& path) {
  const UncountedAllocations ours;
  return files_.sync_directory(path);
}
Result<os::Info> QuietFiles::stat(const std::string& path) {
  const UncountedAllocations ours;
  return files_.stat(path);
}
Result<std::vector<std::string>> QuietFiles::list(const std::string& directory) {
  const UncountedAllocations ours;
  return files_.list(directory);
}
Result<uint64_t> QuietFiles::free_bytes(const std::string& path) {
  const UncountedAllocations ours;
  return files_.free_bytes(path);
}
Result<std::unique_ptr<os::FileLock>> QuietFiles::lock(const std::string& path, const std::string& holder) {
  const UncountedAllocations ours;
  return files_.lock(path, holder);
}
Result<std::optional<std::string>> QuietFiles::lock_holder(const std::string& path) {
  const UncountedAllocations ours;
  return files_.lock_holder(path);
}

}  // namespace rollproof::sim
