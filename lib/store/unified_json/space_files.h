// What one space consists of while its store is open: a part whose file is sealed text in the format of FORMAT.md.
#pragma once

#include <string>

#include "lib/store/unified_json/part.h"

namespace rollproof::store::unified_json {

inline constexpr std::string_view kSuffix = ".unified.json";
inline constexpr std::string_view kTemporarySuffix = ".unified.json.tmp";

class SpaceFiles final : public Part {
 public:
  // Another suffix is for a store that keeps such files beside files of another format.
  SpaceFiles(os::FileSystem& files, std::string directory, const std::string& space, const std::string& suffix = std::string(kSuffix))
      : Part(files, std::move(directory), space, {space, suffix, suffix + ".tmp"}) {}

  Status read_file();  // takes the file on disk
  Result<bool> fold(bool keep_empty) override;
  std::string mark_line() const override;

 private:
  std::shared_ptr<const Sealed> file_;  // what stored_ is
};

}  // namespace rollproof::store::unified_json
