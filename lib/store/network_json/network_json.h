// Per-network JSON files as a Store: a folder of `<network>.json`, written by other programs, each with a "chainId" and an object of
// "contracts" (FORMAT.md). Each contract is one record: key `<chainId>-<contractName>`, value the bytes of its JSON text.
//
// A file `*.json` directly in the folder is a network file if it is an object with an object named "contracts"; its content decides, not
// its name. Everything else (`config-*.json`, hidden files, `*.unified.json`, other files and folders) belongs to others: it is never
// counted and never changed, but it is in the fingerprint and in backups.
// Of a network file everything but the contracts that are written keeps its bytes. What no network file can hold (another shape of
// key, a value that is not JSON text) stands in `<space>.rollproof.json` beside them, so every possible record comes back exactly.
//
// Refused as a whole, by name, before anything is changed: a `*.json` that is not JSON in UTF-8 (it may be a damaged network file: move it
// out of the folder if it is none), contracts without a chain id, a chain id that is no whole number of at most 15 digits, a contract
// twice in a file or in two files of one chain, a contract without a name, a network file that is a link.
#pragma once

#include <memory>

#include "lib/store/store.h"
#include "lib/store/unified_json/json_store.h"

namespace rollproof::store::network_json {

using unified_json::Tuning;

// As in lib/store/store.h. The files are current after checkpoint() and close(), not between: the journal holds what came since.
// A mark is one line per file: name, size, checksum, and for a network file whether it holds anything that no record brings back ("kept").
// An open after an interruption accepts any sound file, because each is whole, old or new, and replaying absolute changes makes it new.
// But no file of the mark may be gone or have become something else: one that holds no record any more stays until marked(). A record that is
// found in a network file and beside it was on its way: what is beside it counts.
Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning = {});
Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options);
Result<Inspection> inspect(os::World& world, const Where& where);
Result<Mark> mark_of(os::World& world, const Where& where);
Result<bool> is_there(os::World& world, const Where& where);
// Network files go whoever wrote them, and so does a broken file with the name of a network; other files of others stay.
Status destroy(os::World& world, const Where& where);

}  // namespace rollproof::store::network_json
