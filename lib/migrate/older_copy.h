// A store as we had left it before. Somebody who puts an older copy of it back has written nothing: its files are those that one of our closes has recorded, name
// for name and byte for byte, and what was written since is in the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.h"
#include "lib/migrate/ledger.h"

namespace rollproof::migrate {

struct LeftState {
  journal::Position position = 0;  // everything up to here is in it
  int64_t left_ms = 0;
};

// The newest close of this migration that left the store ("source", "target") with the files that are there now; nothing if none did. Hashes every file.
Result<std::optional<LeftState>> find_left_state(Ledger& ledger, const std::string& which);

// Of a store that is not as recorded last: Code::corruption, naming it and when it was left so, if an older copy lies in its place. Taken over as another
// program's work it would undo what was acknowledged since.
Status check_no_older_copy(Ledger& ledger, const std::string& which);

}  // namespace rollproof::migrate
