// What lies in a LevelDB folder, read by our own eyes: LevelDB would change the files by opening them, and takes some damage for
// the end of the data. Writes nothing.
//
// Seen: CURRENT, the framing and every edit of the manifest, the framing and every batch of the logs that it needs, the continuity
// of sequence numbers through them, presence, size and footer of every live table, and files that nothing refers to.
// Not seen: bytes inside tables (LevelDB's checksums cover them when they are read), a manifest or log that ends exactly where a
// record ends, and a missing last log that was empty. Those need the fingerprint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/store/leveldb/log_format.h"
#include "lib/store/leveldb/manifest.h"
#include "lib/store/store.h"

namespace rollproof::store::level {

enum class Trouble {
  damage,         // nothing explains it
  log_tail,       // the newest log with anything in it breaks off
  manifest_tail,  // the manifest breaks off, with no record behind the break
  missing,        // a live table is not there
  unreferenced,   // a table, log, manifest or temporary file that nothing refers to
  no_log,         // no log at all that the manifest would still need; harmless if nothing was in it
  set_aside,      // files in rollproof-obsolete
};

struct Finding {
  std::string file;  // relative to the database
  std::string what;
  bool ordinary = false;  // as in Inspection::Problem
  Trouble trouble = Trouble::damage;
};

struct LogFile {
  uint64_t number = 0;
  std::string name;
  uint64_t size = 0;
  Framing framing;
};

struct Scan {
  bool has_current = false;
  uint64_t manifest_number = 0;
  std::string manifest_file;
  Framing manifest_framing;
  Manifest manifest;                 // as of the valid prefix
  std::vector<LogFile> logs;         // those that the manifest needs, oldest first
  std::vector<std::string> names;    // everything in the folder
  std::vector<std::string> set_aside;  // everything in rollproof-obsolete
  std::vector<Finding> findings;

  // A log is begun only when the one before it is durable or is about to be needed no more: behind a log that breaks off there may
  // be empty ones, which a stopped opening leaves. REQUIRES: `log` is one of `logs`.
  bool is_newest(const LogFile& log) const;
  Inspection inspection() const;
};

// An error only if the files can not be read; damage of any kind is a finding. Code::not_found if there is no such folder.
Result<Scan> scan(os::FileSystem& files, const std::string& directory);

// One batch of a log: its sequence number, and how many it uses. `wrong` is empty if it is well formed.
struct BatchHeader {
  uint64_t sequence = 0;
  uint64_t count = 0;
  std::string wrong;
};
BatchHeader read_batch(std::string_view record);

// What is wrong with the last 48 bytes of a table of `size` bytes; empty if nothing.
std::string check_footer(std::string_view footer, uint64_t size);

}  // namespace rollproof::store::level
