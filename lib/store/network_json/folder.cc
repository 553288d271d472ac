#include "lib/store/network_json/folder.h"

#include <fmt/format.h>

#include "lib/os/paths.h"
#include "lib/record/space.h"

namespace rollproof::store::network_json {

namespace {

// Only by its name; what it holds decides the rest.
bool may_be_network(const std::string& name) { return name.ends_with(".json") && !name.starts_with('.') && !name.ends_with(".unified.json"); }

// Two files may share a chain, but not a contract: nobody could say which of them is right.
void find_doubles(Folder& folder) {
  std::map<uint64_t, std::vector<const std::pair<const std::string, std::shared_ptr<const Indexed>>*>> chains;
  for (const auto& file : folder.networks) chains[file.second->facts().chain].push_back(&file);
  for (const auto& [chain, files] : chains) {
    for (size_t i = 1; i < files.size(); ++i) {
      for (const Indexed::Slot& slot : files[i]->second->facts().slots) {
        for (size_t j = 0; j < i; ++j) {
          if (files[j]->second->find(slot.place) == nullptr) continue;
          folder.problems.push_back({files[i]->first, fmt::format("{} is in {} too", slot.place.key.substr(0, 200), files[j]->first), false});
        }
      }
    }
  }
}

Status look_at(os::FileSystem& files, const std::string& directory, const std::string& name, Folder& folder) {
  const std::string path = os::join(directory, name);
  ROLLPROOF_ASSIGN(const os::Info info, files.stat(path));
  if (info.kind != os::Kind::file) return {};
  auto read = Indexed::read(files, path);
  if (!read) {
    if (read.error().code != Code::corruption && read.error().code != Code::refused) return fail(std::move(read).error());
    folder.problems.push_back({name, read.error().message, false});
    return {};
  }
  if (*read == nullptr) return {};
  if (info.link) folder.problems.push_back({name, "it is a link; replacing it would leave unchanged what it leads to", false});
  folder.networks.emplace(name, std::move(*read));
  return {};
}

}  // namespace

Result<Folder> look(os::FileSystem& files, const std::string& directory) {
  Folder folder;
  auto info = files.stat(directory);
  if (!info) {
    if (info.error().code == Code::not_found) return folder;
    return fail(std::move(info).error());
  }
  if (info->kind != os::Kind::directory) return fail(Code::invalid, "a network-json store is a folder, and this is none", directory);
  ROLLPROOF_ASSIGN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    folder.names.insert(name);
    if (name.ends_with(kTemporarySuffix)) {
      folder.temporary.push_back(name);
    } else if (name.ends_with(kSideSuffix)) {
      const std::string space = name.substr(0, name.size() - kSideSuffix.size());
      if (record::is_space_name(space)) {
        folder.sides.push_back(space);
      } else {
        folder.problems.push_back({name, "it is named like a file of this store, but there is no such space", false});
      }
    } else if (may_be_network(name)) {
      ROLLPROOF_TRY(look_at(files, directory, name, folder));
    }
  }
  find_doubles(folder);
  return folder;
}

}  // namespace rollproof::store::network_json
