#include "lib/os/overlay_file.h"

#include <algorithm>
#include <mutex>

namespace rollproof::os {

// Written under a name for a moment only. One that is there was left by a process that died in that moment, or belongs to one that is in
// it: either way nobody needs the name.
Status BlockStore::make_spill() {
  auto made = disk_.create_new(spill_path_);
  if (!made && made.error().code == Code::already_exists) {
    ROLLPROOF_TRY(disk_.remove(spill_path_));
    made = disk_.create_new(spill_path_);
  }
  ROLLPROOF_ASSIGN(spill_, std::move(made));
  auto unlinked = disk_.remove(spill_path_);
  if (!unlinked && unlinked.error().code != Code::not_found) return unlinked;
  return {};
}

Result<BlockStore::Block> BlockStore::add(const Bytes& content, const std::string& path) {
  if (memory_bytes_.fetch_add(block_size) + block_size <= memory_bytes_max_) return Block{std::make_unique<Bytes>(content)};
  memory_bytes_ -= block_size;
  if (spill_path_.empty()) {
    return fail(Code::no_space, "write in memory: the limit of " + std::to_string(memory_bytes_max_) + " bytes of changed blocks is reached", path);
  }
  const std::lock_guard guard(mutex_);
  if (!spill_) ROLLPROOF_TRY(make_spill());
  const uint64_t slot = free_slots_.empty() ? slots_ : free_slots_.back();
  ROLLPROOF_TRY(spill_->write_at(slot * block_size, std::string_view(content.data(), block_size)));
  if (free_slots_.empty()) {
    ++slots_;
  } else {
    free_slots_.pop_back();
  }
  return Block{nullptr, slot};
}

void BlockStore::give_back(const Block& block) {
  if (block.memory) {
    memory_bytes_ -= block_size;
    return;
  }
  const std::lock_guard guard(mutex_);
  free_slots_.push_back(block.slot);
}

Status BlockStore::read(const Block& block, uint64_t inside, std::span<char> out) const {
  if (block.memory) {
    std::copy_n(block.memory->begin() + static_cast<std::ptrdiff_t>(inside), out.size(), out.begin());
    return {};
  }
  ROLLPROOF_ASSIGN(const size_t got, spill_->read_at(block.slot * block_size + inside, out));
  if (got == out.size()) return {};
  return fail(Code::io, "the file of changed blocks ended", spill_path_);
}

Status BlockStore::write(const Block& block, uint64_t inside, std::string_view bytes) {
  if (!block.memory) return spill_->write_at(block.slot * block_size + inside, bytes);
  std::copy(bytes.begin(), bytes.end(), block.memory->begin() + static_cast<std::ptrdiff_t>(inside));
  return {};
}

uint64_t BlockStore::spilled_bytes() const {
  const std::lock_guard guard(mutex_);
  return (slots_ - free_slots_.size()) * block_size;
}

OverlayFile::OverlayFile(std::string below_path, uint64_t identity, std::shared_ptr<BlockStore> blocks)
    : below_path_(std::move(below_path)), identity_(identity), blocks_(std::move(blocks)), pinned_(below_path_.empty()) {}

OverlayFile::~OverlayFile() {
  for (const auto& [index, block] : changed_) blocks_->give_back(block);
}

bool OverlayFile::pinned() const {
  const std::shared_lock guard(mutex_);
  return pinned_;
}

Status OverlayFile::open(FileSystem& below) {
  const std::unique_lock guard(mutex_);
  if (below_ || below_path_.empty()) return {};
  ROLLPROOF_ASSIGN(below_, below.open_read(below_path_));
  return {};
}

Status OverlayFile::pin() {
  const std::unique_lock guard(mutex_);
  if (pinned_) return {};
  ROLLPROOF_ASSIGN(size_, below_->size());
  below_limit_ = size_;
  pinned_ = true;
  return {};
}

Result<uint64_t> OverlayFile::size() const {
  const std::shared_lock guard(mutex_);
  if (!pinned_) return below_->size();
  return size_;
}

// Fills `out` with what is under the changed blocks: the file below, then zeros.
Status OverlayFile::read_unchanged(uint64_t offset, std::span<char> out) const {
  const uint64_t shown = offset < below_limit_ ? std::min<uint64_t>(out.size(), below_limit_ - offset) : 0;
  if (shown > 0) {
    ROLLPROOF_ASSIGN(const size_t got, below_->read_at(offset, out.first(shown)));
    if (got < shown) {
      return fail(Code::io, "file ended at " + std::to_string(offset + got) + ", it had " + std::to_string(below_limit_) + " bytes",
                  below_path_);
    }
  }
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(shown), out.end(), '\0');
  return {};
}

Result<size_t> OverlayFile::read_at(uint64_t offset, std::span<char> out) const {
  const std::shared_lock guard(mutex_);
  if (!pinned_) return below_->read_at(offset, out);
  if (offset >= size_) return size_t{0};
  out = out.first(std::min<uint64_t>(out.size(), size_ - offset));
  for (size_t done = 0; done < out.size();) {
    const uint64_t at = offset + done;
    const auto next = changed_.lower_bound(at / block_size);
    const uint64_t next_at = next == changed_.end() ? size_ : next->first * block_size;
    if (next_at <= at) {
      const uint64_t inside = at - next_at;
      const size_t length = std::min<uint64_t>(out.size() - done, block_size - inside);
      ROLLPROOF_TRY(blocks_->read(next->second, inside, out.subspan(done, length)));
      done += length;
    } else {
      const size_t length = std::min<uint64_t>(out.size() - done, next_at - at);
      ROLLPROOF_TRY(read_unchanged(at, out.subspan(done, length)));
      done += length;
    }
  }
  return out.size();
}

Status OverlayFile::write_block(uint64_t index, uint64_t inside, std::string_view bytes, const std::string& path) {
  if (const auto found = changed_.find(index); found != changed_.end()) return blocks_->write(found->second, inside, bytes);
  BlockStore::Bytes content;
  if (bytes.size() != block_size) ROLLPROOF_TRY(read_unchanged(index * block_size, content));
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(inside));
  ROLLPROOF_ASSIGN(auto block, blocks_->add(content, path));
  changed_.emplace(index, std::move(block));
  return {};
}

Status OverlayFile::write_at(uint64_t offset, std::string_view bytes, const std::string& path) {
  const std::unique_lock guard(mutex_);
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t at = offset + done;
    const uint64_t inside = at % block_size;
    const size_t length = std::min<uint64_t>(bytes.size() - done, block_size - inside);
    ROLLPROOF_TRY(write_block(at / block_size, inside, bytes.substr(done, length), path));
    done += length;
    size_ = std::max(size_, at + length);
  }
  return {};
}

Status OverlayFile::truncate(uint64_t size) {
  const std::unique_lock guard(mutex_);
  if (const auto last = changed_.find(size / block_size); last != changed_.end() && size % block_size != 0) {
    static constexpr BlockStore::Bytes kZeros{};
    const uint64_t inside = size % block_size;
    ROLLPROOF_TRY(blocks_->write(last->second, inside, std::string_view(kZeros.data(), block_size - inside)));
  }
  const auto first_unneeded = changed_.lower_bound((size + block_size - 1) / block_size);
  for (auto block = first_unneeded; block != changed_.end(); ++block) blocks_->give_back(block->second);
  changed_.erase(first_unneeded, changed_.end());
  below_limit_ = std::min(below_limit_, size);
  size_ = size;
  return {};
}

}  // namespace rollproof::os
