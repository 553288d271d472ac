// Bytes that were never written read as zeros, on every disk that we know.
#pragma once

#include <cstring>
#include <string_view>

namespace rollproof {

// Also of no bytes at all. Each byte is compared with the one before it, which a C library does many at a time.
inline bool all_zero(std::string_view bytes) {
  return bytes.empty() || (bytes.front() == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace rollproof
