// Text as every view can hold it, and numbers as people read them. What a record, a reason or an error message says came from file names and
// data: any bytes at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollproof::record {

// `bytes` as text that is legal in XML 1.0, HTML and JSON alike: what is no UTF-8, and each control character but tab and line feed, becomes
// U+FFFD. Of more than `most` bytes the beginning is kept, whole characters, with words about how much was cut and is in `whole`.
std::string legal_text(std::string_view bytes, size_t most = 8192, std::string_view whole = "run.json");

// Escaped for XML text and attributes. REQUIRES: `text` is legal_text().
std::string xml_escaped(std::string_view text);

// Escaped for a Markdown paragraph or table field: one line, nothing of it is markup. Backslashes serve where Markdown has them.
std::string markdown_escaped(std::string_view text);

// As code in Markdown, one line, whatever backquotes it holds; `in_table`: a bar is escaped as well.
std::string markdown_code(std::string_view text, bool in_table = false);

std::string counted(uint64_t number);        // "4,150,532"
std::string duration_text(int64_t ms);       // "0 ms", "31 ms", "4.2 s", "45 min", "1 h 05 min"
std::string microseconds_text(int64_t us);  // of one call: "3 us", "4.02 ms", "1.20 s"
std::string plural(uint64_t number, std::string_view one, std::string_view many = {});  // "1 case", "2 cases"

}  // namespace rollproof::record
