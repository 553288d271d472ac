// Points in time as text, always UTC.
#pragma once

#include <cstdint>
#include <string>

namespace rollproof {

// "2025-08-13T11:26:18.516Z". Total: years beyond four digits are printed with more.
std::string time_text(int64_t ms_since_1970);

// "2025-08-13T11-26-18-516Z": the form of the documents' backup folders.
std::string file_time_text(int64_t ms_since_1970);

}  // namespace rollproof
