// Bytes of a real file are changed while no command is at work.
#pragma once

#include <string>

#include "harness/process/workspace.h"
#include "lib/base/result.h"

namespace rollproof::process {

struct DoneDamage {
  std::string path;  // relative to the workspace
  std::string text;  // as harness/fault/damage.h prints it
};

// `how`: "flip source", "cut journal", "lose backup" (RealFault): in the largest file of the class, in the middle of what is written in it. Code::not_found if
// there is no such file, or nothing in it changes.
Result<DoneDamage> damage_class(const Workspace& workspace, const std::string& how);

}  // namespace rollproof::process
