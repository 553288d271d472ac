#include "harness/check/read_leveldb.h"

#include <leveldb/db.h>
#include <leveldb/options.h>

#include <new>

#include "harness/check/memory_env.h"

namespace rollproof::check {
namespace {

void scan_all(leveldb::DB& db, Records& records) {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;
  const std::unique_ptr<leveldb::Iterator> iterator(db.NewIterator(options));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    records.sorted.push_back({iterator->key().ToString(), iterator->value().ToString()});
  }
  if (!iterator->status().ok()) records.error = iterator->status().ToString();
}

}  // namespace

Records read_leveldb(const sim::Node* folder, Strictness strictness) {
  Records records;
  if (folder == nullptr || !folder->directory || folder->entries.empty()) return records;
  MemoryEnv env(*folder);
  if (strictness == Strictness::lenient) {
    const sim::Entry* aside = folder->find("rollproof-obsolete");
    if (aside != nullptr && aside->node->directory) env.add_missing(*aside->node);
  }
  std::vector<std::string> names;
  env.GetChildren("", &names);
  for (const std::string& name : names) {
    if (name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".ldb") || name.ends_with(".sst") || name.ends_with(".log")) records.there = true;
  }
  if (!records.there) return records;
  leveldb::Options options;
  options.env = &env;
  options.info_log = silent_logger();
  options.paranoid_checks = strictness == Strictness::strict;
  leveldb::DB* db = nullptr;
  try {
    const leveldb::Status opened = leveldb::DB::Open(options, "/db", &db);
    if (opened.ok()) {
      scan_all(*db, records);
    } else {
      records.error = opened.ToString();
    }
    env.run_queued();
    delete db;
  } catch (const std::bad_alloc&) {
    // A damaged length asked for more than there is. The database is leaked on purpose: LevelDB does not unwind.
    records.error = "a length in it asks for more memory than there is";
  }
  return records;
}

}  // namespace rollproof::check
