// Digests: SHA-256 for evidence, CRC32C for our own sectors, a 128-bit multiset hash for comparing stores.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rollproof {

// SHA-256 of a stream of bytes. Movable, not copyable. finish() may be called once.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  std::string finish_hex();  // 64 lower-case hexadecimal digits
 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_hex(std::string_view bytes);

// CRC32C (Castagnoli) of `bytes`, continuing from `crc` (0 for a fresh start).
uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);

// Order-independent digest of a multiset of records: sums (mod 2^64, in two lanes of XXH3-128) of the hash of each
// (key, value) plus a count, so that a swapped, doubled or dropped record changes it. Not cryptographic.
class MultisetDigest {
 public:
  void add(std::string_view key, std::string_view value);
  void remove(std::string_view key, std::string_view value);
  void merge(const MultisetDigest& other);
  uint64_t count() const { return count_; }
  std::string hex() const;  // 48 digits: count, high lane, low lane
  bool operator==(const MultisetDigest&) const = default;

 private:
  uint64_t count_ = 0;
  uint64_t high_ = 0;
  uint64_t low_ = 0;
};

}  // namespace rollproof
