// What the rollbacks of a record add up to, as the lines of a checklist ask for it.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "reports/run.h"

namespace rollproof::reports {

struct LineFinding {
  std::string verdict;  // of a checklist line
  std::string evidence;
};

bool rolls_back(const Scenario& scenario);  // a rollback, or the recovery of one

// Scenarios all of whose planned cases a line asks for: what was left out, for whatever reason, is not measured. `nothing`: what is missing when
// there is no such scenario.
LineFinding judged(const Run& run, const std::function<bool(const Scenario&)>& chosen, const std::string& nothing);

// Promises that are checked after every case of every rollback: met if none of them was broken in any. `what`: what they say.
LineFinding promised(const Run& run, const std::set<int>& promises, const std::string& what);

// As promised(), but even then not measured: `missing` is something that the line wants and the drill does not do.
LineFinding promised_in_part(const Run& run, const std::set<int>& promises, const std::string& what, const std::string& missing);

}  // namespace rollproof::reports
