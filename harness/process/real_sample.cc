#include "harness/process/real_sample.h"

#include <algorithm>
#include <map>

#include "harness/sim/content.h"

namespace rollproof::process {
namespace {

using Kind = RealFault::Kind;

constexpr uint64_t kTooMuchKib = 64 << 10, kTooLittleKib = 4 << 10, kFineKib = 64;

struct Steps {
  std::vector<std::string> names;           // in order
  std::map<std::string, uint64_t> changes;  // of each
};

// Between two steps and behind the last one no step answers for what is found.
Steps steps_of(const std::vector<Site>& sites) {
  Steps steps;
  for (const Site& site : sites) {
    if (site.step == kBetween || site.step == kClose) continue;
    if (++steps.changes[site.step] == 1) steps.names.push_back(site.step);
  }
  return steps;
}

class Sampler {
 public:
  Sampler(const RealStage& stage, const std::vector<Site>& sites, uint64_t seed) : stage_(stage), steps_(steps_of(sites)), random_(seed * 1'000'003) {
    for (const char letter : stage.name) random_ = sim::scramble(random_ + static_cast<unsigned char>(letter));
  }

  // `hows` are taken in turn.
  void add(Kind kind, uint64_t every, const std::vector<std::string>& hows = {""}, bool at_opening = true, uint64_t times = 1) {
    if (every == 0) return;
    uint64_t turn = next(), step_number = next() % every;
    for (const std::string& step : steps_.names) {
      if (step == kOpen && !at_opening) continue;
      if (step_number++ % every != 0) continue;
      // Two runs differ by a few changes, so the last ones are not counted on; and a clock that is set behind the last event is seen by nobody.
      const uint64_t changes = steps_.changes[step], counted = kind == Kind::stall || kind == Kind::clock ? changes / 2 : changes - changes / 4;
      for (uint64_t i = 0; i < times; ++i) cases_.push_back({stage_, step, {kind, 1 + next() % std::max<uint64_t>(1, counted), hows[turn++ % hows.size()]}});
    }
  }
  void add_between(const std::vector<std::string>& hows, uint64_t every) {
    if (every == 0) return;
    uint64_t number = next() % every;
    for (const std::string& how : hows) {
      if (number++ % every == 0) cases_.push_back({stage_, kOpen, {Kind::damage, 0, how}});
    }
  }
  std::vector<RealCase> take() { return std::move(cases_); }

 private:
  uint64_t next() { return random_ = sim::scramble(random_ + 0x9e3779b97f4a7c15); }

  const RealStage& stage_;
  Steps steps_;
  uint64_t random_;
  std::vector<RealCase> cases_;
};

// Classes of files that there are when the stage begins, and that it looks at as a whole.
std::vector<std::string> damages_of(const RealStage& stage) {
  const bool first = stage.direction == "forward" && stage.phase == "validate";
  const bool has_backup = !first && stage.phase_before != "validate", has_target = has_backup;
  std::vector<std::string> damages;
  for (const char* word : {"flip", "cut", "lose"}) {
    for (const char* kind : {"source", "target", "backup", "journal"}) {
      const std::string of = kind;
      if ((of == "source" && first) || (of == "backup" && !has_backup) || (of == "target" && !has_target)) continue;
      damages.push_back(std::string(word) + " " + kind);
    }
  }
  return damages;
}

}  // namespace

RealCounts RealCounts::few() {
  return {.kill_every = 3, .kill_every_back = 0, .memory_every = 13, .stall_every = 17, .clock_every = 17, .second_every = 13, .signal_every = 17, .damage_every = 11, .damage_dead_every = 0};
}

RealCounts RealCounts::deep() {
  return {.kill_every_back = 1, .kills = 4, .memory_every = 1, .stall_every = 1, .clock_every = 1, .second_every = 1, .signal_every = 1, .damage_every = 1, .damage_dead_every = 1, .memory_limits = true};
}

std::vector<RealCase> sample_of(const RealStage& stage, const std::vector<Site>& sites, const RealCounts& counts, uint64_t seed) {
  Sampler sampler(stage, sites, seed);
  const bool last_way_back = stage.direction == "rollback" && stage.phase == "cutover";
  sampler.add(Kind::kill, stage.direction == "forward" || last_way_back ? counts.kill_every : counts.kill_every_back, {""}, true, counts.kills);
  if (memory_can_be_limited()) sampler.add(Kind::memory, counts.memory_every);
  if (!faketime_library().empty()) {
    sampler.add(Kind::stall, counts.stall_every);
    sampler.add(Kind::clock, counts.clock_every, {"forward", "back"});
  }
  // At its opening a command may not hold the lock yet.
  sampler.add(Kind::second, counts.second_every, {"rollback", "recover", "cancel", "migrate"}, false);
  sampler.add(Kind::signal, counts.signal_every, {"SIGTERM", "SIGINT", "SIGINT twice"}, false);
  sampler.add_between(damages_of(stage), counts.damage_every);
  // What lies in a store before a recovery is not compared as a whole (lib/ASSUMPTIONS.md).
  if (stage.phase_before != "validate") sampler.add(Kind::damage, counts.damage_dead_every, {"flip backup", "lose backup", "cut backup"}, false);
  return sampler.take();
}

Result<std::vector<uint64_t>> memory_limits_of(const RealStart& start, const RealStage& stage, const std::string& folder) {
  uint64_t enough = kTooMuchKib, too_little = kTooLittleKib;
  while (enough - too_little > kFineKib) {
    const uint64_t middle = (enough + too_little) / 2 / kFineKib * kFineKib;
    ROLLPROOF_ASSIGN(const RealRun run, run_real(start, {stage, kOpen, {Kind::memory_limit, middle, ""}}, folder));
    (run.command.exit_code == 0 ? enough : too_little) = middle;
  }
  std::vector<uint64_t> sizes;
  // Just not enough, and further from it: that fails sooner.
  for (const uint64_t less : {0, 1, 2, 4, 8, 16}) {
    if (too_little > less * kFineKib) sizes.push_back(too_little - less * kFineKib);
  }
  return sizes;
}

}  // namespace rollproof::process
