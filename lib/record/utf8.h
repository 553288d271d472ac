// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollproof::record {

// Length of the longest prefix that is valid UTF-8; `text.size()` if all of it is.
size_t valid_utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

// Appends one code point. REQUIRES: at most U+10FFFF and no surrogate.
void append_utf8(std::string& out, uint32_t code_point);

}  // namespace rollproof::record
