#include "harness/mutant/violations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "lib/os/paths.h"

namespace rollproof::mutant {

Result<std::vector<Violation>> violations_in(os::FileSystem& files, const std::string& path) {
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path));
  std::vector<Violation> found;
  try {
    const auto record = nlohmann::json::parse(text);
    for (const auto& violation : record.at("violations")) {
      found.push_back({violation.at("promise").get<int>(), violation.at("case").get<std::string>(), violation.at("what").get<std::string>()});
    }
  } catch (const nlohmann::json::exception& error) {
    return fail(Code::corruption, fmt::format("is no record of a drill: {}", error.what()), path);
  }
  return found;
}

}  // namespace rollproof::mutant
