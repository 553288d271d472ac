// SHA-256 straight from OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace rollproof::check {

// Lower-case hexadecimal digest of `bytes`.
std::string sha256_of(std::string_view bytes);

}  // namespace rollproof::check
