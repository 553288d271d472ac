#include "lib/base/words.h"

#include <algorithm>

namespace rollproof {

namespace {

constexpr size_t kWordBytesMax = 64;  // more is no misspelt word, and the time grows with it

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string nearest(std::string_view given, const std::vector<std::string>& known) {
  given = given.substr(0, kWordBytesMax);
  std::string best;
  size_t best_distance = std::max<size_t>(2, given.size() / 2) + 1;
  for (const std::string& word : known) {
    const size_t distance = edit_distance(given, word);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = word;
  }
  return best;
}

std::string nearest_or_known(std::string_view given, const std::vector<std::string>& known) {
  const std::string near = nearest(given, known);
  if (!near.empty()) return "Did you mean \"" + near + "\"?";
  std::string all;
  for (const std::string& word : known) all += (all.empty() ? "" : ", ") + word;
  return "Known: " + all + ".";
}

bool matches(std::string_view pattern, std::string_view name) {
  constexpr size_t kNone = std::string_view::npos;
  size_t at = 0, star = kNone, star_end = 0;  // the last star seen, and where the text that it stands for ends
  for (size_t i = 0; i < name.size();) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_end = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != kNone) {
      // Only the last star has to take more: what is before it fits already, and a longer text of an earlier one finds nothing new.
      at = star + 1;
      i = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == kNone;
}

}  // namespace rollproof
