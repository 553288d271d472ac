#include "lib/base/base64.h"

#include <array>
#include <cstdint>

namespace rollproof {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> kValues = [] {
  std::array<int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (size_t i = 0; i < kDigits.size(); ++i) values[static_cast<unsigned char>(kDigits[i])] = static_cast<int8_t>(i);
  return values;
}();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t length = bytes.size() - at < 3 ? bytes.size() - at : 3;
    uint32_t three = 0;
    for (size_t i = 0; i < 3; ++i) three = three << 8 | (i < length ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (size_t i = 0; i < 4; ++i) out += i <= length ? kDigits[three >> (18 - 6 * i) & 63] : '=';
  }
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (size_t at = 0; at < text.size(); at += 4) {
    size_t digits = 4;
    if (at + 4 == text.size()) {
      while (digits > 2 && text[at + digits - 1] == '=') --digits;
    }
    uint32_t three = 0;
    for (size_t i = 0; i < 4; ++i) {
      const int value = i < digits ? kValues[static_cast<unsigned char>(text[at + i])] : 0;
      if (value < 0) return std::nullopt;
      three = three << 6 | static_cast<uint32_t>(value);
    }
    // Bits beyond the last byte have to be zero: every bytes have one text.
    if ((digits == 2 && (three & 0xffff) != 0) || (digits == 3 && (three & 0xff) != 0)) return std::nullopt;
    for (size_t i = 0; i + 1 < digits; ++i) bytes += static_cast<char>(three >> (16 - 8 * i) & 0xff);
  }
  return bytes;
}

}  // namespace rollproof
