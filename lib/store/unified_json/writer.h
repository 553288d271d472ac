// Writes a whole unified file, or a run, from entries that come in the order of the file.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/os/file_system.h"
#include "lib/store/unified_json/sealed.h"

namespace rollproof::store::unified_json {

class FileWriter {
 public:
  // Creates the file, or empties one that is there, with mode and owner of `like` if that is not empty. A run has the same text, may hold
  // removals and has no end.
  static Result<FileWriter> create(os::FileSystem& files, const std::string& path, const std::string& like, const std::string& space, bool run);

  // REQUIRES: of this space, in the form of its value, behind every entry added before; a removal only in a run.
  Status add(const Entry& entry);
  // Writes the rest; a run is not synced. No call may follow.
  Result<Sealed::Facts> finish();

 private:
  FileWriter(std::unique_ptr<os::File> file, bool run) : file_(std::move(file)), run_(run) {}
  Status text(std::string_view text);
  Status flush();
  Status last_line(bool another);             // the entry that waits for its comma
  Status sections_until(record::Group group); // closes and opens, so that the next entry is of `group`
  Status close_section();

  std::unique_ptr<os::File> file_;
  bool run_;
  std::string buffer_;
  uint64_t written_ = 0;
  Sha256 digest_;
  BlockIndex index_;
  Sealed::Facts facts_;
  std::optional<record::Group> group_;  // of the section that is open or was last written
  bool open_ = false;
  std::optional<Place> waiting_;        // whose line is in line_
  std::string line_;
};

}  // namespace rollproof::store::unified_json
