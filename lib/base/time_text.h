// Points in time as text, always UTC.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollproof {

// "2025-08-13T11:26:18.516Z". Total: years beyond four digits are printed with more.
std::string time_text(int64_t ms_since_1970);

// "2025-08-13T11-26-18-516Z": the form of the documents' backup folders.
std::string file_time_text(int64_t ms_since_1970);

// Milliseconds since 1970 of "2025-08-13T11:26:18.516Z" (what time_text prints), of the same without milliseconds, or of "2025-08-13" (its first
// moment). Nothing for any other text, and for a day or an hour that no calendar has.
std::optional<int64_t> parse_time(std::string_view text);

}  // namespace rollproof
