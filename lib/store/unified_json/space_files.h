// What one space consists of while its store is open: the file on disk, runs, and the changes not written yet.
//
// Changes collect in the overlay. When the overlays of a store exceed their budget each becomes a run, a sorted temporary file that
// holds nothing that the journal does not hold; a fold merges overlay, runs and file into the new file. So a first copy writes
// every record twice, whatever its size.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/os/world.h"
#include "lib/store/unified_json/sealed.h"

namespace rollproof::store::unified_json {

inline constexpr std::string_view kSuffix = ".unified.json";
inline constexpr std::string_view kTemporarySuffix = ".unified.json.tmp";

class SpaceFiles {
 public:
  // A snapshot shares the values; null is a removal.
  using Overlay = std::map<Place, std::shared_ptr<const std::string>>;

  SpaceFiles(os::FileSystem& files, std::string directory, std::string space)
      : files_(files), directory_(std::move(directory)), space_(std::move(space)) {}

  Status read_file();  // takes the file on disk
  std::string path() const;

  void change(Place place, std::shared_ptr<const std::string> value, uint64_t& overlay_bytes);
  Result<std::optional<std::string>> get(const Place& place) const;
  std::unique_ptr<Walker> walk() const;  // what is there now, without removals; later changes are not seen

  Status write_run();  // empties the overlay
  size_t runs() const { return runs_.size(); }
  bool changed() const { return !overlay_.empty() || !runs_.empty(); }

  // Writes the new file and renames it into place, durable except for its name. A space without records writes none unless `keep_empty`;
  // the old file is then still on disk, for remove_file(), and no longer read. True if a name has changed.
  Result<bool> fold(bool keep_empty);
  bool is_empty() const { return empty_; }  // as of the last fold
  bool is_on_disk() const { return file_ != nullptr || outdated_; }
  Status remove_file();
  const Sealed* file() const { return file_.get(); }

 private:
  os::FileSystem& files_;
  const std::string directory_;
  const std::string space_;
  Overlay overlay_;
  std::vector<std::shared_ptr<Sealed>> runs_;  // oldest first
  uint64_t runs_made_ = 0;
  std::shared_ptr<Sealed> file_;  // null if there is none
  bool empty_ = true;
  bool outdated_ = false;  // the file on disk holds records that are gone
};

}  // namespace rollproof::store::unified_json
