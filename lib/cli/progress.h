// Progress on stderr: a bar on a terminal, at most ten redraws a second and never wrapped; elsewhere one plain line per 30 s.
#pragma once

#include <memory>

#include "lib/migrate/session.h"
#include "lib/os/world.h"

namespace rollproof::cli {

class ProgressBar {
 public:
  explicit ProgressBar(os::Clock& clock);
  ~ProgressBar();  // leaves an empty line behind on a terminal
  void show(const migrate::Progress& progress);

 private:
  std::string line(const migrate::Progress& progress) const;
  os::Clock& clock_;
  bool terminal_ = false;
  bool drawn_ = false;
  int64_t last_ms_ = -1;
  int64_t step_started_ms_ = 0;
  std::string step_;
};

// True after the first Ctrl-C or SIGTERM; the second ends the process at once (the journal makes that safe).
bool stop_requested();
void catch_signals();

}  // namespace rollproof::cli
