#include "lib/cli/reading.h"

#include "lib/os/paths.h"

namespace rollproof::cli {

Status check_nobody_writes(Context& context) {
  ROLLPROOF_ASSIGN(const migrate::Config config, migrate::read_config(context.world().files, context.config_path));
  ROLLPROOF_ASSIGN(const auto holder, context.world().files.lock_holder(os::join(config.state_directory(), migrate::kLockFile)));
  if (!holder) return {};
  return fail(Code::locked, "held by " + *holder, config.state_directory(), "Wait for it; `rollproof status` shows how far it is.");
}

}  // namespace rollproof::cli
