// Reads a folder with Debian's LevelDB, as a stranger's program would: nothing of the library is involved.
#pragma once

#include "harness/check/records.h"
#include "harness/sim/image.h"

namespace rollproof::check {

enum class Strictness {
  strict,    // paranoid checks at open, checksums verified: what a store has to bear that was left in order
  lenient,   // what a person could still get out of a crash image: a torn log is read up to the tear, and files that were set aside in
             // rollproof-obsolete are taken where they are missing; checksums of what is read are verified all the same
};

// `folder` may be null: nothing is there. `there` is true if there is a CURRENT.
Records read_leveldb(const sim::Node* folder, Strictness strictness = Strictness::strict);

}  // namespace rollproof::check
