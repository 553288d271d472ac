// Base64 (RFC 4648, with padding), for bytes that are not UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rollproof {

void append_base64(std::string& out, std::string_view bytes);

// Nothing unless `text` is exactly what append_base64 writes for some bytes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace rollproof
