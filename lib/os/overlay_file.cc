#include "lib/os/overlay_file.h"

#include <algorithm>
#include <mutex>


namespace rollproof::os {

bool BlockBudget::take(uint64_t bytes) {
  if (used_.fetch_add(bytes) + bytes <= bytes_max_) return true;
  used_ -= bytes;
  return false;
}

OverlayFile::OverlayFile(std::string below_path, uint64_t identity, std::shared_ptr<BlockBudget> budget)
    : below_path_(std::move(below_path)), identity_(identity), budget_(std::move(budget)), pinned_(below_path_.empty()) {}

OverlayFile::~OverlayFile() { budget_->give_back(changed_.size() * block_size); }

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
      std::copy_n(next->second->begin() + static_cast<std::ptrdiff_t>(inside), length, out.begin() + static_cast<std::ptrdiff_t>(done));
      done += length;
    } else {
      const size_t length = std::min<uint64_t>(out.size() - done, next_at - at);
      ROLLPROOF_TRY(read_unchanged(at, out.subspan(done, length)));
      done += length;
    }
  }
  return out.size();
}

Result<OverlayFile::Block*> OverlayFile::changed_block(uint64_t index, bool all_overwritten, const std::string& path) {
  if (const auto found = changed_.find(index); found != changed_.end()) return found->second.get();
  if (!budget_->take(block_size)) {
    return fail(Code::no_space,
                "write in memory: the limit of " + std::to_string(budget_->bytes_max()) + " bytes of changed blocks is reached", path);
  }
  auto block = std::make_unique<Block>();
  if (!all_overwritten) {
    if (auto filled = read_unchanged(index * block_size, *block); !filled) {
      budget_->give_back(block_size);
      return fail(std::move(filled).error());
    }
  }
  return changed_.emplace(index, std::move(block)).first->second.get();
}

Status OverlayFile::write_at(uint64_t offset, std::string_view bytes, const std::string& path) {
  const std::unique_lock guard(mutex_);
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t at = offset + done;
    const uint64_t inside = at % block_size;
    const size_t length = std::min<uint64_t>(bytes.size() - done, block_size - inside);
    ROLLPROOF_ASSIGN(Block* const block, changed_block(at / block_size, length == block_size, path));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), length, block->begin() + static_cast<std::ptrdiff_t>(inside));
    done += length;
    size_ = std::max(size_, at + length);
  }
  return {};
}

void OverlayFile::truncate(uint64_t size) {
  const std::unique_lock guard(mutex_);
  const auto first_unneeded = changed_.lower_bound((size + block_size - 1) / block_size);
  budget_->give_back(static_cast<uint64_t>(std::distance(first_unneeded, changed_.end())) * block_size);
  changed_.erase(first_unneeded, changed_.end());
  if (const auto last = changed_.find(size / block_size); last != changed_.end()) {
    std::fill(last->second->begin() + static_cast<std::ptrdiff_t>(size % block_size), last->second->end(), '\0');
  }
  below_limit_ = std::min(below_limit_, size);
  size_ = size;
}

}  // namespace rollproof::os
