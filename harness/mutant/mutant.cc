#include "harness/mutant/mutant.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "lib/os/paths.h"

namespace rollproof::mutant {
namespace {

constexpr std::string_view kAbout = ".mutant";

// The "word: rest of the line" lines before the first file.
std::map<std::string, std::string, std::less<>> header_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> header;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(": ");
    if (line.starts_with("file:") || colon == std::string_view::npos) break;
    header.emplace(line.substr(0, colon), line.substr(line.find_first_not_of(' ', colon + 1)));
  }
  return header;
}

}  // namespace

Result<Mutant> Mutant::parse(std::string name, std::string_view text) {
  const auto header = header_of(text);
  Mutant mutant{.name = std::move(name)};
  for (const auto& [key, into] : {std::pair{"mistake", &mutant.mistake}, std::pair{"stories", &mutant.stories}}) {
    const auto found = header.find(key);
    if (found == header.end() || found->second.empty()) return fail(Code::invalid, fmt::format("mutant {}: no line \"{}\"", mutant.name, key));
    *into = found->second;
  }
  const auto promise = header.find("promise");
  const std::string number = promise == header.end() ? "" : promise->second;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), mutant.promise);
  if (error != std::errc() || end != number.data() + number.size() || mutant.promise < 1 || mutant.promise > 10) {
    return fail(Code::invalid, fmt::format("mutant {}: promise '{}' is none of 1 to 10", mutant.name, number));
  }
  return mutant;
}

Result<std::vector<Mutant>> mutants_in(os::FileSystem& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names && names.error().code != Code::not_found) return fail(names.error());
  if (!names) return fail(Code::not_found, "no mutants were built", directory, "Build the target `mutants`; a sanitized build has none.");
  std::vector<Mutant> mutants;
  for (const std::string& file : *names) {
    if (!file.ends_with(kAbout)) continue;
    ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, os::join(directory, file), 1 << 20));
    ROLLPROOF_ASSIGN(Mutant mutant, Mutant::parse(file.substr(0, file.size() - kAbout.size()), text));
    mutants.push_back(std::move(mutant));
  }
  return mutants;
}

}  // namespace rollproof::mutant
