// rollproof.json: what is migrated to where. Comments are allowed; an unknown key is an error that names the nearest known one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/user_check.h"
#include "lib/os/file_system.h"
#include "lib/store/store.h"

namespace rollproof::migrate {

struct Config {
  std::string path;               // of rollproof.json
  std::string directory;          // that it lies in; relative paths start here
  store::Where source;            // path already relative to the current folder
  store::Where target;
  std::string source_text;        // as written in the file
  std::string target_text;
  std::string backups;            // folder of the backups
  std::string legacy_json;        // folder of legacy JSON files that belong into a backup; empty if none
  std::vector<std::string> known_exceptions;  // spaces or chain ids whose oddities are expected (seed 003: chain 31337)
  std::vector<UserCheck> checks;  // the user's own commands
  uint64_t memory_limit_bytes = 0;       // of this process; 0: what the system or the container allows
  uint64_t memory_limit_percent = 90;    // of that: above it a migration stops at its next safe point (seed 004)
  bool enforce_performance = true;  // slower than the documents allow is refused; otherwise it is only recorded
  std::string migration_id;       // set by Rollproof while a migration runs; empty otherwise
  std::string sealed_text;        // the file's text without the migration id: what a rollback has to give back

  std::string state_directory() const;  // `.rollproof` beside the file
};

// Code::invalid (path: the file) with line and column for malformed text; and with a hint if there is no file,
// if a value is not of its kind, or if stores and backups lie inside each other.
Result<Config> read_config(os::FileSystem& files, const std::string& path);

// The commented text of a new configuration.
std::string render_config(const store::Where& source, const store::Where& target);

// Puts the id into the file (one line), or takes it out again, however its owner has saved it since; everything else keeps its bytes (config_id.h).
// Idempotent, durable. Taken out it is only if this succeeds: Code::invalid if the file is no configuration at the moment.
Status write_migration_id(os::FileSystem& files, const std::string& path, std::string_view id);
Status remove_migration_id(os::FileSystem& files, const std::string& path);

}  // namespace rollproof::migrate
