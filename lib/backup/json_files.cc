#include "lib/backup/json_files.h"

#include "lib/os/paths.h"
#include "lib/record/json.h"

namespace rollproof::backup {

bool is_json(std::string_view path) {
  return path.ends_with(".json") && !path.starts_with("configuration/") && !path.starts_with("leveldb/") && path.find('/') != path.npos;
}

Result<std::optional<std::string>> why_malformed(os::FileSystem& files, const std::string& path) {
  auto text = os::read_file(files, path);
  if (!text) {
    if (text.error().code == Code::refused) return std::optional(text.error().message);
    return fail(std::move(text).error());
  }
  if (auto checked = record::json::check(*text); !checked) return std::optional(checked.error().message);
  return std::optional<std::string>();
}

}  // namespace rollproof::backup
