// How far the running step is, for others to read: `.rollproof/progress.json`, written by whoever is at work at most once a second. It is
// a cache, never synced: who closes the ledger removes it, and so does the next one to open it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/migrate/config.h"
#include "lib/migrate/session.h"
#include "lib/os/world.h"

namespace rollproof::cli {

struct LiveProgress {
  int64_t pid = 0;
  std::string phase;
  std::string step;
  uint64_t records = 0;
  uint64_t records_total = 0;   // 0: not known
  uint64_t rate_per_s = 0;      // 0: not known yet
  int64_t updated_ms = 0;       // wall clock

  std::optional<uint64_t> seconds_left() const;
  std::string to_text() const;  // "copy/copy-records  12,000 of 100,000 records, 80,000/s, 1 s left"
};

class ProgressFile {
 public:
  ProgressFile(os::World& world, std::string config_path) : world_(world), config_path_(std::move(config_path)) {}
  // Trouble with the file is nobody's trouble: the work goes on, and the file is not tried again.
  void show(const migrate::Progress& progress);

 private:
  Status write(const migrate::Progress& progress, int64_t now_ms);
  os::World& world_;
  const std::string config_path_;
  std::string path_;
  bool given_up_ = false;
  int64_t last_ms_ = -1;  // monotonic; of the last write, or of the first call
  int64_t step_started_ms_ = 0;
  std::string step_;
};

// What the file says, if whoever wrote it is the one that holds the lock now, and it is about the step that the journal says is under way.
std::optional<LiveProgress> read_progress(os::World& world, const migrate::Config& config, const migrate::State& state, const std::string& holder);

}  // namespace rollproof::cli
