// Unified JSON as a Store: a folder with one `<space>.unified.json` per space (FORMAT.md), which holds every possible record and gives
// back its exact bytes.
#pragma once

#include <memory>

#include "lib/store/store.h"
#include "lib/store/unified_json/json_store.h"

namespace rollproof::store::unified_json {

// As in lib/store/store.h. The files are current after checkpoint() and close(), not between: the journal holds what came since.
// A mark is one line per file: name, size, checksum. An open after an interruption accepts any sound file, because each is whole,
// old or new, and replaying absolute changes makes it new; but every file that the mark names has to be there (Code::corruption names it):
// one that holds no record any more stays until marked().
Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning = {});
Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options);
Result<Inspection> inspect(os::World& world, const Where& where);
Result<Mark> mark_of(os::World& world, const Where& where);
Result<bool> is_there(os::World& world, const Where& where);
Status destroy(os::World& world, const Where& where);

}  // namespace rollproof::store::unified_json
