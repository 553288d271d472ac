// The door to the simulated disk as the library gets it: what the disk itself allocates is no allocation of the library's.
#pragma once

#include "lib/os/file_system.h"

namespace rollproof::sim {

class QuietFiles final : public os::FileSystem {
 public:
  explicit QuietFiles(os::FileSystem& files) : files_(files) {}

  Result<std::unique_ptr<os::File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<os::File>> open_write(const std::string& path) override;
  Result<std::unique_ptr<os::File>> create(const std::string& path) override;
  Result<std::unique_ptr<os::File>> create_new(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_directory(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<os::Info> stat(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<uint64_t> free_bytes(const std::string& path) override;
  Result<std::unique_ptr<os::FileLock>> lock(const std::string& path, const std::string& holder) override;
  Result<std::optional<std::string>> lock_holder(const std::string& path) override;

 private:
  os::FileSystem& files_;
};

}  // namespace rollproof::sim
