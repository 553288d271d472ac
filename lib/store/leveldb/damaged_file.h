// Which file is it? LevelDB says "block checksum mismatch" without a name.
#pragma once

#include <string>

#include "lib/store/leveldb/door_env.h"

namespace rollproof::store::level {

// The name of the first file of the database that a scan finds damaged or, tables read to their last block, that LevelDB can not read;
// empty if there is none. Costs a read of the whole database: for errors only. Changes nothing.
std::string damaged_file(os::FileSystem& files, DoorEnv& env, const std::string& directory);

}  // namespace rollproof::store::level
