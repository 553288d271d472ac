// What processes of the drill say to each other: lines, through pipes.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace rollproof::drill {

// All of it, or the process gives up: nobody needs what one says whose reader is gone.
inline void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) ::_exit(3);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace rollproof::drill
