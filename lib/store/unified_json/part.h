// One part of a store of JSON files while it is open: the file on disk, runs, and the changes not written yet.
//
// Changes collect in the overlay. When the overlays of a store exceed their budget each becomes a run, a sorted temporary file that
// holds nothing that the journal does not hold; a fold merges overlay, runs and file into the new file. So a first copy writes
// every record twice, whatever its size. What the file looks like is for the kinds of parts to say.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/os/file_system.h"
#include "lib/store/unified_json/sealed.h"

namespace rollproof::store::unified_json {

class Part {
 public:
  // A snapshot shares the values; null is a removal.
  using Overlay = std::map<Place, std::shared_ptr<const std::string>>;

  // How files are named: the one that counts is `name` + `suffix`, what belongs to a fold ends in `temporary`.
  struct Naming {
    std::string name;
    std::string suffix;
    std::string temporary;
  };

  // Of a file with records of one space.
  Part(os::FileSystem& files, std::string directory, std::string space, Naming naming)
      : files_(files), directory_(std::move(directory)), space_(std::move(space)), naming_(std::move(naming)) {}
  virtual ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  std::string file_name() const { return naming_.name + naming_.suffix; }
  std::string path() const;

  void change(Place place, std::shared_ptr<const std::string> value, uint64_t& overlay_bytes);
  // False: there is neither such a record nor a change that concerns it.
  Result<bool> knows(const Place& place) const;
  Result<std::optional<std::string>> get(const Place& place) const;
  std::unique_ptr<Walker> walk() const;  // what is there now, without removals; later changes are not seen

  // A file of this store that is there: a new one of this part is for the same eyes. Empty: there is none.
  void set_neighbour(std::string path) { neighbour_ = std::move(path); }

  Status write_run();  // empties the overlay
  size_t runs() const { return runs_.size(); }
  bool changed() const { return !overlay_.empty() || !runs_.empty(); }

  // Writes the new file and renames it into place, durable except for its name. A part without records writes none unless `keep_empty`;
  // the old file is then still on disk, for remove_file(), and no longer read. True if a name has changed.
  virtual Result<bool> fold(bool keep_empty) = 0;
  bool is_empty() const { return empty_; }  // as of the last fold: no file is needed
  bool has_file() const { return stored_ != nullptr; }
  bool is_on_disk() const { return has_file() || outdated_; }
  virtual Status remove_file();
  // The file's line in a mark. REQUIRES: has_file().
  virtual std::string mark_line() const = 0;

 protected:
  std::string beside() const;  // where the new file is written
  std::string like() const { return is_on_disk() ? path() : neighbour_; }  // whose mode and owner it gets
  Result<std::optional<Entry>> change_of(const Place& place) const;
  std::unique_ptr<Walker> walk_changes() const;  // the newest change of each place, removals too
  // The changes are in `stored` now, or, if that is null, no file is needed any more.
  Status take_folded(std::shared_ptr<const Stored> stored);

  os::FileSystem& files_;
  const std::string directory_;
  const std::string space_;
  const Naming naming_;
  std::shared_ptr<const Stored> stored_;  // null if there is none
  bool empty_ = true;

 private:
  std::vector<std::unique_ptr<Walker>> change_walkers() const;

  Overlay overlay_;
  std::vector<std::shared_ptr<Sealed>> runs_;  // oldest first
  uint64_t runs_made_ = 0;
  std::string neighbour_;
  bool outdated_ = false;  // the file on disk holds records that are gone
};

}  // namespace rollproof::store::unified_json
