// The bytes of one file, in shared blocks: copying costs one reference per 4 KiB, writing copies only the blocks it touches.
// Holes (after truncate or preallocate) take no memory and read as zeros. One thread at a time for everything that shares blocks.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollproof::sim {

// Equal for equal content, whatever the way it was reached. Not cryptographic.
struct Digest128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Digest128&) const = default;
  std::string hex() const;
};

Digest128 digest_of(std::string_view bytes);
// A bijective scrambling of 64 bits: the one generator of this room (counter in, random number out).
uint64_t scramble(uint64_t value);

class Content {
 public:
  static constexpr uint64_t block_bytes = 4096;
  static constexpr uint64_t sector_bytes = 512;

  Content() = default;
  explicit Content(std::string_view bytes) { write(0, bytes); }

  uint64_t size() const { return size_; }
  // As File::read_at: fewer bytes only at the end.
  size_t read(uint64_t offset, std::span<char> out) const;
  std::string text() const;

  void write(uint64_t offset, std::string_view bytes);
  void resize(uint64_t size);
  // Sector `sector` becomes what it is in `from`, zeros where `from` has ended. Does not move the end of the file: bytes
  // behind it are not kept. REQUIRES: the sector begins inside the file.
  void copy_sector(const Content& from, uint64_t sector);

  // Incremental: after a first call only blocks written since are hashed again.
  Digest128 digest() const;
  // The same blocks in the same places: cheap, and true for an untouched copy.
  bool shares_everything_with(const Content& other) const { return size_ == other.size_ && blocks_ == other.blocks_; }

 private:
  struct Block {
    std::string bytes;  // at most block_bytes; what is missing is zeros
    mutable Digest128 digest;
    mutable bool digested = false;
  };

  std::string& block_for_writing(uint64_t index);
  Digest128 contribution_of(uint64_t index) const;
  void forget(uint64_t index);

  std::vector<std::shared_ptr<Block>> blocks_;
  uint64_t size_ = 0;
  mutable Digest128 sum_;
  mutable bool summed_ = false;
  mutable std::vector<uint64_t> stale_;  // blocks whose contribution is missing from sum_
};

}  // namespace rollproof::sim
