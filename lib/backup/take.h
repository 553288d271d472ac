// Taking a backup: a copy of its own bytes (never a hard link), in the documents' layout, whole or not there at all.
//
//   <root>/migration-2025-08-13T11-26-18-516Z/
//     BACKUP_MANIFEST.json  checksums/SHA256SUMS  leveldb/current/…  unified-json/…  network-json/…  legacy-json/…  configuration/…
//
// Configuration files are copied as they are. Secrets have no place in them (they are read from files or commands that the
// configuration only names), so none gets into a backup.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::backup {

struct Request {
  std::string root;           // the folder of all backups; made if absent
  std::string migration_id;   // at most 128 letters, digits, '.', '_' and '-'
  uint64_t position = 0;      // of the journal; the source holds every change up to here
  store::Where source;
  std::optional<store::Where> target;            // copied as well if there is a store; its folder may be absent
  std::string configuration;                     // a file; may be empty
  std::vector<std::string> more_configuration;   // more such files; their names must differ
  std::string legacy_json;                       // a folder that is copied whole; may be empty
  std::string tool_version = "library";
};

struct Backup {
  std::string id;  // the folder's name
  std::string path;
  uint64_t position = 0;
};

// Reads every record of the source, copies its files (those that count for its fingerprint), writes manifest and checksums, syncs
// everything, and only then gives the folder its name. Other backups are never touched.
//
// Called again for the same migration after an interruption it returns the finished backup, if that is sound and holds exactly the
// records that the source has now; its position may then be an older one. Otherwise it takes another.
// What attempts left behind whose process is gone (`.rollproof-partial-*` below the root) is removed first.
//
// The copies were not read back from the disk: verify() proves them.
// Errors: Code::refused if the source changed while it was copied, or a name can not be written down (control characters, not UTF-8);
// Code::invalid if the root lies inside what it has to hold; Code::no_space before anything is written, where the disk can say so.
// After any error no folder has got its name, unless the very last sync failed (Code::io): take it again.
// REQUIRES: nobody has the stores open for writing; the caller holds the migration's lock.
Result<Backup> take(os::World& world, const Request& request);

// Whether unfinished attempts of dead processes have left anything below `root`. Changes nothing.
Result<bool> has_leftovers(os::World& world, const std::string& root);
// Removes it. Not durable by itself: a leftover may come back, and goes the next time.
Status clear_leftovers(os::World& world, const std::string& root);

}  // namespace rollproof::backup
