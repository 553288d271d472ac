// Verifying a backup: it is proven only when it has been opened and every record read (seed 002, "Backup Verification").
// Nothing here changes a byte of a backup: its stores are opened through store::open_read_only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/backup/manifest.h"
#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/record/equivalence.h"
#include "lib/record/record.h"

namespace rollproof::backup {

enum class Depth {
  names,    // manifest and checksum list agree; every file there with its size, and no other
  files,    // and every byte has its checksum
  records,  // and every store opened, every record read, count and digest compared, JSON files parsed
};

struct Problem {
  std::string file;  // relative to the backup; "" for the backup as a whole
  std::string what;  // "checksum 9f2c…, the manifest says 41aa…"
  Code code = Code::backup_damaged;  // io or no_permission: it could not be looked at, which may be for now only
};

struct Report {
  Manifest manifest;  // as far as it could be read
  uint64_t files = 0;      // looked at
  uint64_t bytes = 0;
  uint64_t records = 0;    // read back from the copy of the source; 0 unless Depth::records
  std::string digest;      // of them
  std::vector<Problem> problems;  // empty: the backup is what its manifest says
};

// Looks at everything and lists what is wrong, file by file. Code::not_found if there is no folder at `path`; every other trouble
// is in the report.
Result<Report> examine(os::World& world, const std::string& path, Depth depth);

// The same as a gate: Code::backup_damaged (path: the file) if anything is wrong; if the only trouble is that something could not be
// read, the code of that trouble (Code::io, Code::no_permission). On success `problems` is empty.
Result<Report> verify(os::World& world, const std::string& path, Depth depth);

// The records of the copied source. Code::backup_damaged, at the end of the stream at the latest, if they are not those of the
// manifest: nothing that was delivered counts then. The files are not verified.
Result<std::unique_ptr<record::Cursor>> scan(os::World& world, const std::string& path);

// The backup (left) against a store that nobody writes (right), record by record.
Result<record::Comparison> compare_with(os::World& world, const std::string& path, const store::Where& other,
                                        const record::CompareOptions& options = {});

// Reads every record of a store, checksums verified; nothing in it changes.
Status count_records(os::World& world, const store::Where& where, uint64_t& records, std::string& digest);

}  // namespace rollproof::backup
