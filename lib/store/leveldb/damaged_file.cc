#include "lib/store/leveldb/damaged_file.h"

#include <leveldb/iterator.h>
#include <leveldb/options.h>
#include <leveldb/table.h>

#include <algorithm>
#include <memory>

#include "lib/os/paths.h"
#include "lib/store/leveldb/boundary.h"
#include "lib/store/leveldb/file_names.h"
#include "lib/store/leveldb/scan.h"

namespace rollproof::store::level {

namespace {

// Every block of the table, by LevelDB's own reader and against its checksums.
bool is_readable_inside(DoorEnv& env, const std::string& path, uint64_t size) {
  leveldb::RandomAccessFile* opened = nullptr;
  if (!env.NewRandomAccessFile(path, &opened).ok()) return false;
  const std::unique_ptr<leveldb::RandomAccessFile> file(opened);
  leveldb::Options options;
  options.env = &env;
  options.paranoid_checks = true;
  leveldb::Table* made = nullptr;
  if (!leveldb::Table::Open(options, file.get(), size, &made).ok()) return false;
  const std::unique_ptr<leveldb::Table> table(made);
  leveldb::ReadOptions reading;
  reading.verify_checksums = true;
  reading.fill_cache = false;
  const std::unique_ptr<leveldb::Iterator> iterator(table->NewIterator(reading));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
  }
  return iterator->status().ok();
}

bool is_readable(DoorEnv& env, const std::string& path, uint64_t size) {
  return inside_leveldb([&] { return is_readable_inside(env, path, size); });
}

}  // namespace

std::string damaged_file(os::FileSystem& files, DoorEnv& env, const std::string& directory) {
  const auto found = scan(files, directory);
  if (!found) return {};
  for (const Finding& finding : found->findings) {
    if (!finding.ordinary) return finding.file;
  }
  for (const auto& [number, table] : found->manifest.tables) {
    for (const std::string& name : {table_name(number), old_table_name(number)}) {
      const bool there = std::binary_search(found->names.begin(), found->names.end(), name);
      if (there && !is_readable(env, os::join(directory, name), table.size)) return name;
    }
  }
  return {};
}

}  // namespace rollproof::store::level
