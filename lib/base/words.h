// Words as people type them: the known one that was meant, and patterns of names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rollproof {

// How many insertions, deletions and replacements of one byte turn one word into the other.
size_t edit_distance(std::string_view a, std::string_view b);

// The known word nearest to `given` (the first of equally near ones); empty if none is near: a word of which half or more had to change,
// at least three bytes, was not meant.
std::string nearest(std::string_view given, const std::vector<std::string>& known);

// What to say to somebody who gave an unknown word: `Did you mean "source"?`, or all the known ones if none is near: "Known: source, target."
std::string nearest_or_known(std::string_view given, const std::vector<std::string>& known);

// True if the whole name fits the pattern, in which '*' stands for any text, an empty one too. At most |pattern| times |name| steps.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace rollproof
