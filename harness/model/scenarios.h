// The surroundings in which the protocol is explored, and the mistakes that must be found in them.
#pragma once

#include <vector>

#include "harness/model/state.h"

namespace rollproof::model {

// The states of all of them together are what "exhaustively explored" means here.
std::vector<Scenario> scenarios();
Scenario scenario_named(const std::string& name);  // REQUIRES: there is one

// A rule switched off, the promise that this breaks, and the scenario that shows it.
struct Mistake {
  const char* name;
  bool Rules::*rule;
  int promise;
  const char* scenario;
};
std::vector<Mistake> mistakes();

}  // namespace rollproof::model
