// Commands as processes of this machine.
#pragma once

#include "lib/os/commands.h"

namespace rollproof::os {

class PosixCommands final : public Commands {
 public:
  Result<CommandOutcome> run(const CommandRequest& request) override;
};

}  // namespace rollproof::os
