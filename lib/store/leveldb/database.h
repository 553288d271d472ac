// One open leveldb::DB with the Env it runs on, and the translation of LevelDB's answers into ours.
#pragma once

#include <leveldb/db.h>

#include <memory>
#include <string>
#include <string_view>

#include "lib/os/world.h"
#include "lib/store/leveldb/door_env.h"
#include "lib/store/leveldb/door_files.h"
#include "lib/store/leveldb/level.h"

namespace rollproof::store::level {

class Database {
 public:
  // `lock`: of LOCK, already held. `create`: a database is made if there is no CURRENT.
  static Result<std::unique_ptr<Database>> open_for_writing(os::World& world, const std::string& path, std::unique_ptr<os::FileLock> lock,
                                                            bool create, const Tuning& tuning);
  // Everything that LevelDB changes by opening stays in `layer`.
  static Result<std::unique_ptr<Database>> open_for_reading(os::World& world, const std::string& path,
                                                            std::unique_ptr<os::FileSystem> layer);
  ~Database();  // ends background work; does no durable work

  // The error for a failed answer of LevelDB: our door's own error where there is one; the file that LevelDB's text names, and for
  // corruption without a name the one that is found to be damaged.
  Error error_of(const leveldb::Status& status);

  // Ends LevelDB, so that its files are exact and its LOCK is free; reports what went wrong on the way.
  Status end();

  leveldb::DB& db() { return *db_; }
  DoorEnv& env() { return env_; }
  const std::string& path() const { return path_; }

 private:
  Database(os::World& world, std::unique_ptr<os::FileSystem> layer, std::string path);
  Status start(bool create, const Tuning& tuning);

  const std::string path_;
  const std::unique_ptr<os::FileSystem> layer_;  // nothing if opened for writing
  os::FileSystem& files_;                        // the layer, or the world's
  DoorEnv env_;
  SilentLogger logger_;
  std::unique_ptr<leveldb::DB> db_;
};

}  // namespace rollproof::store::level
