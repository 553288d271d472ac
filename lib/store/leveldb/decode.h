// Little-endian numbers, varints and length-prefixed text as LevelDB writes them, read with bounds.
#pragma once

#include <cstdint>
#include <string_view>

namespace rollproof::store::level {

// REQUIRES: at least 4 (8) bytes.
inline uint32_t decode_fixed32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  return value;
}
inline uint64_t decode_fixed64(std::string_view bytes) {
  return decode_fixed32(bytes) | static_cast<uint64_t>(decode_fixed32(bytes.substr(4))) << 32;
}

// Takes things off the front; after the first that is not there, ok() is false and everything reads as nothing.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  uint8_t byte() {
    if (rest_.empty()) return failed();
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  uint64_t varint(int bits = 64) {
    uint64_t value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      const uint8_t part = byte();
      if (!ok_) return 0;
      value |= static_cast<uint64_t>(part & 0x7f) << shift;
      if (part < 0x80) return value;
    }
    return failed();
  }
  std::string_view text() {
    const uint64_t length = varint(32);
    if (!ok_ || length > rest_.size()) {
      failed();
      return {};
    }
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }

 private:
  uint8_t failed() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace rollproof::store::level
