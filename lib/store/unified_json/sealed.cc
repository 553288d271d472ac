#include "lib/store/unified_json/sealed.h"

#include <fmt/format.h>

#include <algorithm>

namespace rollproof::store::unified_json {

namespace {

constexpr uint64_t kBlockBytes = 8 << 10;
constexpr size_t kPieceBytes = 256 << 10;

// The next entry of a block's text; `at` moves behind it. REQUIRES: at < text.size().
Result<Entry> next_entry(std::string_view text, size_t& at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  if (line.ends_with(',')) line.remove_suffix(1);
  at = end + 1;
  return parse_entry(line);
}

tl::unexpected<Error> with_path(Error error, const std::string& path) {
  if (error.path.empty()) error.path = path;
  return fail(std::move(error));
}

}  // namespace

void BlockIndex::add(const Place& place, std::string_view line, uint64_t offset) {
  if (blocks_.empty() || blocks_.back().length >= kBlockBytes || blocks_.back().first.group != place.group) {
    blocks_.push_back({place, offset, 0, 0});
  }
  blocks_.back().length += line.size();
  blocks_.back().crc = crc32c(line, blocks_.back().crc);
}

Result<std::shared_ptr<Sealed>> Sealed::read(os::FileSystem& files, const std::string& path, const std::string& space) {
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  BlockIndex index;
  Facts facts;
  FileReader reader(space, [&](Entry& entry, std::string_view line, uint64_t offset) -> Status {
    index.add(entry.place, line, offset);
    return {};
  });
  std::string piece(std::min<uint64_t>(size, kPieceBytes), '\0');
  while (facts.size < size) {
    ROLLPROOF_ASSIGN(const size_t got, file->read_at(facts.size, piece));
    if (got == 0) return fail(Code::io, fmt::format("the file ended at {} of {} bytes", facts.size, size), path);
    if (auto fed = reader.feed(std::string_view(piece).substr(0, got)); !fed) return with_path(fed.error(), path);
    facts.size += got;
  }
  if (auto finished = reader.finish(); !finished) return with_path(finished.error(), path);
  facts.blocks = index.take();
  facts.records = reader.records();
  facts.sha256 = reader.sha256();
  return std::make_shared<Sealed>(path, std::move(file), std::move(facts));
}

Result<std::shared_ptr<Sealed>> Sealed::take(os::FileSystem& files, const std::string& path, Facts facts) {
  ROLLPROOF_ASSIGN(auto file, files.open_read(path));
  ROLLPROOF_ASSIGN(const uint64_t size, file->size());
  if (size != facts.size) return fail(Code::io, fmt::format("{} bytes, {} were written", size, facts.size), path);
  return std::make_shared<Sealed>(path, std::move(file), std::move(facts));
}

Result<std::string> Sealed::load(const Block& block) const {
  std::string text(block.length, '\0');
  auto got = file_->read_at(block.offset, text);
  if (!got) return with_path(got.error(), path_);
  const uint32_t crc = crc32c(std::string_view(text).substr(0, *got));
  if (*got == text.size() && crc == block.crc) return text;
  return fail(Code::corruption, fmt::format("block at {}: checksum {:08x}, expected {:08x}", block.offset, crc, block.crc), path_);
}

Result<std::optional<Entry>> Sealed::get(const Place& place) const {
  auto block = std::upper_bound(facts_.blocks.begin(), facts_.blocks.end(), place, [](const Place& a, const Block& b) { return a < b.first; });
  if (block == facts_.blocks.begin()) return std::nullopt;
  --block;
  ROLLPROOF_ASSIGN(const std::string text, load(*block));
  for (size_t at = 0; at < text.size();) {
    auto entry = next_entry(text, at);
    if (!entry) return with_path(entry.error(), path_);
    if (entry->place == place) return std::move(*entry);
    if (entry->place > place) break;
  }
  return std::nullopt;
}

class SealedWalker final : public Walker {
 public:
  explicit SealedWalker(std::shared_ptr<const Sealed> file) : file_(std::move(file)) {}

  Result<bool> next(Entry& out) override {
    if (at_ >= text_.size()) {
      if (block_ == file_->facts_.blocks.size()) return false;
      ROLLPROOF_ASSIGN(text_, file_->load(file_->facts_.blocks[block_]));
      ++block_;
      at_ = 0;
    }
    auto entry = next_entry(text_, at_);
    if (!entry) return with_path(entry.error(), file_->path());
    out = std::move(*entry);
    return true;
  }

 private:
  const std::shared_ptr<const Sealed> file_;
  size_t block_ = 0;
  std::string text_;
  size_t at_ = 0;
};

std::unique_ptr<Walker> Sealed::walk() const { return std::make_unique<SealedWalker>(shared_from_this()); }

}  // namespace rollproof::store::unified_json
