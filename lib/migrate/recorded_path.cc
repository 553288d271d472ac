#include "lib/migrate/recorded_path.h"

#include "lib/os/paths.h"

namespace rollproof::migrate {
namespace {

// As the configuration's own relative paths are joined: the current folder is not spelled out.
std::string below(const std::string& directory, const std::string& path) { return directory == "." ? path : os::join(directory, path); }

}  // namespace

std::string to_recorded(const Config& config, const std::string& path) {
  const std::string prefix = os::join(config.directory, "");
  return path.size() > prefix.size() && path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

std::string from_recorded(const Config& config, const std::string& recorded) {
  return recorded.empty() || recorded.starts_with('/') ? recorded : below(config.directory, recorded);
}

Result<std::string> find_backup(os::FileSystem& files, const Config& config, const Seal& seal) {
  const std::string recorded = seal.facts.at("path").get<std::string>();
  const std::string wanted = from_recorded(config, recorded);
  for (const std::string& path : {wanted, os::join(config.backups, os::name_of_path(recorded)), recorded}) {
    ROLLPROOF_ASSIGN(const bool there, os::exists(files, path));
    if (there) return path;
  }
  return wanted;
}

std::string shown_backup(os::FileSystem& files, const Config& config, const Seal& seal) {
  std::string recorded = seal.facts.value("path", std::string());
  if (recorded.empty()) return recorded;
  const auto found = find_backup(files, config, seal);
  return found ? *found : recorded;
}

std::string beside_source(const Config& config, const std::string& recorded) {
  const std::string name = os::name_of_path(recorded);
  // The source itself may be named without a folder.
  return config.source.path.find('/') == std::string::npos ? name : os::join(os::parent_of(config.source.path), name);
}

std::string ready_path(const Config& config) { return config.source.path + ".rollproof-restoring"; }

}  // namespace rollproof::migrate
