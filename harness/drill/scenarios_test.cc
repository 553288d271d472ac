// What the stories in scenarios/ reach: every step that the library has, and every way back from every phase.
#include <gtest/gtest.h>

#include <set>

#include "harness/drill/drill.h"
#include "lib/migrate/phases.h"
#include "lib/rollback/rollback.h"

namespace rollproof::drill {
namespace {

using migrate::Phase;
using Set = std::set<std::string>;

std::string key(std::string_view phase, std::string_view direction, std::string_view step) { return std::string(phase) + " " + std::string(direction) + " " + std::string(step); }

// Everything that the stories do without a fault.
struct Reached {
  Set steps;      // "copy forward drain"
  Set ways_back;  // "copy to dual-write"
  Set sources_back;  // "unified-json copy": kinds of sources that were gone back to, and from where
};

Reached everything_reached() {
  Reached reached;
  const auto stories = load_stories(ROLLPROOF_SOURCE_DIR "/scenarios");
  EXPECT_TRUE(stories);
  const DrillOptions options{.fixtures = ROLLPROOF_SOURCE_DIR "/fixtures"};
  for (const Story& story : *stories) {
    const auto recording = recording_of(story, options);
    EXPECT_TRUE(recording) << story.name;
    if (!recording) continue;
    for (uint64_t k = recording->first_drilled(); k < recording->trace().size(); ++k) {
      const Cell& cell = recording->cells[k];
      reached.steps.insert(key(cell.phase, cell.direction, cell.step));
    }
    for (size_t i = recording->first_drilled_command; i < recording->log.commands.size(); ++i) {
      const auto& logged = recording->log.commands[i];
      EXPECT_EQ(subject::wrong_with_answer(logged.command, logged.answer), "") << story.name << ": " << logged.command.to_string();
      if (logged.command.kind != subject::Command::Kind::rollback) continue;
      const std::string from = recording->cell_at(logged.begun_at, fault::Kind::crash).phase;
      reached.ways_back.insert(from + " to " + logged.command.argument);
      reached.sources_back.insert(story.source_kind + " " + from);
    }
  }
  return reached;
}

const Reached& reached() {
  static const Reached once = everything_reached();
  return once;
}

// What a rollback from the end of `phase` may consist of.
migrate::State after(Phase phase) {
  migrate::State state;
  state.active = true;
  state.in_session = phase != Phase::validate;  // then it has started something
  state.route = phase == Phase::validate ? migrate::Route::source_only : phase == Phase::cutover ? migrate::Route::dual_target_first : migrate::Route::dual_source_first;
  return state;
}

TEST(Scenarios, ReachEveryStepOfEveryPhase) {
  size_t steps = 0;
  for (const Phase phase : migrate::kPhases) {
    for (const auto& step : migrate::steps_of(phase)) {
      ++steps;
      EXPECT_TRUE(reached().steps.contains(key(name_of(phase), "forward", step.name))) << "no story reaches " << name_of(phase) << "/" << step.name;
    }
  }
  EXPECT_GE(steps, 24u);
}

TEST(Scenarios, ReachEveryStepOfTheRollbackFromEveryPhase) {
  for (const Phase phase : migrate::kPhases) {
    Set names;
    for (const auto& step : rollback::rollback_steps(after(phase), "source")) names.insert(step.name);
    if (phase != Phase::validate) {
      for (const auto& step : rollback::rollback_steps(after(phase), "dual-write")) names.insert(step.name);
      names.insert("restore-source");  // inside the first of them, when the source is damaged
    }
    EXPECT_GE(names.size(), 4u);
    for (const std::string& name : names) EXPECT_TRUE(reached().steps.contains(key(name_of(phase), "rollback", name))) << "no story reaches " << name << " from " << name_of(phase);
  }
}

TEST(Scenarios, GoBackFromEveryPhaseToEveryEarlierOne) {
  for (const Phase from : migrate::kPhases) {
    EXPECT_TRUE(reached().ways_back.contains(std::string(name_of(from)) + " to source")) << name_of(from);
    for (const Phase to : migrate::kPhases) {
      if (to == Phase::validate || to >= from) continue;  // validate is no place to stop at: nothing was begun
      EXPECT_TRUE(reached().ways_back.contains(std::string(name_of(from)) + " to " + std::string(name_of(to)))) << name_of(from) << " to " << name_of(to);
    }
  }
}

TEST(Scenarios, GoBackToEveryKindOfSource) {
  for (const char* kind : {"leveldb", "network-json", "unified-json"}) {
    for (const char* from : {"dual-write", "copy", "prove", "cutover"}) EXPECT_TRUE(reached().sources_back.contains(std::string(kind) + " " + from)) << kind << " from " << from;
  }
}

}  // namespace
}  // namespace rollproof::drill
