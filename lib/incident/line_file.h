// A file of lines that is a rendering of the journal's control events: appended while a session runs, checked when it is opened, and
// rendered anew from the journal whenever it is not exactly the beginning of what the journal says.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/os/file_system.h"

namespace rollproof::incident {

// In what state a file was found when it was opened.
enum class Found {
  missing,  // nothing there, or an empty file
  sound,    // exactly what the journal says, or an older state of it that ends with a line
  torn,     // its end is what a power loss may leave of lines that had not been synced; rendered anew
  damaged,  // bytes that had been synced are others now, or bytes that nobody of ours wrote; rendered anew
};
std::string_view name_of(Found found);

class LineFile {
 public:
  // Opens `path` such that it holds exactly `lines` (each with its newline). Whole lines that are there already are kept and the rest
  // is appended; anything else is replaced as a whole (os::replace_file). `durable`: how many bytes of `lines` are known to have been
  // synced into the file before; only with it can damage within them be told from a torn end.
  // `again`: what is kept is written once more, the same bytes in the same place. After a sync that failed a file may read as a whole, and its next sync
  // succeed without having written it.
  static Result<LineFile> with_content(os::FileSystem& files, const std::string& path, std::string_view lines, uint64_t durable, bool again, Found& found);

  // Whether the file holds exactly `lines`; changes nothing. One that can not be read does not. An absent file holds none.
  static Result<bool> is_current(os::FileSystem& files, const std::string& path, std::string_view lines);

  // Appends; not durable before sync(). After an error the file may end in a part of the lines; the next append replaces that part.
  Status append(std::string_view lines);
  Status sync();

 private:
  LineFile(std::unique_ptr<os::File> file, uint64_t size) : file_(std::move(file)), size_(size) {}
  std::unique_ptr<os::File> file_;
  uint64_t size_ = 0;
};

}  // namespace rollproof::incident
