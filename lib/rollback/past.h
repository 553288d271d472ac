// The last rollback of a journal, as its entries and their times tell it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/migrate/config.h"
#include "lib/migrate/state.h"
#include "lib/os/world.h"

namespace rollproof::rollback {

struct Past {
  migrate::Phase phase = migrate::Phase::validate;  // the furthest one that had been begun: the one that is rolled back
  std::string operation_id;
  std::string incident;                 // that it opened; empty if a version without incidents began it
  std::string goal;                     // the end of a phase, or "source"
  int64_t begun_ms = 0;                 // wall clock
  std::optional<int64_t> ended_ms;      // nothing: it has not ended
  bool succeeded = false;
  std::vector<std::pair<std::string, int64_t>> steps;  // done, in order, with the moment
  std::map<std::string, migrate::Json> facts;          // by step

  int64_t taken_ms() const { return ended_ms.value_or(begun_ms) - begun_ms; }
  const migrate::Json* fact(const std::string& step, const char* name) const;
};

// Nothing if there was none. Reads only.
Result<std::optional<Past>> last_rollback(os::World& world, const migrate::Config& config);

}  // namespace rollproof::rollback
