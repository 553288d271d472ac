// Mending what an interruption of our own writer explains, before LevelDB is opened strictly.
//
// The journal replays everything after the mark of the last checkpoint, so what lies behind the mark may go and what lies before
// it may not:
//   - the newest log is cut at the end of its longest valid prefix; if it is the marked log, never before the marked size;
//   - every older log is whole (it was synced before the next one was made), and so is everything up to the mark;
//   - a manifest loses an unfinished last record behind its marked size, but nothing that a valid record follows;
//   - tables and logs that the manifest needs come back from rollproof-obsolete;
//   - files that nothing refers to go there, and so does a copy of what was cut;
//   - a creation that did not come as far as CURRENT starts over.
// Interrupted itself, at any operation, it may be run again with the same mark.
#pragma once

#include <string>

#include "lib/os/file_system.h"
#include "lib/store/store.h"

namespace rollproof::store::level {

// `creating`: the database was being made and may not exist yet (matters only with an empty mark).
// Code::corruption, naming the file, if something is wrong that an interruption does not explain; nothing was changed then.
Status mend(os::FileSystem& files, const std::string& directory, const Mark& mark, bool creating);

}  // namespace rollproof::store::level
