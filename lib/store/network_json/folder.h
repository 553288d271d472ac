// What lies in the folder of a network-json store, and whose it is.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/store/network_json/network_file.h"
#include "lib/store/store.h"

namespace rollproof::store::network_json {

// Of the files that hold what no network file can hold, one per space, in the format of unified JSON.
inline constexpr std::string_view kSideSuffix = ".rollproof.json";

struct Folder {
  std::map<std::string, std::shared_ptr<const Indexed>> networks;  // by name
  std::vector<std::string> sides;                                  // spaces
  std::vector<std::string> temporary;                              // names; nothing in them counts
  std::vector<Inspection::Problem> problems;                       // files that may be the store's and can not be used
  std::set<std::string> names;                                     // everything that is there

  bool is_store() const { return !networks.empty() || !sides.empty() || !problems.empty(); }
};

// Reads every network file; nothing is found in a folder that is absent. Errors other than what a file holds end the look.
Result<Folder> look(os::FileSystem& files, const std::string& directory);

}  // namespace rollproof::store::network_json
