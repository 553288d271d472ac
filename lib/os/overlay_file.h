// One file of the copy-on-write door: the bytes of a file below, and the 4 KiB blocks that were changed, in memory or spilled.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "lib/os/file_system.h"

namespace rollproof::os {

// Where the changed blocks of one door are kept: in memory as far as that is allowed, then in a file without a name, if one may be made.
// Thread safe.
class BlockStore {
 public:
  static constexpr uint64_t block_size = 4096;
  using Bytes = std::array<char, block_size>;
  // In memory, or the place of a spilled one.
  struct Block {
    std::unique_ptr<Bytes> memory;
    uint64_t slot = 0;
  };

  // `spill_path`: made in `disk` when it is needed, and unlinked at once, so that nothing is left of it whatever happens. Empty: no spilling.
  BlockStore(FileSystem& disk, uint64_t memory_bytes_max, std::string spill_path)
      : disk_(disk), memory_bytes_max_(memory_bytes_max), spill_path_(std::move(spill_path)) {}

  // A block with this content. Code::no_space where neither memory nor a file may hold it.
  Result<Block> add(const Bytes& content, const std::string& path);
  void give_back(const Block& block);
  Status read(const Block& block, uint64_t inside, std::span<char> out) const;
  Status write(const Block& block, uint64_t inside, std::string_view bytes);
  uint64_t memory_bytes() const { return memory_bytes_; }
  uint64_t spilled_bytes() const;

 private:
  Status make_spill();

  FileSystem& disk_;
  const uint64_t memory_bytes_max_;
  const std::string spill_path_;
  std::atomic<uint64_t> memory_bytes_{0};
  mutable std::mutex mutex_;  // over the file, its length and the free slots
  std::unique_ptr<File> spill_;
  uint64_t slots_ = 0;
  std::vector<uint64_t> free_slots_;
};

// Until pin() the content is whatever the file below holds; from then on it is ours: the start of the file below as far as
// it reached when pinned and was not cut off since, zeros after it, changed blocks over both.
// Thread safe. Shared by all names and open files that mean it.
class OverlayFile {
 public:
  static constexpr uint64_t block_size = BlockStore::block_size;

  // `below_path` may be empty: a new file, pinned and empty.
  OverlayFile(std::string below_path, uint64_t identity, std::shared_ptr<BlockStore> blocks);
  ~OverlayFile();

  const std::string& below_path() const { return below_path_; }
  uint64_t identity() const { return identity_; }
  bool pinned() const;

  // Opens the file below unless that has happened or there is none. REQUIRED before everything that follows.
  Status open(FileSystem& below);
  Status pin();

  Result<size_t> read_at(uint64_t offset, std::span<char> out) const;
  Result<uint64_t> size() const;
  // REQUIRE: pinned. no_space when there is no room for changed blocks.
  Status write_at(uint64_t offset, std::string_view bytes, const std::string& path);
  Status truncate(uint64_t size);

 private:
  Status read_unchanged(uint64_t offset, std::span<char> out) const;
  Status write_block(uint64_t index, uint64_t inside, std::string_view bytes, const std::string& path);

  const std::string below_path_;
  const uint64_t identity_;
  const std::shared_ptr<BlockStore> blocks_;
  mutable std::shared_mutex mutex_;
  std::unique_ptr<File> below_;
  bool pinned_;
  uint64_t below_limit_ = 0;  // bytes of the file below that still show through
  uint64_t size_ = 0;
  std::map<uint64_t, BlockStore::Block> changed_;  // bytes at and after size_ are zeros
};

}  // namespace rollproof::os
