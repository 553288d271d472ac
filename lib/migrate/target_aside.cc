#include "lib/migrate/target_aside.h"

#include "lib/backup/copy.h"
#include "lib/migrate/target_claim.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

// It is whole when it has its name.
Status copy_store(os::World& world, const store::Where& target, const std::string& aside) {
  ROLLPROOF_ASSIGN(const bool copied, os::exists(world.files, aside));
  if (copied) return {};
  ROLLPROOF_ASSIGN(const store::Fingerprint files, store::take_fingerprint(world, target, nullptr));
  std::vector<backup::Item> items;
  for (const auto& file : files.files) items.push_back({os::join(target.path, file.name), file.name, file.size});
  return backup::copy_whole(world, items, aside);
}

}  // namespace

Status put_target_aside(Session& session, const std::string& aside) {
  os::World& world = session.world();
  const store::Where& target = session.config().target;
  ROLLPROOF_ASSIGN(const bool there, store::is_there(world, target));
  if (there) {
    ROLLPROOF_TRY(store::check_not_in_use(world, target));
    if (session.state().target_existed) {
      ROLLPROOF_TRY(copy_store(world, target, aside));
      ROLLPROOF_TRY(store::destroy(world, target));
    } else {
      ROLLPROOF_TRY(world.files.rename(target.path, aside));
    }
  }
  ROLLPROOF_TRY(world.files.sync_directory(os::parent_of(target.path)));
  const std::string marker = os::join(aside, kMarkerFile);
  ROLLPROOF_ASSIGN(const bool marked, os::exists(world.files, marker));
  if (!marked) return {};
  ROLLPROOF_TRY(world.files.remove(marker));
  return world.files.sync_directory(aside);
}

}  // namespace rollproof::migrate
