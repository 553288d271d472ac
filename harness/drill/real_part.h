// The real part of a run: a sample of faults brought about on real processes and a real disk, beside the simulated ones of the same scenarios.
#pragma once

#include <functional>
#include <optional>

#include "harness/drill/drill.h"
#include "harness/drill/real_result.h"
#include "harness/process/in_parallel.h"
#include "harness/process/real_sample.h"

namespace rollproof::drill {

struct RealOptions {
  std::string program;   // rollproof
  std::string database;  // a LevelDB folder; it is copied
  std::string folder;    // to work in, on the disk that is meant; made and removed
  process::RealCounts counts;
  std::vector<std::string> target_kinds = {"unified-json"};
  int64_t limit_ms = 300'000;  // no case begins behind it, and the record says how many did not
};
// As much as the profile gives: quick, default or deep.
RealOptions real_options_of(const Profile& profile);

// The cases of a run, at work in processes of their own while the simulation is: they wait for the disk most of the time. What this environment does not
// permit is left out and said, and is no failure; a mistake of the harness, or a command that fails without a fault, is `broke_off`.
class RealAtWork {
 public:
  // Of the scenarios that the shard of `options` holds; `options` outlives this. REQUIRES: one thread.
  RealAtWork(const DrillOptions& options, const RealOptions& real);
  RealAtWork(const RealAtWork&) = delete;
  // What is still at work is killed, and the folder removed.
  ~RealAtWork();

  // Waits for them; once. Only scenarios that `simulated` has keep their cases; of each of these the simulation is asked whether it allows the outcome. `heard` is
  // told of each result.
  RealOutcome finish(const std::vector<Story>& stories, const Outcome& simulated, const std::function<void(const RealResult&)>& heard);

 private:
  const DrillOptions& options_;
  const RealOptions real_;
  std::optional<process::AtWork> work_;
  std::optional<Error> not_begun_;
};

// In `out`: what real parts of drills that died have left.
void remove_real_leftovers(const std::string& out);

struct RealReplay {
  RealResult result;
  std::string text;
};
// One case on its own, told in words. Code::invalid for what is no id of a real case.
Result<RealReplay> replay_real(const std::string& id, const std::vector<Story>& stories, const DrillOptions& options, const RealOptions& real);

}  // namespace rollproof::drill
