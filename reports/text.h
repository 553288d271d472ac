// Text as every view can hold it (lib/record/shown_text.h), and moments as a record writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/record/shown_text.h"

namespace rollproof::reports {

using record::counted;
using record::duration_text;
using record::legal_text;
using record::markdown_code;
using record::markdown_escaped;
using record::plural;
using record::xml_escaped;

// "2025-08-13T11:26:18.516Z" as milliseconds since 1970; nothing else is a moment.
std::optional<int64_t> moment_of(std::string_view text);

// A moment as people read it, to the second: "2025-08-13 11:26:18 UTC"; other text as it is.
std::string readable_moment(std::string_view text);

}  // namespace rollproof::reports
