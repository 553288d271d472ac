#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/model/explore.h"
#include "harness/model/scenarios.h"

namespace rollproof::model {
namespace {

TEST(Protocol, KeepsEveryPromise_InEveryReachableState) {
  uint64_t states = 0;
  std::vector<uint64_t> uses(64);
  for (const Scenario& scenario : scenarios()) {
    const Exploration found = explore({.scenario = scenario});
    EXPECT_FALSE(found.violation) << scenario.name << "\n" << found.trace;
    EXPECT_TRUE(found.complete) << scenario.name;
    fmt::print("{:>9} states {:>9} steps  {}\n", found.states, found.steps, scenario.name);
    states += found.states;
    for (size_t i = 0; i < uses.size(); ++i) uses[i] += found.uses[i];
  }
  fmt::print("{:>9} states in all\n", states);
  EXPECT_GT(states, 100'000u);
  // No empty green: every step and every fault was taken somewhere. Three steps belong to mutated rules alone.
  for (int action = 0; action <= static_cast<int>(Action::source_rots); ++action) {
    const auto mutated_only = {Action::acknowledge, Action::take_snapshot, Action::capture_way_back};
    const bool is_mutated =
        std::find(mutated_only.begin(), mutated_only.end(), static_cast<Action>(action)) != mutated_only.end();
    EXPECT_EQ(uses[action] == 0, is_mutated) << "action " << action;
  }
}

TEST(Protocol, BreaksThePromiseNamedForIt_WhenARuleIsSwitchedOff) {
  int caught = 0;
  for (const Mistake& mistake : mistakes()) {
    Model model{.scenario = scenario_named(mistake.scenario)};
    model.rules.*mistake.rule = false;
    const Exploration found = explore(model);
    if (!found.violation) {
      ADD_FAILURE() << mistake.name << ": not caught in " << found.states << " states";
      continue;
    }
    EXPECT_EQ(found.violation->promise, mistake.promise) << mistake.name << "\n" << found.trace;
    caught += found.violation->promise == mistake.promise;
    fmt::print("{} (promise {}, after {} states)\n{}\n", mistake.name, found.violation->promise, found.states, found.trace);
  }
  fmt::print("{} of {} mistakes caught by the promise named for them\n", caught, mistakes().size());
}

TEST(Protocol, GivesTheSameTraceTwice) {
  Model model{.scenario = scenario_named("one writer, two crashes, a failed sync")};
  model.rules.replay_at_recovery = false;
  const Exploration first = explore(model), second = explore(model);
  EXPECT_EQ(first.trace, second.trace);
  EXPECT_EQ(first.states, second.states);
}

}  // namespace
}  // namespace rollproof::model
