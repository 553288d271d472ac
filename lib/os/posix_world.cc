#include "lib/os/posix_world.h"

#include <pwd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <ctime>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/os/paths.h"

namespace rollproof::os {
namespace {

// The start of a file of the kernel's, whose size reads as 0. Empty if there is none.
std::string kernel_text(const std::string& path) {
  PosixFileSystem files;
  const auto file = files.open_read(path);
  if (!file) return {};
  std::string text(4096, '\0');
  const auto got = (*file)->read_at(0, text);
  text.resize(got ? *got : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// 0 if the text does not begin with a number, such as "max".
uint64_t number_in(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

uint64_t smaller_limit(uint64_t a, uint64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

// Our group's path in the version 2 hierarchy, from the line "0::/path"; empty if there is none.
std::string control_group() {
  const std::string text = kernel_text("/proc/self/cgroup");
  const size_t line = text.starts_with("0::") ? 0 : text.find("\n0::");
  if (line == std::string::npos) return {};
  const size_t begin = text.find('/', line);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find('\n', begin) - begin);
}

int64_t milliseconds_of(clockid_t clock) {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

int64_t PosixClock::wall_ms() { return milliseconds_of(CLOCK_REALTIME); }
int64_t PosixClock::monotonic_ms() { return milliseconds_of(CLOCK_MONOTONIC); }
int64_t PosixClock::monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
void PosixClock::sleep_ms(int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

uint64_t PosixMemoryGauge::used_bytes() {
  const std::string pages = kernel_text("/proc/self/statm");
  const size_t second = pages.find(' ');
  if (second == std::string::npos) return 0;
  return number_in(std::string_view(pages).substr(second + 1)) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

uint64_t PosixMemoryGauge::limit_bytes() {
  uint64_t limit = 0;
  // A group is bound by the limits of all groups above it, so each of them is asked.
  for (std::string group = control_group(); !group.empty() && group != "/"; group = parent_of(group)) {
    limit = smaller_limit(limit, number_in(kernel_text("/sys/fs/cgroup" + group + "/memory.max")));
  }
  // Inside a container the group may be the root of what can be seen, and the limit is found there.
  limit = smaller_limit(limit, number_in(kernel_text("/sys/fs/cgroup/memory.max")));
  rlimit space = {};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) limit = smaller_limit(limit, space.rlim_cur);
  return limit;
}

int64_t PosixIdentity::pid() { return ::getpid(); }

std::string PosixIdentity::user() {
  std::vector<char> room(16 * 1024);
  passwd entry = {};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(::geteuid());
}

std::string PosixIdentity::host() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) == -1 || name[0] == '\0') return "unknown";
  return name;
}

std::string PosixIdentity::boot_id() {
  std::string text = kernel_text("/proc/sys/kernel/random/boot_id");
  return text.empty() ? "unknown" : text;
}

uint64_t PosixIdentity::random64() {
  uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) == sizeof number) return number;
  // Ids only have to differ; a system call filter that forbids getrandom must not stop a rollback.
  static std::atomic<uint64_t> calls{0};
  number = (static_cast<uint64_t>(milliseconds_of(CLOCK_REALTIME)) << 20) ^ (static_cast<uint64_t>(::getpid()) << 44) ^ ++calls;
  return number * 0x9e3779b97f4a7c15ULL;
}

}  // namespace rollproof::os
