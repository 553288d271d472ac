#include "lib/store/unified_json/mark_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/os/paths.h"

namespace rollproof::store::unified_json {

namespace {

constexpr std::string_view kDigest = " sha256:";
constexpr size_t kDigits = 64;
constexpr std::string_view kHex = "0123456789abcdef";

// Where the file's name ends in a line; npos if this is none. Whatever a name holds, what follows the last checksum is ours.
size_t end_of_name(std::string_view line) {
  const size_t digest = line.rfind(kDigest);
  if (digest == line.npos || line.size() < digest + kDigest.size() + kDigits) return line.npos;
  if (line.substr(digest + kDigest.size(), kDigits).find_first_not_of(kHex) != line.npos) return line.npos;
  const size_t space = line.substr(0, digest).rfind(' ');
  if (space == line.npos || space + 1 == digest || line.substr(space + 1, digest - space - 1).find_first_not_of("0123456789") != line.npos) return line.npos;
  return space;
}

}  // namespace

std::string mark_line(std::string_view file, uint64_t size, std::string_view sha256, std::string_view words) {
  return fmt::format("{} {} sha256:{}{}{}\n", file, size, sha256, words.empty() ? "" : " ", words);
}

Result<std::vector<std::string>> files_of_mark(const Mark& mark) {
  std::vector<std::string> files;
  // A name with a line break in it goes over several lines.
  size_t begin = 0;
  for (size_t at = 0; at < mark.size();) {
    const size_t end = std::min(mark.find('\n', at), mark.size());
    at = end + 1;
    const std::string_view line = std::string_view(mark).substr(begin, end - begin);
    const size_t name_end = end_of_name(line);
    if (name_end == line.npos) continue;
    files.emplace_back(line.substr(0, name_end));
    begin = at;
  }
  if (begin >= mark.size()) return files;
  return fail(Code::invalid, fmt::format("'{}' is not the mark of a store of JSON files", mark.substr(begin, 200)));
}

Status check_files_of_mark(const Mark& mark, const std::set<std::string>& there, const std::string& directory) {
  ROLLPROOF_ASSIGN(const auto files, files_of_mark(mark));
  for (const std::string& file : files) {
    if (!there.contains(file)) return fail(Code::corruption, "it is gone, and the last checkpoint left it", os::join(directory, file));
  }
  return {};
}

}  // namespace rollproof::store::unified_json
