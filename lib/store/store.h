// The contract of every kind of store. `store_contract_test` holds each of them to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/record/record.h"

namespace rollproof::store {

// "leveldb:path", "network-json:path" or "unified-json:path".
struct Where {
  std::string kind;
  std::string path;
  std::string to_string() const { return kind + ":" + path; }
  bool operator==(const Where&) const = default;
};

// Parses KIND:PATH; Code::invalid names the known kinds.
Result<Where> parse_where(std::string_view text);

// A moment of a store's files, taken after we closed it (or at validate).
struct Fingerprint {
  struct File {
    std::string name;    // relative to the store
    uint64_t size = 0;
    std::string sha256;
    bool operator==(const File&) const = default;
  };
  std::vector<File> files;  // sorted by name
  bool operator==(const Fingerprint&) const = default;
};

// What a store promises to have durably, as it describes it itself: opaque to everybody else, kept in the journal.
// An open after an interruption accepts anything newer than the mark and refuses anything older.
using Mark = std::string;

class Store {
 public:
  virtual ~Store() = default;  // does no durable work

  // The value, or nothing if there is no such key. Checksums are verified; Code::corruption names the file where it is known.
  virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
  // All records at this moment, in any order, each key once; later changes are not seen.
  virtual Result<std::unique_ptr<record::Cursor>> scan() = 0;
  // Applies the batch atomically with respect to readers. Not durable until checkpoint(). After an error the outcome is unknown
  // and the store refuses all further changes.
  virtual Status apply(const record::Batch& batch) = 0;
  // Makes everything applied so far durable and describes it. After an error nothing more is accepted.
  virtual Result<Mark> checkpoint() = 0;
  // checkpoint(), then removes what only an interruption would have needed; leaves files that another program may read.
  // No call may follow, but marked() and what tells whether it is needed.
  virtual Result<Mark> close() = 0;
  // The last mark is durable: an open after an interruption comes with that one or a newer one. Until then a file that the mark before names stays,
  // even if it holds no record any more: whoever finds it gone knows that it was not us.
  virtual Status marked() { return {}; }
  // True if there are such files: the store is not yet what it will be.
  virtual bool keeps_for_old_mark() const { return false; }
  // What this store can not hold: empty if it can, otherwise the reason in words.
  virtual std::string why_not_representable(const record::Record& record) const = 0;
};

// How a store is opened.
struct OpenOptions {
  bool create = false;         // create it if it does not exist (otherwise Code::not_found)
  bool interrupted = false;    // the last writer was ours and did not close: mend what an interruption explains, back to `mark` at most
  Mark mark;                   // of the last checkpoint; empty if there was none
  bool* touched = nullptr;     // set before the first change to a file that counts: an open that fails without it has changed nothing. May be null

  void touch() const {
    if (touched != nullptr) *touched = true;
  }
};

// Opens for reading and writing. REQUIRES: the caller holds the migration's lock.
// Before any change the store's own scan checks the files; what is neither sound nor explained by `interrupted` is Code::corruption
// (or Code::refused for a store that another program has left unclosed) and nothing was changed.
Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options);

// Opens for reading; not one byte of the store changes (the world's files are seen through a copy-on-write layer).
// apply() fails with Code::refused. With `interrupted`, mends in memory only.
Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options);

// What a scan without opening found. Empty `problems` means sound.
struct Inspection {
  struct Problem {
    std::string file;      // relative to the store
    std::string what;      // "block at 0: checksum 9f2c, expected 41aa"
    bool ordinary = false; // an ordinary crash of the program that wrote it may leave this
  };
  std::vector<Problem> problems;
};
Result<Inspection> inspect(os::World& world, const Where& where);

// Hashes every file of the store. `known`: files with unchanged name and size that never change after creation (LevelDB tables)
// keep the digest recorded there; pass nothing to hash everything.
Result<Fingerprint> take_fingerprint(os::World& world, const Where& where, const Fingerprint* known);

struct FileDifference {
  std::string name;  // below the store's folder
  std::string what;  // "is missing", "has other content", …
};

// Every file in which the two differ, those that were recorded first.
std::vector<FileDifference> differences(const Fingerprint& recorded, const Fingerprint& found);

// The mark of a store as it lies there, as if it had just been closed. REQUIRES: not open, and not interrupted. Reads only.
Result<Mark> mark_of(os::World& world, const Where& where);

// True for stores whose files hold what no record gives back: such a store can not be made anew from records alone.
bool holds_more_than_records(const Where& where);

// True if something is at `where` that this kind of store can open; false if there is nothing (absent or empty directory).
Result<bool> is_there(os::World& world, const Where& where);

// Code::locked if another program has the store open, as far as this kind shows it: a LevelDB does, files of JSON do not. Changes nothing.
Status check_not_in_use(os::World& world, const Where& where);

// Removes every file of the store that this kind of store writes, then its directory if it is empty. REQUIRES: not open by us.
// Code::locked, and nothing was removed, as check_not_in_use.
Status destroy(os::World& world, const Where& where);

}  // namespace rollproof::store
