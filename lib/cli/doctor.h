// What is not as it should be: locks, interrupted work, leftovers, contradictions, damage. It only looks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/migrate/config.h"
#include "lib/migrate/ledger.h"
#include "lib/os/world.h"

namespace rollproof::cli {

struct Finding {
  std::string topic;  // "lock", "interrupted", "leftover", "environment", …; of the documents' troubleshooting table where it has a row
  std::string what;
  std::string where;  // file, folder, variable or process; may be empty
  std::string next;   // what to type or to do
};
using Findings = std::vector<Finding>;

struct DoctorOptions {
  std::function<std::optional<std::string>(const char* name)> environment;  // of this process
  std::string temporary = "/tmp";   // (or what TMPDIR says) where the documents' scripts leave `migration-*` and `state-manager-*`
  std::string processes = "/proc";
  int64_t stalled_after_ms = 5 * 60'000;  // without a sign of life of whoever is at work
};

std::optional<std::string> environment_of_this_process(const char* name);

// Everything at once. What can not be looked at is a finding as well.
Findings examine_all(os::World& world, const std::string& config_path, const DoctorOptions& options);

// The parts, each on its own. `active`: a migration is running.
Findings leftovers_of_ours(os::World& world, const migrate::Config& config, const migrate::State& state);
Findings leftovers_of_the_documents(os::World& world, const migrate::Config& config, const DoctorOptions& options);
Findings contradicting_environment(const migrate::State& state, const DoctorOptions& options);

}  // namespace rollproof::cli
