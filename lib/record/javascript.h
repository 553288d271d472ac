// Whether a value passes unchanged through the JSON of JavaScript, which is what most readers of our files use.
#pragma once

#include <string_view>

namespace rollproof::record {

// True only if JSON.stringify(JSON.parse(text)) is `text`, byte for byte. May say false where it would be (16 digits and more,
// for example), never true where it would not.
bool survives_javascript(std::string_view text);

// The same of one number token.
bool number_survives_javascript(std::string_view token);

}  // namespace rollproof::record
