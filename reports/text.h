// Text as every view can hold it, and numbers as people read them. What a record says came from file names, error messages and data: any
// bytes at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollproof::reports {

// `bytes` as text that is legal in XML 1.0, HTML and JSON alike: what is no UTF-8, and each control character but tab and line feed, becomes
// U+FFFD. Of more than `most` bytes the beginning is kept, whole characters, with words about how much was cut.
std::string legal_text(std::string_view bytes, size_t most = 8192);

// Escaped for XML text and attributes. REQUIRES: `text` is legal_text().
std::string xml_escaped(std::string_view text);

// Escaped for a Markdown paragraph or table field: one line, nothing of it is markup. Backslashes serve where Markdown has them.
std::string markdown_escaped(std::string_view text);

// As code in Markdown, one line, whatever backquotes it holds; `in_table`: a bar is escaped as well.
std::string markdown_code(std::string_view text, bool in_table = false);

std::string counted(uint64_t number);        // "4,150,532"
std::string duration_text(int64_t ms);       // "0 ms", "31 ms", "4.2 s", "45 min", "1 h 05 min"
std::string plural(uint64_t number, std::string_view one, std::string_view many = {});  // "1 case", "2 cases"

// "2025-08-13T11:26:18.516Z" as milliseconds since 1970; nothing else is a moment.
std::optional<int64_t> moment_of(std::string_view text);

// A moment as people read it, to the second: "2025-08-13 11:26:18 UTC"; other text as it is.
std::string readable_moment(std::string_view text);

}  // namespace rollproof::reports
