// The migration's id in the text of a configuration. Its owner may save the file with other line ends, indentation or order meanwhile, so it is
// found as the member that it is, wherever it stands, and only its bytes go.
#pragma once

#include <string>
#include <string_view>

namespace rollproof::migrate {

// Whether the outermost object has a member "migration_id". False for a text that is no JSON with comments.
bool has_migration_id(const std::string& text);

// The text without that member, its comma, our comment behind it, and the line that it stood on if nothing else does. All other bytes stay; a
// text that with_migration_id() has given becomes again what it was. A text without the member, and one that is no JSON, comes back as it is.
std::string without_migration_id(const std::string& text);

// The text with the id as its first member, on a line of its own, in the place of any other; as it is if it carries that id already. Empty if it
// has no object.
std::string with_migration_id(const std::string& text, std::string_view id);

}  // namespace rollproof::migrate
