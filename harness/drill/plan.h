// Which cases a story has under a profile: enumerated in a fixed order, identical ones taken out and counted, what the profile leaves
// out counted with its reason. planned = run + pruned + excluded.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/drill/case_run.h"
#include "harness/drill/profile.h"

namespace rollproof::drill {

struct Planned {
  uint32_t cell = 0;  // index in Plan::cells
  fault::Fault fault;
};

struct Counts {
  uint64_t planned = 0;
  uint64_t run = 0;     // to run, when planned
  uint64_t pruned = 0;
  std::map<std::string, uint64_t> excluded;  // by reason

  uint64_t excluded_total() const;
  bool adds_up() const { return planned == run + pruned + excluded_total(); }
};

struct Plan {
  std::vector<Cell> cells;     // in order of their first case
  std::vector<Counts> counts;  // by cell
  std::vector<Planned> cases;
};

// What has a case to run in a story told before: names of scenarios.
using Covered = std::set<std::string>;

// Of the scenarios that fit `pattern` only; which cases those have does not depend on it. A story that names its cases has those, whatever the profile.
// REQUIRES: `runner` belongs to `recording`.
// `covered` is added to; a thin profile asks it. May be null.
Plan plan_cases(const Recording& recording, CaseRunner& runner, const Profile& profile, std::string_view pattern = "*", Covered* covered = nullptr);

}  // namespace rollproof::drill
