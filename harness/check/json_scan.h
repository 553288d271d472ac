// A strict scanner of JSON (RFC 8259) that gives the exact bytes of every value: the checkers' own, shared with no reader of the library.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rollproof::check {

// The bytes of the value that begins at `at` (white space before it is skipped), without any around it; `at` moves behind it.
// Nothing if the text is malformed. Nesting is limited by memory only.
std::optional<std::string_view> scan_value(std::string_view text, size_t& at);

// Calls `visit` with each member's decoded name and the exact bytes of its value, in order. False if `object` is not one whole object
// (white space around it is fine), or if `visit` has said false.
using MemberVisitor = std::function<bool(const std::string& name, std::string_view value)>;
bool for_each_member(std::string_view object, const MemberVisitor& visit);

// The text of a string token in UTF-8; nothing if it is none or holds half a surrogate pair.
std::optional<std::string> decode_string(std::string_view token);
// A whole number without sign, fraction and exponent.
std::optional<uint64_t> decode_number(std::string_view token);
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace rollproof::check
