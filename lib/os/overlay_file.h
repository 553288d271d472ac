// One file of the copy-on-write door: the bytes of a file below, and the 4 KiB blocks that were changed in memory.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>

#include "lib/os/file_system.h"

namespace rollproof::os {

// How much memory all changed blocks of one door may take.
class BlockBudget {
 public:
  explicit BlockBudget(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool take(uint64_t bytes);
  void give_back(uint64_t bytes) { used_ -= bytes; }
  uint64_t used() const { return used_; }
  uint64_t bytes_max() const { return bytes_max_; }

 private:
  const uint64_t bytes_max_;
  std::atomic<uint64_t> used_{0};
};

// Until pin() the content is whatever the file below holds; from then on it is ours: the start of the file below as far as
// it reached when pinned and was not cut off since, zeros after it, changed blocks over both.
// Thread safe. Shared by all names and open files that mean it.
class OverlayFile {
 public:
  static constexpr uint64_t block_size = 4096;

  // `below_path` may be empty: a new file, pinned and empty.
  OverlayFile(std::string below_path, uint64_t identity, std::shared_ptr<BlockBudget> budget);
  ~OverlayFile();

  const std::string& below_path() const { return below_path_; }
  uint64_t identity() const { return identity_; }
  bool pinned() const;

  // Opens the file below unless that has happened or there is none. REQUIRED before everything that follows.
  Status open(FileSystem& below);
  Status pin();

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const;
  Result<uint64_t> size() const;
  // REQUIRE: pinned. no_space when the budget is used up.
  Status write_at(uint64_t offset, std::string_view bytes, const std::string& path);
  void truncate(uint64_t size);

 private:
  using Block = std::array<char, block_size>;

  Status read_unchanged(uint64_t offset, std::span<char> out) const;
  Result<Block*> changed_block(uint64_t index, bool all_overwritten, const std::string& path);

  const std::string below_path_;
  const uint64_t identity_;
  const std::shared_ptr<BlockBudget> budget_;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<File> below_;
  bool pinned_;
  uint64_t below_limit_ = 0;  // bytes of the file below that still show through
  uint64_t size_ = 0;
  std::map<uint64_t, std::unique_ptr<Block>> changed_;  // bytes at and after size_ are zeros
};

}  // namespace rollproof::os
