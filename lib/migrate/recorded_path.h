// Paths that the journal records. A command sees stores and backups from the folder that it was typed in; the journal names them as seen from
// the configuration's folder, so that the next command may be typed anywhere. Versions before recorded them as they saw them: what is not
// found below the configuration's folder is looked for as such a version would have, and by its name.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/migrate/config.h"
#include "lib/migrate/state.h"

namespace rollproof::migrate {

// `path`, as this process sees it, in the words of the journal. Absolute where the configuration names it so.
std::string to_recorded(const Config& config, const std::string& path);

// A recorded path as this process sees it, by its text alone: right for everything that this version has recorded.
std::string from_recorded(const Config& config, const std::string& recorded);

// Where the backup of a seal lies: below the configuration's folder, else in the folder of the backups under its name, else as it was
// recorded. The first of them if it is nowhere. Who uses it compares it with the digest of the seal.
Result<std::string> find_backup(os::FileSystem& files, const Config& config, const Seal& seal);
// The same for people: what can not be looked for is named as it was recorded. Empty if the seal names none.
std::string shown_backup(os::FileSystem& files, const Config& config, const Seal& seal);

// The folder of that name beside the source: where the good source is made, and where a damaged one goes.
std::string beside_source(const Config& config, const std::string& recorded);
// The folder beside the source in which what will take its place is made.
std::string ready_path(const Config& config);

}  // namespace rollproof::migrate
