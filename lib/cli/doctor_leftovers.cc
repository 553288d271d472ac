#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "lib/cli/doctor.h"
#include "lib/migrate/target_claim.h"
#include "lib/migrate/recorded_path.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"
#include "lib/rollback/leftovers.h"

namespace rollproof::cli {
namespace {

class Search {
 public:
  Search(os::World& world, std::string next) : world_(world), next_(std::move(next)) {}

  void note(const std::string& path, const std::string& what, const std::string& next = "") {
    findings_.push_back({"leftover", what, path, next.empty() ? next_ : next});
  }
  void if_there(const std::string& path, const std::string& what) {
    const auto there = os::exists(world_.files, path);
    if (!there) return trouble(path, there.error());
    if (*there) note(path, what);
  }
  // Names directly in a folder; an absent folder holds none.
  void in_folder(const std::string& folder, const std::string& what, const std::function<bool(const std::string&)>& wanted) {
    const auto names = world_.files.list(folder);
    if (!names && names.error().code == Code::not_found) return;
    if (!names) return trouble(folder, names.error());
    for (const std::string& name : *names) {
      if (wanted(name)) note(os::join(folder, name), what);
    }
  }
  void below(const std::string& folder, const std::string& what, const std::function<bool(const std::string&)>& wanted) {
    const auto there = os::is_folder(world_.files, folder);
    if (!there) return trouble(folder, there.error());
    if (!*there) return;
    const auto names = os::files_below(world_.files, folder);
    if (!names) return trouble(folder, names.error());
    for (const std::string& name : *names) {
      if (wanted(name)) note(os::join(folder, name), what);
    }
  }
  void trouble(const std::string& path, const Error& error) { findings_.push_back({"unreadable", error.message, path, "Give the permission to read it, and run `rollproof doctor` again."}); }
  Findings take() { return std::move(findings_); }

 private:
  os::World& world_;
  std::string next_;
  Findings findings_;
};

// The arguments of a process; empty if it has gone or belongs to the system.
std::string arguments_of(os::World& world, const std::string& folder) {
  const auto file = world.files.open_read(os::join(folder, "cmdline"));
  if (!file) return "";
  std::array<char, 4096> bytes;
  const auto got = (*file)->read_at(0, bytes);
  if (!got) return "";
  std::string text(bytes.data(), *got);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return text;
}

}  // namespace

namespace {
// Of our own unified files; a `.json.tmp` of another name may be anybody's, and no command of ours would clear it.
bool is_ours_in_a_store(const std::string& name) { return name.ends_with(".unified.json.tmp") || (name.ends_with(".tmp") && !rollback::is_unfinished_json(name)); }
}  // namespace

Findings leftovers_of_ours(os::World& world, const migrate::Config& config, const migrate::State& state) {
  Search search(world, "rollproof recover");
  const std::string folder = config.state_directory();
  const auto is_temporary = [](const std::string& name) { return name.ends_with(".tmp"); };
  if (const auto unfinished = os::temporary_of(world.files, config.path)) search.if_there(*unfinished, "an unfinished write of the configuration");
  search.in_folder(folder, "an unfinished write", is_temporary);
  search.in_folder(os::join(folder, migrate::kJournalDirectory), "an unfinished segment of the journal", is_temporary);
  search.if_there(os::join(folder, migrate::kCancelFile), "a request to stop that nobody is there to obey");
  search.if_there(os::join(folder, migrate::kProgressFile), "the progress of a command that has died; harmless");
  search.in_folder(config.backups, "an unfinished backup", [](const std::string& name) { return name.starts_with(".rollproof-partial-"); });
  search.if_there(migrate::ready_path(config), "an unfinished restoration of the source");
  for (const auto& store : {config.source, config.target}) {
    search.if_there(os::join(store.path, "rollproof-obsolete"), "files that an interrupted session moved out of the way");
    search.in_folder(store.path, "an unfinished write in a store", is_ours_in_a_store);
  }
  if (!state.active) {
    search.if_there(os::join(folder, migrate::kLockFile), "the lock of a command that has died");
    search.if_there(os::join(folder, migrate::kReserveFile), "space that a migration had reserved");
    const auto claim = migrate::target_claim(world.files, config, state.migration);
    // No command of ours leaves it behind an end.
    if (claim && claim->by == migrate::TargetClaim::By::us) {
      search.note(config.target.path, fmt::format("the target carries the id of {}, which has ended: somebody has put it back", claim->id), "Look at what is in it, then move it away: no command of ours needs it.");
    } else if (!claim || claim->by == migrate::TargetClaim::By::nobody) {
      search.if_there(migrate::marker_path(config), "the target carries a migration's id, and none is running");
    }
  }
  return search.take();
}

Findings leftovers_of_the_documents(os::World& world, const migrate::Config& config, const DoctorOptions& options) {
  Search search(world, "Look at it; it is not ours. When nothing needs it: rm -r the path named here.");
  for (const std::string_view name : rollback::kScriptStateFiles) {
    search.if_there(os::join(config.directory, name), "state of an older migration script");
  }
  for (const std::string& folder : {config.target.path, config.legacy_json, os::join(config.directory, "deployments")}) {
    if (!folder.empty()) search.below(folder, "an unfinished JSON file",
                                         [](const std::string& name) { return rollback::is_unfinished_json(name) && !is_ours_in_a_store(name); });
  }
  search.in_folder(options.temporary, "temporary files of an older migration script",
                   [](const std::string& name) { return name.starts_with("migration-") || name.starts_with("state-manager-"); });
  const auto processes = world.files.list(options.processes);
  if (processes) {
    for (const std::string& name : *processes) {
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      if (arguments_of(world, os::join(options.processes, name)).find("sync-backends") == std::string::npos) continue;
      search.note("pid " + name, "a process `sync-backends` is running: it writes to the stores beside the migration", "End it: kill " + name);
    }
  }
  return search.take();
}

}  // namespace rollproof::cli
