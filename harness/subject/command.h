// One command given to the subject: a value that prints itself and parses back, so that stories are data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace rollproof::subject {

// Texts: "migrate cutover", "migrate copy", "rollback source", "rollback dual-write", "recover", "put 56-Name 120" (a generated value of
// 120 bytes), "put-text 56-Name 120" (the same, and no JSON: no network file can hold it), "delete 56-Name", "batch 3 80" (three generated puts of 80 bytes in one batch), "damage source" (also target, backup: the disk turns
// a bit over in the middle of the largest file that is not of LevelDB's own diary; nobody of ours does that), "backup" (one is created by hand),
// "restore" (the newest backup takes the place of the source), "rollback source because 2000" (of a reason of 2000 bytes), "yes rollback source", "yes migrate copy" (one that
// takes over what other programs have written), "foreign source 56-Name 120" (also target: another program, which knows nothing of a migration, opens that
// store, puts a generated value, or of 0 bytes removes the record, and closes it), "refused migrate cutover" (which has to be refused, because of what somebody else has written). All but damage and foreign may end with "dies in STEP": half through that step, "copy-records", the process
// is gone, and the machine lives.
struct Command {
  enum class Kind { migrate, rollback, recover, put, remove, batch, damage, put_text, backup, restore, foreign };
  Kind kind = Kind::recover;
  std::string argument;   // phase, goal, key, or what is damaged
  uint64_t count = 1;     // of batch
  uint64_t bytes = 0;     // of a generated value
  uint64_t writes_inside = 0;  // of migrate: "migrate cutover with 4 writes": made by a user while it works
  std::string store;           // of foreign: "source" or "target"
  bool yes = false;            // of rollback and migrate
  bool refused = false;        // it has to be, with a reason

  std::string dies_in;         // step; empty: it lives

  // Not ours: no fault is put into it, and nobody comes back for it.
  bool of_others() const { return kind == Kind::damage || kind == Kind::foreign; }
  std::string to_string() const;
  // Code::invalid with the nearest known word.
  static Result<Command> parse(std::string_view text);
  bool operator==(const Command&) const = default;
};

}  // namespace rollproof::subject
