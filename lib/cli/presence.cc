#include "lib/cli/presence.h"

#include <algorithm>

#include "lib/migrate/ledger.h"
#include "lib/os/paths.h"

namespace rollproof::cli {
namespace {

bool same(const os::Info& a, const os::Info& b) { return a.kind == b.kind && a.size == b.size && a.identity == b.identity && a.modified_ns == b.modified_ns; }

}  // namespace

bool Presence::operator==(const Presence& other) const {
  return holder == other.holder && std::equal(traces.begin(), traces.end(), other.traces.begin(), other.traces.end(), same);
}

// Who takes the lock makes the file, and so changes the folder, or writes its name into the file that is there. The audit trail grows with every
// session that opens a store, whatever clocks say; it is written behind the journal and under the lock.
Presence presence_in(os::World& world, const migrate::Config& config) {
  const std::string folder = config.state_directory();
  Presence presence;
  for (const std::string& path : {folder, os::join(folder, migrate::kLockFile), os::join(folder, migrate::kAuditFile)}) {
    presence.traces.push_back(world.files.stat(path).value_or(os::Info{}));
  }
  // Last: who is gone by now has left its traces before.
  presence.holder = world.files.lock_holder(os::join(folder, migrate::kLockFile)).value_or(std::nullopt);
  return presence;
}

}  // namespace rollproof::cli
