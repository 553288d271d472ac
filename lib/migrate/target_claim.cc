#include "lib/migrate/target_claim.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/base/digest.h"
#include "lib/migrate/events.h"
#include "lib/os/folder.h"
#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

constexpr size_t kMarkerBytesMax = 4096;

// The checksum tells a damaged id from another one.
std::string marker_text(const std::string& id) { return fmt::format("{} {:08x}\n", id, crc32c(id)); }

constexpr size_t kIdBytes = 35;  // "mig-2025-06-15T15-10-40-004Z-cf01ba"

// Empty for what no version of ours has written whole. Earlier ones wrote no checksum: a line as long as an id and no longer.
std::string id_in(std::string_view text) {
  if (text.find("mig-") != 0 || !text.ends_with('\n')) return "";
  std::string id(text.substr(0, std::min(text.find(' '), text.size() - 1)));
  return marker_text(id) == text || (id.size() == kIdBytes && text.size() == kIdBytes + 1) ? id : "";
}

}  // namespace

std::string marker_path(const Config& config) { return os::join(config.target.path, kMarkerFile); }

Result<TargetClaim> target_claim(os::FileSystem& files, const Config& config, const std::string& migration) {
  TargetClaim claim;
  const std::string path = marker_path(config);
  ROLLPROOF_ASSIGN(const bool folder, os::is_folder(files, config.target.path));
  if (!folder) return claim;
  ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
  if (!there) return claim;
  ROLLPROOF_ASSIGN(const os::Info info, files.stat(path));
  if (info.size > kMarkerBytesMax) return claim;
  ROLLPROOF_ASSIGN(const std::string text, os::read_file(files, path, kMarkerBytesMax));
  claim.id = id_in(text);
  if (!claim.id.empty()) claim.by = claim.id == migration ? TargetClaim::By::us : TargetClaim::By::another;
  return claim;
}

Status write_marker(os::FileSystem& files, const Config& config, const std::string& migration) { return os::replace_file(files, marker_path(config), marker_text(migration)); }

Status check_target_is_not_anothers(Ledger& ledger) {
  const Config& config = ledger.config();
  ROLLPROOF_ASSIGN(const TargetClaim claim, target_claim(ledger.world().files, config, ledger.state().migration));
  if (claim.by != TargetClaim::By::another) return {};
  bool ended_here = false;
  ROLLPROOF_TRY(ledger.read_controls(0, [&](journal::Position, const Json& event) -> Status {
    ended_here |= is_end_of(event, claim.id);
    return {};
  }));
  if (ended_here) {
    return fail(Code::refused, fmt::format("the target carries migration {} of this folder, which has ended: somebody has put it back", claim.id), marker_path(config),
                fmt::format("Move {} away, or name another target.", config.target.path));
  }
  return fail(Code::refused, fmt::format("the target belongs to another migration, {}", claim.id), marker_path(config),
              "Finish that migration, or roll it back, in the folder of its own configuration; or give this one up: `rollproof rollback --execute` leaves the target to the other. "
              "If nothing is left of the other one, move its target away.");
}

namespace {

// Whatever their names say: a link leads anywhere.
Status check_is_not_the_source(os::FileSystem& files, const Config& config) {
  const auto source = files.stat(config.source.path), target = files.stat(config.target.path);
  if (!source || !target || source->kind != os::Kind::directory || source->identity != target->identity) return {};
  return fail(Code::refused, fmt::format("source and target are one folder: {}", config.source.path), config.target.path, "Name an empty or a new folder as the target.");
}

}  // namespace

Status check_target_is_free(Ledger& ledger) {
  ROLLPROOF_TRY(check_target_is_not_anothers(ledger));
  ROLLPROOF_TRY(check_is_not_the_source(ledger.world().files, ledger.config()));
  if (ledger.state().following != Following::none) return {};
  ROLLPROOF_ASSIGN(const bool occupied, store::is_there(ledger.world(), ledger.config().target));
  if (!occupied) return {};
  return fail(Code::refused, "the target already holds a store", ledger.config().target.path, "Name an empty or a new folder as the target, or move what is there away.");
}

Status claim_target(Ledger& ledger) {
  auto& files = ledger.world().files;
  const Config& config = ledger.config();
  ROLLPROOF_TRY(check_target_is_free(ledger));
  ROLLPROOF_TRY(os::make_directories(files, config.target.path));
  return write_marker(files, config, ledger.state().migration);
}

}  // namespace rollproof::migrate
