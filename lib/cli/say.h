// Text for the terminal, a file or a pipe. That it can not be written (a full disk behind a redirection) stops no work: what was done to the
// data is in the journal, and the exit code tells.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace rollproof::cli {

template <class... Arguments>
void say(std::FILE* to, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  const std::string text = fmt::format(format, std::forward<Arguments>(arguments)...);
  std::fwrite(text.data(), 1, text.size(), to);
}

// False if anything that was said on stdout did not arrive.
inline bool stdout_arrived() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

}  // namespace rollproof::cli
