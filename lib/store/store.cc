#include "lib/store/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/words.h"
#include "lib/os/folder.h"
#include "lib/store/leveldb/level.h"
#include "lib/store/network_json/network_json.h"
#include "lib/store/unified_json/unified_json.h"

namespace rollproof::store {

namespace {

constexpr std::array<std::string_view, 3> kKinds = {"leveldb", "unified-json", "network-json"};

tl::unexpected<Error> unknown_kind(std::string_view kind) {
  const std::string_view shown = kind.substr(0, 64);
  // A part of a name ("json") is nearer than any misspelling.
  const auto far = [&](std::string_view known) { return !shown.empty() && known.find(shown) != known.npos ? 0 : edit_distance(shown, known); };
  const auto nearest = *std::min_element(kKinds.begin(), kKinds.end(), [&](auto a, auto b) { return far(a) < far(b); });
  return fail(Code::invalid, fmt::format("unknown kind of store '{}'; known are {}", shown, fmt::join(kKinds, ", ")), {},
              fmt::format("Write {}:PATH if that is what you mean.", nearest));
}

}  // namespace

Result<Where> parse_where(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(Code::invalid, fmt::format("'{}' does not say what kind of store it is; known are {}", text.substr(0, 256), fmt::join(kKinds, ", ")),
                {}, fmt::format("Write KIND:PATH, for example {}:{}.", kKinds[0], text.substr(0, 256)));
  }
  Where where{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
  if (std::find(kKinds.begin(), kKinds.end(), where.kind) == kKinds.end()) return unknown_kind(where.kind);
  if (where.path.empty()) return fail(Code::invalid, fmt::format("'{}:' names no path", where.kind));
  if (where.path.find('\0') != std::string::npos) return fail(Code::invalid, "a path must not contain a NUL byte");
  while (where.path.size() > 1 && where.path.back() == '/') where.path.pop_back();
  return where;
}

Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options) {
  // Without threads, as in a drill, logs are as small as LevelDB makes them: a short run then rotates them and compacts, too.
  const level::Tuning tuning = world.single_threaded ? level::Tuning{.write_buffer_bytes = 64 << 10} : level::Tuning{};
  if (where.kind == "leveldb") return level::open(world, where, options, tuning);
  if (where.kind == "unified-json") return unified_json::open(world, where, options);
  if (where.kind == "network-json") return network_json::open(world, where, options);
  return unknown_kind(where.kind);
}

Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options) {
  if (where.kind == "leveldb") return level::open_read_only(world, where, options);
  if (where.kind == "unified-json") return unified_json::open_read_only(world, where, options);
  if (where.kind == "network-json") return network_json::open_read_only(world, where, options);
  return unknown_kind(where.kind);
}

Result<Inspection> inspect(os::World& world, const Where& where) {
  if (where.kind == "leveldb") return level::inspect(world, where);
  if (where.kind == "unified-json") return unified_json::inspect(world, where);
  if (where.kind == "network-json") return network_json::inspect(world, where);
  return unknown_kind(where.kind);
}

Result<Mark> mark_of(os::World& world, const Where& where) {
  if (where.kind == "leveldb") return level::mark_of(world, where);
  if (where.kind == "unified-json") return unified_json::mark_of(world, where);
  if (where.kind == "network-json") return network_json::mark_of(world, where);
  return unknown_kind(where.kind);
}

bool holds_more_than_records(const Where& where) { return where.kind == "network-json"; }

// What lies in the place of the folder (a file, a link whose disk is not mounted) is no store.
Result<bool> is_there(os::World& world, const Where& where) {
  ROLLPROOF_ASSIGN(const bool folder, os::is_folder(world.files, where.path));
  if (!folder) return false;
  if (where.kind == "leveldb") return level::is_there(world, where);
  if (where.kind == "unified-json") return unified_json::is_there(world, where);
  if (where.kind == "network-json") return network_json::is_there(world, where);
  return unknown_kind(where.kind);
}

Status check_not_in_use(os::World& world, const Where& where) {
  if (where.kind != "leveldb") return {};
  ROLLPROOF_ASSIGN(const bool folder, os::is_folder(world.files, where.path));
  return folder ? level::check_not_in_use(world, where) : Status();
}

Status destroy(os::World& world, const Where& where) {
  ROLLPROOF_TRY(check_not_in_use(world, where));
  ROLLPROOF_ASSIGN(const bool folder, os::is_folder(world.files, where.path));
  if (!folder) return {};
  if (where.kind == "leveldb") return level::destroy(world, where);
  if (where.kind == "unified-json") return unified_json::destroy(world, where);
  if (where.kind == "network-json") return network_json::destroy(world, where);
  return unknown_kind(where.kind);
}

}  // namespace rollproof::store
