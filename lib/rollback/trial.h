// Using a store as its programs will, on a throw-away view of it: not one byte on disk changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "lib/base/result.h"
#include "lib/os/world.h"
#include "lib/store/store.h"

namespace rollproof::rollback {

struct Trial {
  std::map<std::string, uint64_t> per_space;  // records that were read, each of them singly as well
  uint64_t records = 0;
  uint64_t operations = 0;  // puts, gets, overwrites and deletes that were tried, over all spaces
};

// Reads every record by scan and singly; then in every space puts a new record, reads it after closing and opening again, overwrites it,
// deletes it, and finds every record as before.
// Code::differs if an answer is not what it has to be. Code::refused for a kind of store whose view can not be thrown away.
// What a large store changes in its view goes to a file at `spill_path` (lib/os/copy_on_write.h). REQUIRES: the store was closed.
Result<Trial> try_store(os::World& world, const store::Where& where, const std::string& spill_path);

}  // namespace rollproof::rollback
