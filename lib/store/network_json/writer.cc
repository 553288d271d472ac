#include "lib/store/network_json/writer.h"

#include <fmt/format.h>

namespace rollproof::store::network_json {

namespace {
constexpr size_t kBufferBytes = 256 << 10;
}

Result<Writer> Writer::create(os::FileSystem& files, const std::string& beside, const std::string& like, const std::string& named, uint64_t bytes_max) {
  ROLLPROOF_ASSIGN(auto file, files.create(beside));
  if (!like.empty()) ROLLPROOF_TRY(files.take_access(beside, like));
  return Writer(std::move(file), named, bytes_max);
}

Status Writer::write(std::string_view piece) {
  if (written_ + buffer_.size() + piece.size() > bytes_max_) {
    return fail(Code::refused, fmt::format("a network file of more than {} bytes could not be read again", bytes_max_), named_,
                "Migrate to another kind of store, for example unified-json.");
  }
  buffer_ += piece;
  return buffer_.size() >= kBufferBytes ? flush() : Status{};
}

Status Writer::flush() {
  if (buffer_.empty()) return {};
  ROLLPROOF_TRY(file_->write_at(written_, buffer_));
  digest_.update(buffer_);
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status Writer::finish(uint64_t& size, std::string& sha256) {
  ROLLPROOF_TRY(flush());
  ROLLPROOF_TRY(file_->sync());
  ROLLPROOF_TRY(file_->close());
  size = written_;
  sha256 = digest_.finish_hex();
  return {};
}

}  // namespace rollproof::store::network_json
