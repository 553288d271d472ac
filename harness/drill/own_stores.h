// The user's own stores as the ground of a drill. They are read once, through calls that only look; everything that is done afterwards is
// done to a copy in memory.
//
// A source of at most OwnLimits::whole_bytes is copied file by file. A larger one is read record by record, and every n-th record of it, and at
// least one of each space, is put into a new store of the same kind: what was drilled is then a sample, and the record says so.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/drill/ground.h"
#include "lib/migrate/config.h"
#include "lib/os/world.h"

namespace rollproof::drill {

struct OwnLimits {
  uint64_t whole_bytes = 1 << 20;  // of the source's files; every case reads all of what is drilled, several times
};

struct OwnStores {
  migrate::Config config;          // as the library reads it
  Ground ground;                   // its configuration names the places in memory
  std::string lenient_config;      // the same, but a target that is slower than allowed is only recorded (for timing)
  uint64_t files = 0;              // of the source
  uint64_t file_bytes = 0;
  uint64_t records = 0;
  uint64_t record_bytes = 0;       // keys and values
  std::map<std::string, uint64_t> spaces;
  bool whole = true;               // otherwise `drilled_records` were chosen
  uint64_t drilled_records = 0;
  uint64_t drilled_bytes = 0;      // of the drilled source's files
  std::string new_key, second_key; // that nobody has, in two spaces where there are two
  std::string sha256;              // digest_of_originals() at the moment of the copy
  std::vector<std::string> left_out;  // what of the configuration takes no part, in words
};

// Code::invalid for a configuration that the library refuses, and if there is no source. Code::locked if another process holds the source, or
// works on a migration. Code::refused if a migration is under way (`rollproof can-rollback` tells about that one), if the target holds a
// store, if the source is damaged, if it changes while it is copied, and if it is too large to be copied and its kind can not be sampled.
Result<OwnStores> read_own_stores(os::World& world, const std::string& config_path, const OwnLimits& limits);

// Whether damage of a source of this kind can be told from what another program wrote into its files.
bool tells_of_damage(const OwnStores& own);

// Of the names, sizes and contents of every file of configuration, source, target and legacy JSON. Reads only.
Result<std::string> digest_of_originals(os::World& world, const migrate::Config& config);

// The stories of `folder`, told on these stores: their kinds, and in the place of {existing}, {new} and {second} a key of a record that
// is there, and new keys in two spaces.
Result<std::vector<Story>> stories_on(const OwnStores& own, const std::string& folder);

}  // namespace rollproof::drill
