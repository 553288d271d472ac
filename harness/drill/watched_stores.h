// Whose files the journal of a disk knows, and whether somebody has them open: what may be damaged so that whoever opens the stores next has to see it.
#pragma once

#include <string>

#include "harness/drill/recording.h"

namespace rollproof::drill {

struct WatchedStores {
  bool active = false;      // a migration has begun and not ended
  bool backed_up = false;     // the journal has sealed a backup of it
  bool in_operation = false;  // a migration or a rollback is under way, and whoever recovers carries it on
  bool in_session = false;  // the recovery opens them; otherwise only the next command that needs them
  bool source = false;      // a mark or a fingerprint names its files
  bool target = false;
  std::string source_mark, target_mark;  // of the last checkpoint; empty: none
};

// Nothing is watched where there is no migration, or no journal that can be read.
WatchedStores watched_stores(const Recording& recording, const sim::Image& image);

}  // namespace rollproof::drill
