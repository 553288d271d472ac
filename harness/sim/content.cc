#include "harness/sim/content.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace rollproof::sim {

std::string Digest128::hex() const {
  static const char digits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = digits[(high >> (4 * i)) & 15];
    text[31 - i] = digits[(low >> (4 * i)) & 15];
  }
  return text;
}

Digest128 digest_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

uint64_t scramble(uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

size_t Content::read(uint64_t offset, std::span<char> out) const {
  if (offset >= size_) return 0;
  const size_t length = static_cast<size_t>(std::min<uint64_t>(out.size(), size_ - offset));
  for (size_t done = 0; done < length;) {
    const uint64_t at = offset + done;
    const uint64_t inside = at % block_bytes;
    const size_t piece = static_cast<size_t>(std::min<uint64_t>(length - done, block_bytes - inside));
    const Block* block = blocks_[at / block_bytes].get();
    const size_t stored = block == nullptr || block->bytes.size() <= inside ? 0 : std::min<size_t>(piece, block->bytes.size() - inside);
    if (stored > 0) std::memcpy(out.data() + done, block->bytes.data() + inside, stored);
    if (stored < piece) std::memset(out.data() + done + stored, 0, piece - stored);
    done += piece;
  }
  return length;
}

std::string Content::text() const {
  std::string bytes(size_, '\0');
  read(0, bytes);
  return bytes;
}

void Content::forget(uint64_t index) {
  if (!summed_ || std::find(stale_.begin(), stale_.end(), index) != stale_.end()) return;
  if (stale_.size() >= 16) {
    summed_ = false;
    stale_.clear();
    return;
  }
  const Digest128 old = contribution_of(index);
  sum_.high -= old.high;
  sum_.low -= old.low;
  stale_.push_back(index);
}

std::string& Content::block_for_writing(uint64_t index) {
  forget(index);
  std::shared_ptr<Block>& block = blocks_[index];
  if (!block) {
    block = std::make_shared<Block>();
  } else if (block.use_count() > 1) {
    auto copy = std::make_shared<Block>();
    copy->bytes = block->bytes;
    block = std::move(copy);
  } else {
    block->digested = false;
  }
  return block->bytes;
}

void Content::write(uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (offset + bytes.size() > size_) {
    size_ = offset + bytes.size();
    blocks_.resize((size_ + block_bytes - 1) / block_bytes);
  }
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t at = offset + done;
    const uint64_t inside = at % block_bytes;
    const size_t piece = static_cast<size_t>(std::min<uint64_t>(bytes.size() - done, block_bytes - inside));
    std::string& block = block_for_writing(at / block_bytes);
    if (block.size() < inside) block.resize(inside);
    block.replace(inside, std::min<size_t>(piece, block.size() - inside), bytes.substr(done, piece));
    done += piece;
  }
}

void Content::resize(uint64_t size) {
  const uint64_t blocks = (size + block_bytes - 1) / block_bytes;
  for (uint64_t index = blocks; index < blocks_.size(); ++index) forget(index);
  // The forgotten blocks are about to vanish, and what is not there contributes nothing.
  std::erase_if(stale_, [&](uint64_t index) { return index >= blocks; });
  blocks_.resize(blocks);
  const uint64_t kept = size % block_bytes;
  if (size < size_ && kept != 0 && blocks_.back() && blocks_.back()->bytes.size() > kept) block_for_writing(blocks - 1).resize(kept);
  size_ = size;
}

void Content::copy_sector(const Content& from, uint64_t sector) {
  char bytes[sector_bytes] = {};
  const uint64_t offset = sector * sector_bytes;
  from.read(offset, bytes);
  write(offset, std::string_view(bytes, static_cast<size_t>(std::min<uint64_t>(sector_bytes, size_ - offset))));
}

Digest128 Content::contribution_of(uint64_t index) const {
  const Block* block = blocks_[index].get();
  if (block == nullptr) return {};
  if (!block->digested) {
    // Stored zeros and holes read alike, so they must digest alike.
    const size_t end = block->bytes.find_last_not_of('\0');
    block->digest = end == std::string::npos ? Digest128{} : digest_of(std::string_view(block->bytes).substr(0, end + 1));
    block->digested = true;
  }
  if (block->digest == Digest128{}) return {};
  return {scramble(block->digest.high + index), scramble(block->digest.low ^ (index * 0x9e3779b97f4a7c15ULL))};
}

Digest128 Content::digest() const {
  if (!summed_) {
    sum_ = {};
    stale_.clear();
    for (uint64_t index = 0; index < blocks_.size(); ++index) stale_.push_back(index);
    summed_ = true;
  }
  for (uint64_t index : stale_) {
    const Digest128 part = contribution_of(index);
    sum_.high += part.high;
    sum_.low += part.low;
  }
  stale_.clear();
  return {scramble(sum_.high + size_), scramble(sum_.low ^ scramble(size_))};
}

}  // namespace rollproof::sim
