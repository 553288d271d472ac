// A phase as it is written on the command line.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/migrate/phase.h"

namespace rollproof::cli {

// Code::invalid names the nearest phase, or all of them.
Result<migrate::Phase> phase_from(const std::string& name);

}  // namespace rollproof::cli
