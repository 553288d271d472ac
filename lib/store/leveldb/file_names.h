// The names that LevelDB gives its files, and where each number is found in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollproof::store::level {

// Below the database: files that an unlink would have destroyed wait here for the next checkpoint. LevelDB ignores the folder.
inline constexpr std::string_view kObsoleteFolder = "rollproof-obsolete";

enum class FileKind { current, lock, info_log, log, table, manifest, temporary, foreign };

struct FileName {
  FileKind kind = FileKind::foreign;
  uint64_t number = 0;  // 0 for kinds without one
};

// What `name` (no folder in it) is to LevelDB; FileKind::foreign for everything that LevelDB would not recognise.
FileName parse_file_name(std::string_view name);

std::string log_name(uint64_t number);
std::string table_name(uint64_t number);           // *.ldb
std::string old_table_name(uint64_t number);       // *.sst, written before LevelDB 1.14 and still read
std::string manifest_name(uint64_t number);

}  // namespace rollproof::store::level
