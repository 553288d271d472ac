#include "lib/os/free_name.h"

#include "lib/base/time_text.h"
#include "lib/os/paths.h"

namespace rollproof::os {
namespace {

constexpr int64_t kNamesTriedMax = 1000;

}  // namespace

Result<std::string> free_timed_name(World& world, const std::string& before) {
  const int64_t now = world.clock.wall_ms();
  for (int64_t later = 0; later < kNamesTriedMax; ++later) {
    std::string path = before + file_time_text(now + later);
    ROLLPROOF_ASSIGN(const bool taken, exists(world.files, path));
    if (!taken) return path;
  }
  return fail(Code::already_exists, "the next " + std::to_string(kNamesTriedMax) + " names are taken", before + file_time_text(now), "Look at the clock of this machine.");
}

}  // namespace rollproof::os
