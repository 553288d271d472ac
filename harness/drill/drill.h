// A whole run: stories in, record out.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/drill/own_stores.h"
#include "harness/drill/events.h"
#include "harness/drill/shard.h"
#include "harness/drill/workers.h"

namespace rollproof::drill {

struct DrillOptions {
  Profile profile;
  std::string scenario = "*";  // pattern of stories or of scenarios
  uint64_t seed = 1;
  uint32_t jobs = 2;
  int64_t budget_ms = 0;       // 0: none; what is not run in time is excluded with that reason
  bool control_only = false;
  int stop_at_promise = 0;     // stop at the first violation of it; 0: go on to the end
  std::string fixtures;
  std::shared_ptr<const OwnStores> own;  // instead of fixtures: the user's stores
  Shard shard;                 // of the scenarios; every story is told all the same
  Judge judge;                 // for tests
  std::function<OrderedJson()> mutants;  // fills the record's `mutants`; may be empty
  std::function<void(const OrderedJson& event)> event;  // hears what happens (harness/drill/events.h); may be empty
};

// Asked for a line of progress now and then.
struct Progress {
  std::string story;
  size_t story_number = 0, stories = 0;
  uint64_t done = 0, total = 0;   // cases of this story
  uint64_t failed = 0;            // in the whole run
};

// The story, told on the ground that the options choose.
Result<Recording> recording_of(const Story& story, const DrillOptions& options);

// Code::invalid, naming the nearest, if the pattern matches neither a story nor a scenario of one. `told`: what the first `stories_ended` of the stories that
// match have come to, in a drill that died behind them; this one goes on with the next.
Result<Outcome> run_drill(const std::vector<Story>& stories, const DrillOptions& options, const std::function<void(const Progress&)>& progress, OutcomeFold told = {}, size_t stories_ended = 0);

}  // namespace rollproof::drill
