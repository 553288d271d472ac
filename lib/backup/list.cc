#include "lib/backup/list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "lib/backup/verify.h"
#include "lib/os/paths.h"

namespace rollproof::backup {
namespace {

constexpr std::array<std::string_view, 2> kPrefixes = {"migration-", "emergency-rollback-"};

// What follows the prefix; nothing if it has none.
std::optional<std::string> time_in(const std::string& name) {
  for (const std::string_view prefix : kPrefixes) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return std::nullopt;
}

Listed look_at(os::World& world, const std::string& root, const std::string& name) {
  Listed item{.id = name, .path = os::join(root, name)};
  auto report = examine(world, item.path, Depth::names);
  if (!report) {
    item.problem = report.error().to_string();
  } else if (!report->problems.empty()) {
    const Problem& first = report->problems.front();
    item.problem = fmt::format("{} {}", first.file, first.what);
  } else if (report->manifest.id != name) {
    item.problem = fmt::format("{} was written for {}", kManifestFile, report->manifest.id);
  } else {
    item.manifest = std::move(report->manifest);
  }
  return item;
}

}  // namespace

Result<std::vector<Listed>> list(os::World& world, const std::string& root) {
  std::vector<Listed> found;
  auto names = world.files.list(root);
  if (!names) {
    if (names.error().code == Code::not_found) return found;
    return fail(std::move(names).error());
  }
  for (const std::string& name : *names) {
    if (time_in(name)) found.push_back(look_at(world, root, name));
  }
  std::stable_sort(found.begin(), found.end(), [](const Listed& a, const Listed& b) { return *time_in(a.id) > *time_in(b.id); });
  return found;
}

std::string path_of(const std::string& root, const std::string& id_or_path) {
  return id_or_path.find('/') == std::string::npos ? os::join(root, id_or_path) : id_or_path;
}

Result<std::string> find(os::World& world, const std::string& root, const std::string& id_or_path) {
  const std::string path = path_of(root, id_or_path);
  ROLLPROOF_ASSIGN(const bool there, os::exists(world.files, path));
  if (there && !id_or_path.empty()) return path;
  ROLLPROOF_ASSIGN(const auto known, list(world, root));
  std::vector<std::string> ids;
  for (const Listed& item : known) ids.push_back(item.id);
  return fail(Code::not_found, "there is no such backup", path,
              ids.empty() ? fmt::format("There are none in {}.", root) : fmt::format("Choose one of: {}.", fmt::join(ids, ", ")));
}

}  // namespace rollproof::backup
