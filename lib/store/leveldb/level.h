// LevelDB as a Store: opened strictly, through the mended Env, with every checksum verified; never repaired, never created unasked.
#pragma once

#include <memory>

#include "lib/store/store.h"

namespace rollproof::store::level {

// What may differ from the defaults below is only a matter of speed and memory.
struct Tuning {
  size_t write_buffer_bytes = 4 << 20;  // LevelDB's own default; below 64 KiB it takes 64 KiB. Smaller: more, smaller tables
  size_t table_bytes = 2 << 20;         // at least 1 MiB
  int open_tables_max = 256;            // file descriptors
};

// As in lib/store/store.h. A cursor must be gone before close(), which otherwise refuses. After a failed write or sync the store
// answers no read either: what this process sees is then no longer what the disk holds.
// Marks read "log 12 3456; manifest MANIFEST-000010 789": number and durable size of the open log, name and durable size of the manifest.
Result<std::unique_ptr<Store>> open(os::World& world, const Where& where, const OpenOptions& options, const Tuning& tuning = {});
Result<std::unique_ptr<Store>> open_read_only(os::World& world, const Where& where, const OpenOptions& options);
Result<Inspection> inspect(os::World& world, const Where& where);
// Of the files as they lie there. Empty if the manifest or the logs are not sound enough to name an end.
Result<Mark> mark_of(os::World& world, const Where& where);
Result<bool> is_there(os::World& world, const Where& where);
Status check_not_in_use(os::World& world, const Where& where);
Status destroy(os::World& world, const Where& where);

}  // namespace rollproof::store::level
