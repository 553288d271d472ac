#include "lib/migrate/target_claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

// The second line, written over the one before in one piece: both lines are in the first sector of the file.
std::string stamp_text(journal::Position position) {
  const std::string number = fmt::format("{:020}", position);
  return fmt::format("{} {:08x}\n", number, crc32c(number));
}

// Empty for what no version of ours has written whole. Earlier ones wrote no checksum: a line as long as an id and no longer.
std::string id_in(std::string_view line) {
  if (line.find("mig-") != 0 || !line.ends_with('\n')) return "";
  std::string id(line.substr(0, std::min(line.find(' '), line.size() - 1)));
  return marker_text(id) == line || (id.size() == kIdBytes && line.size() == kIdBytes + 1) ? id : "";
}

// 0 for what does not begin with a whole one.
journal::Position stamp_in(std::string_view text) {
  journal::Position position = 0;
  const std::string_view line = text.substr(0, text.find('\n') + 1);
  const std::string_view number = line.substr(0, line.find(' '));
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), position);
  return error == std::errc() && end == number.data() + number.size() && line == stamp_text(position) ? position : 0;
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
  const size_t second = text.find('\n') + 1;  // 0 if there is no line
  claim.id = id_in(std::string_view(text).substr(0, second));
  claim.checksummed = text.starts_with(marker_text(claim.id));
  if (!claim.id.empty()) claim.known_to = stamp_in(std::string_view(text).substr(second));
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

Status stamp_target(Ledger& ledger, bool begins) {
  auto& files = ledger.world().files;
  const Config& config = ledger.config();
  const std::string& migration = ledger.state().migration;
  ROLLPROOF_ASSIGN(const TargetClaim claim, target_claim(files, config, migration));
  if (claim.by == TargetClaim::By::another || claim.known_to >= ledger.last() || (claim.known_to == 0 && !begins)) return {};
  const std::string path = marker_path(config), text = marker_text(migration) + stamp_text(ledger.last());
  if (claim.by == TargetClaim::By::nobody) {
    ROLLPROOF_ASSIGN(const bool there, store::is_there(ledger.world(), config.target));
    return there ? os::replace_file(files, path, text) : Status();
  }
  if (!claim.checksummed) return os::replace_file(files, path, text);  // it is shorter than what would be written over it
  auto opened = files.open_write(path);
  if (!opened && opened.error().code == Code::no_permission) return os::replace_file(files, path, text);  // the folder may be ours
  ROLLPROOF_ASSIGN(const auto file, std::move(opened));
  ROLLPROOF_TRY(file->write_at(0, text));
  ROLLPROOF_TRY(file->sync());
  return file->close();
}

}  // namespace rollproof::migrate
