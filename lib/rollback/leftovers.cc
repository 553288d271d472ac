#include "lib/rollback/leftovers.h"

#include "lib/migrate/recorded_path.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"

namespace rollproof::rollback {

using migrate::Json;
using migrate::Session;

namespace {

Status set_aside(Session& session, const std::string& name, Json& facts) {
  auto& files = session.world().files;
  const std::string path = os::join(session.config().directory, name);
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) return {};
  const std::string folder = os::join(os::join(session.config().state_directory(), "set-aside"), session.state().migration);
  ROLLPROOF_TRY(os::make_directories(files, folder));
  ROLLPROOF_TRY(files.rename(path, os::join(folder, name)));
  ROLLPROOF_TRY(files.sync_directory(folder));
  ROLLPROOF_TRY(files.sync_directory(session.config().directory));
  facts["set_aside"].push_back(name);
  facts["set_aside_in"] = migrate::to_recorded(session.config(), folder);
  return {};
}

Status remove_unfinished_json(Session& session, Json& facts) {
  auto& files = session.world().files;
  const std::string& folder = session.config().target.path;
  ROLLPROOF_ASSIGN(const bool there, os::is_folder(files, folder));
  if (!there) return {};
  ROLLPROOF_ASSIGN(const auto names, files.list(folder));
  bool removed = false;
  for (const std::string& name : names) {
    if (!is_unfinished_json(name)) continue;
    ROLLPROOF_TRY(files.remove(os::join(folder, name)));
    facts["removed"].push_back(name);
    removed = true;
  }
  return removed ? files.sync_directory(folder) : Status();
}

}  // namespace

bool is_unfinished_json(std::string_view name) { return name.ends_with(".json.partial") || name.ends_with(".json.tmp"); }

Status clear_script_leftovers(Session& session, bool in_target, Json& facts) {
  for (const std::string_view name : kScriptStateFiles) ROLLPROOF_TRY(set_aside(session, std::string(name), facts));
  return session.state().target_existed || !in_target ? Status() : remove_unfinished_json(session, facts);
}

}  // namespace rollproof::rollback
