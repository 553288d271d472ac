// What a mutant is: a program with one deliberate mistake, and what its file says about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::mutant {

inline constexpr const char* kProgram = "mutant.";  // before the name, beside NAME.mutant

// What a mutant's file says about it (README.md).
struct Mutant {
  std::string name;
  int promise = 0;      // 1 to 10: the one that has to catch it
  std::string mistake;  // one sentence
  std::string stories;  // pattern of the stories that it is run on

  // Code::invalid if a line is missing or makes no sense.
  static Result<Mutant> parse(std::string name, std::string_view text);
};

// In the order of their names. Code::not_found if there is no such folder.
Result<std::vector<Mutant>> mutants_in(os::FileSystem& files, const std::string& directory);

}  // namespace rollproof::mutant
