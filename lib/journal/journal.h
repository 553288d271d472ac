// The append-only journal: the only truth about where a migration stands. Bytes on disk: FORMAT.md beside this file.
//
// The journal stores entries; what they mean is for its users. All entries of one append() survive together or not at all,
// and once append() has returned they survive everything but corruption, which is then reported and never cut off.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/world.h"

namespace rollproof::journal {

using Position = uint64_t;  // of an entry: 1, 2, 3, …; 0 is "before everything"

// What an entry carries. Control entries are JSON text, change entries are binary (changes.h).
enum class EntryKind : uint8_t { control = 1, changes = 2 };

struct NewEntry {
  EntryKind kind;
  std::string payload;
};

struct Entry {
  Position position = 0;
  EntryKind kind = EntryKind::control;
  std::string payload;
};

struct Options {
  uint64_t segment_bytes = 1 << 20;  // preallocated at once; a multiple of 512. Larger: fewer preallocations, more space reserved
};

// Called for each entry in order; an error stops the reading and is returned.
using Visitor = std::function<Status(const Entry&)>;

class Journal {
 public:
  // Opens or creates the journal in `directory` (created if absent) and recovers it: a torn tail is cut, survivors that were not
  // known to be durable are written again to a new synced segment before anybody sees them. Calls `visit` for every surviving entry.
  // Code::corruption (path: the segment; message: the sector) if bytes are there that no interruption explains; nothing is changed then.
  // REQUIRES: the caller holds the migration's lock.
  static Result<std::unique_ptr<Journal>> open(os::World& world, const std::string& directory, const Options& options,
                                               const Visitor& visit);
  ~Journal();  // does no durable work

  // Appends the entries as one unit and returns the position of the last one when they are durable. Thread safe; concurrent callers
  // share one sync (group commit), and return in the order of their positions.
  // After an error the outcome is unknown (Code::outcome_unknown) and every later append fails: reopen.
  Result<Position> append(std::vector<NewEntry> entries);

  // Code::refused if an earlier append failed, or the journal is closed: what is done from here on nobody could be told of.
  Status check_usable() const;

  // Visits the durable entries with position > after, in order.
  Status read(Position after, const Visitor& visit) const;

  Position last() const;       // the position of the last durable entry
  bool was_clean() const;      // the journal was closed cleanly before this open (true for a new one)

  // Writes the synced seal of a clean close. No call may follow.
  Status close();

 private:
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What reading without the lock and without changing anything can see.
struct Snapshot {
  bool exists = false;
  bool clean = false;       // sealed by a clean close
  Position last = 0;
};

// Reads the journal as recovery would see it, but writes nothing and takes no lock (for `status`, `plan`, `verify`).
// May run while another process appends: it then sees a prefix.
Result<Snapshot> read_only(os::FileSystem& files, const std::string& directory, const Visitor& visit);

}  // namespace rollproof::journal
