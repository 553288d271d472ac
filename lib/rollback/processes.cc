#include "lib/rollback/processes.h"

#include <unistd.h>

#include <charconv>
#include <string_view>

#include "lib/os/paths.h"

namespace rollproof::rollback {
namespace {

constexpr size_t kFieldsBeforeStart = 19;  // behind the closing bracket of the name (proc(5), /proc/[pid]/stat, field 22)

// The start of a file of the kernel's, whose size reads as 0.
std::optional<std::string> kernel_text(os::FileSystem& files, const std::string& path) {
  const auto file = files.open_read(path);
  if (!file) return std::nullopt;
  std::string text(1 << 16, '\0');
  const auto got = (*file)->read_at(0, text);
  if (!got) return std::nullopt;
  text.resize(*got);
  return text;
}

std::optional<int64_t> number_in(std::string_view text) {
  int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<int64_t> boot_ms(os::FileSystem& files, const std::string& processes) {
  const auto text = kernel_text(files, os::join(processes, "stat"));
  const size_t at = text ? text->find("\nbtime ") : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  const auto seconds = number_in(std::string_view(*text).substr(at + 7));
  return seconds ? std::optional(*seconds * 1000) : std::nullopt;
}

}  // namespace

std::optional<bool> is_still_there(os::FileSystem& files, const std::string& processes, int64_t pid, int64_t seen_ms) {
  const auto boot = boot_ms(files, processes);
  if (!boot) return std::nullopt;
  const auto text = kernel_text(files, os::join(os::join(processes, std::to_string(pid)), "stat"));
  if (!text) return false;
  // The name may hold anything, brackets too.
  std::string_view rest = *text;
  rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 2));
  if (rest.empty()) return std::nullopt;
  if (rest.front() == 'Z' || rest.front() == 'X') return false;  // ended, and only not waited for
  for (size_t n = 0; n < kFieldsBeforeStart; ++n) {
    const size_t space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(space + 1);
  }
  const auto ticks = number_in(rest);
  if (!ticks) return std::nullopt;
  const int64_t started_ms = *boot + *ticks * 1000 / sysconf(_SC_CLK_TCK);
  return started_ms <= seen_ms + 1000;
}

}  // namespace rollproof::rollback
